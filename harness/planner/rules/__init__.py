"""Rules about plans, one module each: `RULE`, its thresholds with their sources, and `violations(case)`."""
