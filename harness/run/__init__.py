"""A profile: target up, checks in order, record, gate, report."""
