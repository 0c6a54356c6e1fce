"""The control API: accounts, sessions, invites, what an interview left behind, and one plain interview page."""
