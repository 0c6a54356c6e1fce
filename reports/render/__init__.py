"""Renders a report's content: one model, several formats."""
