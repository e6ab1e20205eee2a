"""The cache of answers never has anything: a key that changes every time, a lifetime of nothing."""

FAMILY = "load"
SENTENCE = "The assistant's answer cache misses every time."
OPERATION = "POST /api/v1/assistant/ask"
RULE = "load/hit-rate"
NAMES = "POST /api/v1/assistant/ask"
OUTCOME = "fail"
MODULE = "system.cache"


def inside(module):
    through = module.Cache.through

    async def forgetting(cache, namespace, key, life_s, load):
        if namespace.startswith("answers:"):
            return module.Cached(await load(), module.CacheStatus.STORED)
        return await through(cache, namespace, key, life_s, load)

    module.Cache.through = forgetting
