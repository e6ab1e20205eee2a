"""From an exercise to what the record keeps of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from harness.config.settings import Settings
from harness.exercise.measurement import Asked, ExerciseMeasurement, RouteWork, Sent
from harness.exercise.model import Exercise, Seen, Warmth, Window
from harness.target.placeholders import SERVICES
from harness.target.target import Target

SQL_CHARACTERS: Final = 1_000


async def measure(exercise: Exercise, target: Target, settings: Settings) -> ExerciseMeasurement:
    """Sum the windows up; nothing is touched, the exercise is over."""
    return ExerciseMeasurement(
        operations=exercise.operations,
        routes=routes(exercise.windows),
        idle=exercise.idle,
        disagreements=exercise.disagreements,
        failures=exercise.failures,
        cut=exercise.cut,
        statements=exercise.statements,
        undecodable=exercise.undecodable,
        refused=exercise.refused,
        warm_only=exercise.warm_only,
        unwired=exercise.unwired,
        wired=tuple(target.wires),
        addressed=addressed(settings),
        requests=exercise.requests,
        answered=sum(is_answered(window) for window in exercise.windows),
        took_s=exercise.took_s,
    )


def is_answered(window: Window) -> bool:
    """Whether the answer was 2xx."""
    return 200 <= window.call.status < 300  # noqa: PLR2004 - 2xx


def routes(windows: Iterable[Window]) -> tuple[RouteWork, ...]:
    """The work of each operation, cold and warm apart, of its answered requests."""
    groups: dict[tuple[str, Warmth], list[Window]] = defaultdict(list)
    for window in windows:
        if is_answered(window):
            groups[window.call.operation, window.call.warmth].append(window)
    return tuple(
        RouteWork(
            operation=operation,
            warmth=warmth,
            requests=len(each),
            statements=_sent(each, lambda window: window.statements),
            after=_sent(each, lambda window: window.after),
            commands=_asked(each),
        )
        for (operation, warmth), each in sorted(groups.items())
    )


def addressed(settings: Settings) -> tuple[str, ...]:
    """The services whose placeholder is somewhere in what the target is started with."""
    target = settings.target
    texts: list[str] = []
    if target.process:
        texts += [*target.process.command, *target.process.env.values()]
    if target.container:
        texts += target.container.env.values()
    for worker in target.workers.values():
        texts += [*worker.command, *worker.env.values()]
    return tuple(kind for kind in SERVICES if any(f"{{{kind}}}" in text for text in texts))


def _sent(windows: Sequence[Window], which: Callable[[Window], tuple[Seen, ...]]) -> tuple[Sent, ...]:
    counts: dict[str, list[int]] = defaultdict(list)
    sql: dict[str, str] = {}
    for window in windows:
        for fingerprint, count in Counter(seen.fingerprint for seen in which(window)).items():
            counts[fingerprint].append(count)
        for seen in which(window):
            sql.setdefault(seen.fingerprint, seen.statement.sql[:SQL_CHARACTERS])
    return tuple(
        Sent(
            fingerprint=fingerprint,
            sql=sql[fingerprint],
            least=min(each) if len(each) == len(windows) else 0,
            most=max(each),
            requests=len(each),
        )
        for fingerprint, each in counts.items()
    )


def _asked(windows: Sequence[Window]) -> tuple[Asked, ...]:
    commands = [command for window in windows for command in window.commands]
    outcomes = Counter((command.name, command.outcome) for command in commands)
    return tuple(
        Asked(name=name, count=count, hits=outcomes[name, "hit"], misses=outcomes[name, "miss"])
        for name, count in Counter(command.name for command in commands).most_common()
    )
