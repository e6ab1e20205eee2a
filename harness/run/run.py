"""One run: target up, checks in order, record, gate, report."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from harness import __version__
from harness.config.policy import demand_profile, resolve_policy
from harness.config.settings import LoadProfile, Settings
from harness.errors import ConfigurationError, ServiceFailed
from harness.exercise.check import CHECK as EXERCISE
from harness.gate.checks import CHECKS
from harness.gate.gate import judge
from harness.gate.storage import write_record, write_verdict
from harness.model.check import Check, Needs
from harness.model.progress import Progress
from harness.model.record import ProcessFacts, Record, Skipped
from harness.model.verdict import Verdict
from harness.report.files import write_report
from harness.run.machine import describe_machine
from harness.run.offered import Offered
from harness.target.launch import launch
from harness.target.preflight import preflight
from harness.target.target import Target


def _nothing_beside(_: Target) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to run: the settings and the folder of harness.toml, the profile, the checks by name.

    `out` is the folder that gets `<run>/` and `latest`; `beside` goes on beside the checks once the
    target is up: proving a gate plants its faults there.
    """

    settings: Settings
    config_folder: Path
    profile: str
    checks: tuple[str, ...]
    out: Path
    web_ui: bool = False
    beside: Callable[[Target], AbstractAsyncContextManager[None]] = _nothing_beside


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run that came to a verdict."""

    folder: Path
    record: Record
    verdict: Verdict


async def run(request: Request, progress: Progress) -> Finished:
    """Measure, record, judge and report. Raises the errors of the rooms below; logs stay in the folder.

    The target is launched once on wires for everything functional, and once direct for timed load.
    """
    settings = request.settings
    checks = _chosen(request.checks)
    _chosen(settings.required)
    names = tuple(check.name for check in checks)
    load = demand_profile(settings, request.profile) if "load" in names else None
    preflight(users=load.users if load else 0)
    started = datetime.now(UTC)
    folder = _run_folder(request, started)
    progress.stage(f"run {folder.name}")
    taken = Taken()
    for launched in (_on_wires(checks), _direct(checks)):
        if launched:
            await _measure(request, launched, load, folder, taken=taken, progress=progress)
    finished = datetime.now(UTC)
    policy = resolve_policy(settings, request.profile, taken.operations)
    required = required_of(request.checks, names, (*policy.required, *taken.broken))
    record = Record(
        run=folder.name,
        harness=__version__,
        target=settings.target.name,
        profile=request.profile,
        started_at=_iso(started),
        finished_at=_iso(finished),
        judged_at=_iso(finished),
        machine=describe_machine(),
        processes=tuple(dict.fromkeys(taken.processes)),
        placement=taken.placement,
        policy=msgspec.structs.replace(policy, required=required),
        measurements=taken.measurements,
        skipped=tuple(taken.skipped),
        files=_files(folder),
    )
    progress.stage("judging")
    write_record(folder, record)
    verdict = judge(record)
    write_verdict(folder, verdict)
    write_report(folder, record, verdict)
    _point_latest(request.out, folder)
    return Finished(folder=folder, record=record, verdict=verdict)


@dataclass
class Taken:
    """What the launches of a run have brought so far. `broken` are the checks that began and failed."""

    measurements: dict[str, msgspec.Raw] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    processes: list[ProcessFacts] = field(default_factory=list)
    placement: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()


async def _measure(
    request: Request,
    checks: Sequence[Check[Any]],
    load: LoadProfile | None,
    folder: Path,
    *,
    taken: Taken,
    progress: Progress,
) -> None:
    """Launch the target in the way that these checks want, and have each of them measure."""
    settings = request.settings
    async with (
        launch(
            settings,
            config_folder=request.config_folder,
            folder=folder,
            size=(load.size if load else None) or settings.target.size,
            load=any(check.name == "load" for check in checks),
            wired=any(check.needs.wires for check in checks),
            progress=progress,
        ) as target,
        request.beside(target),
        AsyncExitStack() as stack,
    ):
        taken.processes += target.facts
        taken.placement = target.placement.shared()
        taken.operations = target.contract.operations
        more = {"profile": load, "config_folder": request.config_folder, "web_ui": request.web_ui}
        offered = Offered(target, settings, progress, stack, more)
        for check in checks:
            if reason := _unmet(check.needs, settings, target):
                taken.skipped.append(Skipped(check=check.name, reason=reason))
                continue
            progress.stage(f"check {check.name}")
            try:
                measurement = await check.measure(**await offered.arguments(check))
            except ServiceFailed as error:
                if not check.needs.exercise:
                    raise
                # The exercise stands and the target is well: what failed is the copy beside it.
                taken.skipped.append(Skipped(check=check.name, reason=str(error)))
                taken.broken.append(check.name)
                continue
            taken.measurements[check.name] = msgspec.Raw(msgspec.json.encode(measurement))


def _chosen(names: Sequence[str]) -> tuple[Check[Any], ...]:
    """The checks of these names and what they stand on, in the order in which they are walked."""
    known = {check.name: check for check in CHECKS}
    if unknown := [name for name in names if name not in known]:
        message = f"no check is named {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        raise ConfigurationError(message)
    wanted = {*names}
    if any(known[name].needs.exercise for name in names):
        wanted.add(EXERCISE.name)
    return tuple(check for check in CHECKS if check.name in wanted)


def required_of(asked: Sequence[str], names: Sequence[str], declared: Sequence[str]) -> tuple[str, ...]:
    """The checks without which this run has no verdict, of those `names` that it walks.

    What was not asked for cannot be missed; one that was asked for alone is all that was wanted, so that it
    cannot be left out and the run pass by what it stands on.
    """
    alone = asked if len(asked) == 1 else ()
    return tuple(name for name in names if name in declared or name in alone)


def _on_wires(checks: Sequence[Check[Any]]) -> tuple[Check[Any], ...]:
    return tuple(check for check in checks if check.needs.wires)


def _direct(checks: Sequence[Check[Any]]) -> tuple[Check[Any], ...]:
    return tuple(check for check in checks if not check.needs.wires)


def _unmet(needs: Needs, settings: Settings, target: Target) -> str:
    """Why the check cannot run on this target, or nothing."""
    if needs.disposable and not settings.target.disposable:
        return "it writes and loads, and [target] does not say `disposable = true`"
    for kind in needs.services:
        if kind not in target.services:
            return f"it needs [services.{kind}]"
        if needs.wires and kind in target.unwired:
            return f"it needs a wire to {kind}: {target.unwired[kind]}"
    if len(target.identities) < needs.identities:
        return f"it needs {needs.identities} [[identities]], and there are {len(target.identities)}"
    for section in needs.sections:
        if not getattr(settings, section, None):
            return f"it needs [{section}]"
    return ""


def _run_folder(request: Request, started: datetime) -> Path:
    """Make the run's own folder; its name sorts by time and is drawn so that two runs never share it."""
    name = f"{started:%Y%m%d-%H%M%S}-{request.profile}-{secrets.token_hex(2)}"
    folder = request.out / name
    (folder / "logs").mkdir(parents=True)
    return folder.resolve()


def _point_latest(out: Path, folder: Path) -> None:
    """Point `latest` at the run in one step, so that a reader never finds it missing."""
    fresh = out / f".latest-{folder.name}"
    fresh.symlink_to(folder.name)
    fresh.replace(out / "latest")


def _files(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
