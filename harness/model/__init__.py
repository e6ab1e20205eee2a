"""The words of the harness as frozen values: finding, policy, verdict, record, check."""
