"""The cache of answers never has anything: a key that changes every time, a lifetime of nothing."""

FAMILY = "load"
SENTENCE = "The assistant's answer cache misses every time."
OPERATION = "POST /api/v1/assistant/ask"
RULE = "load/hit-rate"
NAMES = "POST /api/v1/assistant/ask"
OUTCOME = "fail"
MODULE = "system.assistant.answers"


def inside(module):
    raise NotImplementedError
