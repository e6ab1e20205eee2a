"""The organization a caller belongs to."""
