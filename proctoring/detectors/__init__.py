"""Detectors: each turns one frame into one `Observation`, and judges nothing."""
