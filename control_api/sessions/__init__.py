"""Interview sessions, and what they left behind."""
