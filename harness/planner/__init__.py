"""Statements planned on disposable clones, at the size the data will have."""
