"""Clips with scripted events, for measuring proctoring: drawn when they are needed from media that registries carry."""
