"""harness.toml, read once into frozen settings; nothing is opened or started here."""
