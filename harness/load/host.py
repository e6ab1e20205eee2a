"""Was the machine ours: what others took of the cores, where that could explain a slow answer."""

from collections.abc import Iterable, Iterator

from harness.load.model import HARNESS, LoadMeasurement
from harness.load.wording import percent
from harness.model.finding import Effect, Finding, Severity

FOREIGN_SHARE = 0.2
"""Of a core. In a quiet run the run's own processes explain their cores' time to within 0.03; with a fifth
of a core taken at random, the queue of a service that is half busy is already half as long again
(M/M/1: waiting grows with u/(1−u), from 1.0 at u = 0.5 to 1.5 at 0.6)."""
STEAL_SHARE = 0.1


def judge_host(measurement: LoadMeasurement, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Time that other processes, or other machines of the host, took of the run's cores.

    It invalidates a run only where a timing finding stands against the target: answers that were fast
    enough in spite of the neighbours were fast enough. Other processes are judged only where every
    process of the run is measured and held to cores; steal always.
    """
    against = [one for one in findings if one.timing and one.effect is not Effect.NONE]
    # A container, a server of someone else's, a process held to no core: each would look like a neighbour.
    known = measurement.complete and all(one.cores for one in measurement.processes)
    placed = {one.cores for one in measurement.processes if one.cores and one.role != HARNESS}
    for cores in sorted(placed):
        busy = [core for core in measurement.cores if core.core in cores]
        # The keeper may run on any core: what little it uses counts as ours on each.
        own = sum(one.cpu_share for one in measurement.processes if not set(cores).isdisjoint(one.cores))
        foreign = sum(core.busy for core in busy) - own
        stolen = sum(core.steal for core in busy)
        named = ", ".join(str(core) for core in cores)
        if foreign > FOREIGN_SHARE and known:
            yield _disturbed(
                f"cores:{named}",
                f"Processes that are not of this run used {percent(foreign)} of a core on core {named}, "
                f"beside {percent(own)} by the run's own.",
                "Run on a machine that does nothing else, or end what runs beside.",
                decides=bool(against),
            )
        if stolen > STEAL_SHARE:
            yield _disturbed(
                f"steal:{named}",
                f"The host withheld {percent(stolen)} of a core on core {named} (steal).",
                "Run on a machine whose cores are its own.",
                decides=bool(against),
            )


def _disturbed(aspect: str, detail: str, remedy: str, *, decides: bool) -> Finding:
    note = (
        "It takes back the timing findings that stand."
        if decides
        else "No timing finding stands: it changed nothing."
    )
    return Finding(
        rule="load/host",
        severity=Severity.WARNING if decides else Severity.INFO,
        effect=Effect.INVALID if decides else Effect.NONE,
        subject="machine",
        aspect=aspect,
        detail=f"{detail} {note}",
        remedy=remedy,
        timing=decides,
    )
