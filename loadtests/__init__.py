"""The load of the reference system: who uses it, how often, and for what."""
