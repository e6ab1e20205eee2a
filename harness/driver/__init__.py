"""Users and their clock: ten thousand coroutines under Locust's own master."""
