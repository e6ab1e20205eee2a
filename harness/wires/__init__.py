"""The connections between target and services, with the harness on them: observe, and break."""
