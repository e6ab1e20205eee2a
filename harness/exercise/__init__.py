"""The serial functional pass: every operation, as every identity, one request at a time."""
