"""The check `indexes`."""
