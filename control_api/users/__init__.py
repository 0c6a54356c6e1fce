"""Accounts of recruiters, proctors and admins."""
