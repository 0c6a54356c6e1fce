"""Clients of the services that Viva calls: language models for now."""
