"""Invite links: how a candidate without an account gets a seat."""
