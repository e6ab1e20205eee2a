"""The timed load: ten thousand users against the target, judged by shares over budget."""
