"""Which arguments of a Redis command are keys, and what an answer says about them."""

from collections.abc import Sequence
from typing import Final

from harness.wires.resp import Failure, Value


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


FIRST: Final = words("""
    APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS DECR DECRBY DUMP EXPIRE EXPIREAT EXPIRETIME GEOADD GEODIST
    GEOHASH GEOPOS GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT GETDEL
    GETEX GETRANGE GETSET HDEL HEXISTS HEXPIRE HEXPIREAT HEXPIRETIME HGET HGETALL HGETDEL HGETEX HINCRBY
    HINCRBYFLOAT HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL HRANDFIELD HSCAN HSET
    HSETEX HSETNX HSTRLEN HTTL HVALS INCR INCRBY INCRBYFLOAT LINDEX LINSERT LLEN LPOP LPOS LPUSH LPUSHX
    LRANGE LREM LSET LTRIM MOVE PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PSETEX PTTL RESTORE RPOP
    RPUSH RPUSHX SADD SCARD SET SETBIT SETEX SETNX SETRANGE SISMEMBER SMEMBERS SMISMEMBER SORT SORT_RO
    SPOP SRANDMEMBER SREM SSCAN STRLEN SUBSTR TTL TYPE XACK XADD XAUTOCLAIM XCLAIM XDEL XLEN XPENDING
    XRANGE XREVRANGE XSETID XTRIM ZADD ZCARD ZCOUNT ZINCRBY ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER
    ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE
    ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE JSON.GET JSON.SET JSON.DEL
    """)
TWO: Final = words("""
    BLMOVE BRPOPLPUSH COPY GEOSEARCHSTORE LCS LMOVE RENAME RENAMENX RPOPLPUSH SMOVE ZRANGESTORE
    """)
EVERY: Final = words("""
    DEL EXISTS MGET PFCOUNT PFMERGE SDIFF SDIFFSTORE SINTER SINTERSTORE SUNION SUNIONSTORE TOUCH UNLINK WATCH
    """)
PAIRS: Final = frozenset({"MSET", "MSETNX"})
BUT_LAST: Final = frozenset({"BLPOP", "BRPOP", "BZPOPMAX", "BZPOPMIN", "JSON.MGET"})
COUNTED: Final = {
    **dict.fromkeys(("EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO", "BLMPOP", "BZMPOP"), 1),
    **dict.fromkeys(("LMPOP", "ZMPOP", "SINTERCARD", "ZDIFF", "ZINTER", "ZINTERCARD", "ZUNION"), 0),
}
"""Where the number of keys stands; the keys follow it."""
STORES: Final = frozenset({"ZDIFFSTORE", "ZINTERSTORE", "ZUNIONSTORE"})
SECOND: Final = frozenset({"OBJECT", "MEMORY", "XINFO", "XGROUP", "BITOP", "DEBUG"})
BLOCKING: Final = frozenset(
    {"BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMAX", "BZPOPMIN", "BZMPOP", "WAIT", "WAITAOF"}
)
READS: Final = words("""
    GET GETEX GETDEL MGET HGET HMGET HGETALL HGETEX HGETDEL HKEYS HVALS HRANDFIELD EXISTS SMEMBERS SRANDMEMBER
    SDIFF SINTER SUNION LRANGE LINDEX ZRANGE ZRANGEBYSCORE ZRANGEBYLEX ZREVRANGE ZREVRANGEBYSCORE
    ZREVRANGEBYLEX ZRANDMEMBER ZSCORE ZMSCORE ZINTER ZUNION ZDIFF XRANGE XREVRANGE GEOSEARCH GEOPOS DUMP
    JSON.GET JSON.MGET
    """)
SECRET: Final = frozenset({"AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE"})
"""Their arguments may be passwords: they are not kept."""


def keys(name: str, arguments: Sequence[bytes]) -> tuple[str, ...]:
    """The keys of a command; none for commands that are not known. Bytes that are no UTF-8 are escaped."""
    return tuple(key.decode(errors="backslashreplace") for key in positions(name, arguments))


def positions(name: str, arguments: Sequence[bytes]) -> Sequence[bytes]:
    """The arguments that are keys, in order."""
    if name in FIRST:
        return arguments[:1]
    if name in EVERY:
        return arguments
    if name in COUNTED:
        return counted(arguments[COUNTED[name] :])
    if name in TWO:
        return arguments[:2]
    if name in PAIRS:
        return arguments[::2]
    if name in BUT_LAST:
        return arguments[:-1]
    if name in STORES:
        return [*arguments[:1], *counted(arguments[1:])]
    if name in {"XREAD", "XREADGROUP"}:
        return streams(arguments)
    if name == "BITOP":
        return arguments[1:]
    if name in SECOND:
        return arguments[1:2]
    return ()


def counted(arguments: Sequence[bytes]) -> Sequence[bytes]:
    """Keys after their number."""
    if not arguments or not arguments[0].isdigit():
        return ()
    return arguments[1 : 1 + int(arguments[0])]


def streams(arguments: Sequence[bytes]) -> Sequence[bytes]:
    """Keys after the word STREAMS; as many ids follow."""
    for index, word in enumerate(arguments):
        if word.upper() == b"STREAMS":
            rest = arguments[index + 1 :]
            return rest[: len(rest) // 2]
    return ()


def blocks(name: str, arguments: Sequence[bytes]) -> bool:
    """Whether the command may wait for others, so that its silence says nothing of the service."""
    if name in {"XREAD", "XREADGROUP"}:
        return any(word.upper() == b"BLOCK" for word in arguments)
    return name in BLOCKING


def outcome(name: str, key_count: int, value: Value) -> str:
    """Hit, miss, ok or error: what the answer says.

    A string that is there is a hit, be it empty; a null, a collection that is empty or lacks a member
    is a miss. EXISTS is a hit where it counts every key.
    """
    if isinstance(value, Failure):
        return "error"
    if name not in READS:
        return "ok"
    if name == "EXISTS":
        return "hit" if isinstance(value, int) and value >= key_count else "miss"
    if isinstance(value, list):
        return "hit" if value and None not in value else "miss"
    return "miss" if value is None else "hit"
