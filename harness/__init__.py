"""harness decides whether a multi-tenant web service is fit to release, and shows why."""

__version__ = "0.1.0"
