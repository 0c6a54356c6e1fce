"""Measurements, one module a claim: each prints a table and writes `build/bench/NAME.json`."""
