"""The whole exercise: watch the idle target, send everything, cut the windows."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from harness.config.settings import HintSettings, Settings
from harness.errors import ConfigurationError, HarnessError
from harness.exercise.asking import Asking, SignIn
from harness.exercise.bound import Bound
from harness.exercise.course import Course
from harness.exercise.depths import refuses_deep_pages
from harness.exercise.model import Exercise, Reached, Window
from harness.exercise.named import disagreements
from harness.exercise.operations import Operation, read_operations
from harness.exercise.paging import looks_like, pages_bounded
from harness.exercise.pool import Pool
from harness.exercise.quiet import Quiet
from harness.exercise.seats import Seat, Tally
from harness.exercise.session import Session
from harness.exercise.shared_cache import SharedCache
from harness.exercise.windows import cut
from harness.model.progress import Progress
from harness.target.identity import LOGIN_S, credentials
from harness.target.placeholders import Values
from harness.target.target import Identity, Target
from harness.wires.model import Closed, Connected, Event, Statement, Undecodable
from harness.wires.statements import distinct

SETS: Final = re.compile(r"\b(?:SET|RESET|DISCARD|set_config)\b", re.IGNORECASE)
ANONYMOUS: Final = Identity(name="anonymous", tenant="", role="", plan="ordinary", headers={})


async def exercise(target: Target, settings: Settings, progress: Progress) -> Exercise:
    """Send every operation of the contract as every identity, one at a time, and see what crosses the wires.

    Writes to the target, removes what it made itself, and empties the target's Redis of what came there
    meanwhile. Raises ConfigurationError where the target is not disposable, TargetFailed for a contract
    that cannot be read, ServiceFailed where a wire dies.
    """
    if not settings.target.disposable:
        raise ConfigurationError("the exercise writes, and [target] does not say `disposable = true`")
    began_s = time.monotonic()
    operations = read_operations(target.contract.document)
    callers = target.identities or (ANONYMOUS,)
    # Values are salted by the identity's name: two of one tenant must not make the same unique ones.
    seats = [Seat(identity, Pool(identity.name)) for identity in callers]
    quiet = Quiet(target.wires.values())
    async with (
        SharedCache(target.services.get("redis", "")) as cache,
        Session(target.instances, quiet, cache, settings.exercise.timeout_s) as session,
    ):
        await quiet.settle()
        skip = {kind: (await wire.counters()).events for kind, wire in target.wires.items()}
        watched_s = time.monotonic()
        if target.wires:
            progress.stage(f"exercise: the idle target is watched for {settings.exercise.idle_s:g} s")
            await asyncio.sleep(settings.exercise.idle_s)  # its passing is what is measured by
        watched = (watched_s, time.monotonic())
        await quiet.learn()
        bound = Bound(len(operations))
        asking = Asking(operations, session, bound, _signing_in(target, settings))
        course = Course(operations, seats, asking, _hints(settings, seats))
        progress.stage(f"exercise: {len(operations)} operations as {len(seats)} identities")
        await course.explore()
        reached = sum(tally.reached for tally in course.tallies.values())
        progress.stage(f"exercise: {reached} of {len(operations)} reached; now cold and warm, in other forms")
        await course.repeat(settings.exercise.repeats, settings.exercise.variants)
        await course.finish()
        await session.settle()
        until_s = time.monotonic()
        logs = {kind: await wire.events() for kind, wire in target.wires.items()}
        refused = {kind: (await wire.counters()).unconnected for kind, wire in target.wires.items()}
    fresh = {kind: events[skip[kind] :] for kind, events in logs.items()}
    postgres, redis = fresh.get("postgres", []), fresh.get("redis", [])
    parted = cut(postgres, redis, session.sent, watched, until_s)
    standing = _standing(logs.get("postgres", [])[: skip.get("postgres", 0)])
    return Exercise(
        operations=tuple(_reached(one, course.tallies[one.name], parted.windows) for one in operations),
        windows=parted.windows,
        queries=distinct([*standing, *postgres]),
        idle=parted.idle,
        disagreements=disagreements(parted.windows, _operation_ids(target.contract.document)),
        statements=sum(isinstance(event, Statement) for event in postgres),
        undecodable={
            kind: sum(isinstance(event, Undecodable) for event in events) for kind, events in logs.items()
        },
        refused=refused,
        warm_only=cache.broken,
        took_s=time.monotonic() - began_s,
        requests=bound.sent,
        failures=tuple(asking.failures),
        cut=bound.cut(),
        unwired=dict(target.unwired),
    )


def _reached(operation: Operation, tally: Tally, windows: Sequence[Window]) -> Reached:
    return Reached(
        operation=operation.name,
        reached=tally.reached,
        statuses=dict(tally.statuses),
        reason="" if tally.reached else tally.reason or "no request was sent",
        looks_like=looks_like(operation),
        pages_bounded=pages_bounded(operation) or refuses_deep_pages(operation, windows),
    )


def _signing_in(target: Target, settings: Settings) -> SignIn:
    """How an identity with a login gets a fresh token, if it has one at all."""

    async def sign_in_again(identity: Identity) -> Identity | None:
        for each in settings.identities:
            if each.name == identity.name and each.login:
                base_url = target.instances[0]
                async with httpx.AsyncClient(base_url=base_url, timeout=LOGIN_S, trust_env=False) as client:
                    with contextlib.suppress(HarnessError):
                        return await credentials(each, client, Values({}))
        return None

    return sign_in_again


def _hints(settings: Settings, seats: Sequence[Seat]) -> dict[tuple[str, str], HintSettings]:
    """Hints by operation and identity: those of harness.toml, and how each identity signs in."""
    hints: dict[tuple[str, str], HintSettings] = {}
    values = Values({})
    for each in settings.identities:
        if each.login and each.login.operation not in settings.exercise.hints:
            body = values.fill_table(each.login.body, f"[[identities]] {each.name} login.body")
            hints[each.login.operation, each.name] = HintSettings(body=body)
    for name, hint in settings.exercise.hints.items():
        for seat in seats:
            hints[name, seat.identity.name] = hint
    return hints


def _standing(events: Sequence[Event]) -> list[Event]:
    """Of what was before: the connections that are still open, and what was set on them."""
    gone = {event.connection for event in events if isinstance(event, Closed)}
    return [
        event
        for event in events
        if event.connection not in gone
        and (isinstance(event, Connected) or (isinstance(event, Statement) and SETS.search(event.sql)))
    ]


def _operation_ids(document: bytes) -> dict[str, str]:
    """The operationId of each operation, where the contract gives it."""
    paths: Mapping[str, Any] = json.loads(document).get("paths", {})
    return {
        f"{method.upper()} {path}": str(item[method]["operationId"])
        for path, item in paths.items()
        if isinstance(item, dict)
        for method in item
        if isinstance(item[method], dict) and "operationId" in item[method]
    }
