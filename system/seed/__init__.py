"""Deterministic, skewed test data."""
