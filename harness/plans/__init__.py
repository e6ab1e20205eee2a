"""The check `plans`."""
