"""Agents that answer questions about an organization's own figures, on a local model."""
