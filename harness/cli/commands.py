"""The commands: parse, call, print, exit."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from msgspec import structs

from harness.cli.guard import guarded, interruptible
from harness.config.load import load_settings
from harness.config.policy import demand_profile, resolve_policy
from harness.config.settings import Settings
from harness.errors import ConfigurationError, ExitCode
from harness.gate.checks import CHECKS
from harness.gate.gate import judge
from harness.gate.storage import read_record, write_verdict
from harness.model.policy import Policy
from harness.model.record import Record
from harness.model.verdict import Verdict
from harness.prove.mutant import find_mutants
from harness.prove.prove import prove as prove_mutants
from harness.report.detection import print_detection
from harness.report.files import write_report
from harness.report.terminal import Terminal, print_document, print_verdict
from harness.run.run import Finished, Request
from harness.run.run import run as run_checks

app = typer.Typer(
    help="Decide whether a multi-tenant web service is fit to release, and show why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[Path, typer.Option(help="The target's harness.toml.")]
Out = Annotated[Path, typer.Option(help="Where runs are kept; `latest` in it points at the newest.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Profile = Annotated[str, typer.Option(help="A profile of [load.profiles].")]
Provider = Annotated[
    str, typer.Option(help="Where services come from: embedded, containers; default as harness.toml says.")
]
RunFolder = Annotated[Path, typer.Argument(help="The folder of a run, such as out/latest.")]

CONFIG = Path("harness.toml")
OUT = Path("out")
CHANGE = "change"
"""The profile of everything that is not timed."""
PROVIDERS = {"embedded": "embedded", "container": "container", "containers": "container"}


@app.command()
def load(
    config: Config = CONFIG,
    profile: Profile = "full",
    out: Out = OUT,
    ui: Annotated[bool, typer.Option("--ui", help="Show Locust's web page meanwhile.")] = False,
    provider: Provider = "",
    as_json: AsJson = False,
) -> None:
    """Load the target with a profile's users, and judge what they saw."""
    _run_and_exit(config, profile, ("load",), out, provider, as_json=as_json, web_ui=ui)


@app.command()
def run(
    config: Config = CONFIG,
    profile: Profile = "full",
    out: Out = OUT,
    provider: Provider = "",
    as_json: AsJson = False,
) -> None:
    """Run all checks of a profile, then gate and report; the profile `change` is all but load."""
    names = tuple(check.name for check in CHECKS if profile != CHANGE or check.name != "load")
    _run_and_exit(config, profile, names, out, provider, as_json=as_json, web_ui=False)


@app.command()
def exercise(
    config: Config = CONFIG, out: Out = OUT, provider: Provider = "", as_json: AsJson = False
) -> None:
    """Try every operation as every identity, and show what each has its services do."""
    _run_and_exit(config, CHANGE, ("exercise",), out, provider, as_json=as_json, web_ui=False)


@app.command()
def plans(config: Config = CONFIG, out: Out = OUT, provider: Provider = "", as_json: AsJson = False) -> None:
    """Plan every statement of every operation at the size the data will have."""
    _run_and_exit(config, CHANGE, ("plans",), out, provider, as_json=as_json, web_ui=False)


@app.command()
def indexes(
    config: Config = CONFIG, out: Out = OUT, provider: Provider = "", as_json: AsJson = False
) -> None:
    """Look for indexes that are missing, double, unused or broken, and for those nothing would miss."""
    _run_and_exit(config, CHANGE, ("indexes",), out, provider, as_json=as_json, web_ui=False)


@app.command()
def gate(
    folder: RunFolder,
    as_of: Annotated[str, typer.Option(help="Judge at this time (ISO 8601) instead of the run's.")] = "",
    policy: Annotated[
        Path | None, typer.Option(help="A harness.toml with other budgets and waivers.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a record again, without the target; as it was judged, the verdict is the same to the byte."""

    def judged() -> tuple[Record, Verdict]:
        record = read_record(folder)
        if policy:
            record = structs.replace(record, policy=_other_policy(record, policy))
        verdict = judge(record, judged_at=_time(as_of))
        if not as_of and policy is None:
            write_verdict(folder, verdict)
        return record, verdict

    record, verdict = guarded(judged)
    _print_and_exit(folder, record, verdict, as_json=as_json)


@app.command()
def report(folder: RunFolder, as_json: AsJson = False) -> None:
    """Write a run's pages again from its record."""

    def written() -> tuple[Record, Verdict]:
        record = read_record(folder)
        verdict = judge(record)
        write_report(folder, record, verdict)
        return record, verdict

    record, verdict = guarded(written)
    _print_and_exit(folder, record, verdict, as_json=as_json)


@app.command()
def prove(
    config: Config = CONFIG,
    profile: Profile = "prove",
    family: Annotated[str, typer.Option(help="Only mutants of these families: plans,indexes.")] = "",
    mutants: Annotated[Path, typer.Option(help="The folder of mutants.")] = Path("tests/mutants"),
    clean: Annotated[int, typer.Option(min=1, help="Runs of the unchanged target.")] = 2,
    jobs: Annotated[int, typer.Option(min=1, help="So many at once, where nothing is timed.")] = 1,
    out: Out = OUT,
    as_json: AsJson = False,
) -> None:
    """Plant each fault and show that the verdict turns; prints the detection table."""

    def proved() -> Any:
        chosen = find_mutants(mutants, family)
        names = tuple(sorted({mutant.family for mutant in chosen}))
        request = _request(config, profile, names, out, "", web_ui=False)
        with Terminal(quiet=as_json) as progress:
            return interruptible(prove_mutants(request, chosen, clean, progress, jobs))

    detection = guarded(proved)
    print_detection(detection, as_json=as_json)
    _exit(ExitCode.PASS if detection.good else ExitCode.FAIL)


def _run_and_exit(
    config: Path,
    profile: str,
    checks: tuple[str, ...],
    out: Path,
    provider: str,
    *,
    as_json: bool,
    web_ui: bool,
) -> NoReturn:
    def finished() -> Finished:
        request = _request(config, profile, checks, out, provider, web_ui=web_ui)
        with Terminal(quiet=as_json) as progress:
            return interruptible(run_checks(request, progress))

    done = guarded(finished)
    _print_and_exit(_shown(done.folder), done.record, done.verdict, as_json=as_json)


def _request(
    config: Path, profile: str, checks: tuple[str, ...], out: Path, provider: str, *, web_ui: bool
) -> Request:
    settings = _provided(load_settings(config), provider)
    folder = config.resolve().parent
    return Request(
        settings=settings, config_folder=folder, profile=profile, checks=checks, out=out, web_ui=web_ui
    )


def _provided(settings: Settings, provider: str) -> Settings:
    """The settings with Postgres and Redis from one provider; as they are where none is named.

    The model server stays what it is: a container of Ollama has to be told which models to fetch.
    """
    if not provider:
        return settings
    if provider not in PROVIDERS:
        message = f"--provider {provider}: unknown; known: {', '.join(PROVIDERS)}"
        raise ConfigurationError(message)
    services = {
        kind: service.model_copy(update={"provider": PROVIDERS[provider]})
        for kind in ("postgres", "redis")
        if (service := getattr(settings.services, kind))
    }
    return settings.model_copy(update={"services": settings.services.model_copy(update=services)})


def _other_policy(record: Record, path: Path) -> Policy:
    """The policy of another harness.toml, for the profile, the checks and the contract of this record."""
    settings = load_settings(path, to_run=False)
    if "load" in record.measurements:
        demand_profile(settings, record.profile)
    policy = resolve_policy(settings, record.profile, record.policy.operations)
    asked = {*record.measurements, *(one.check for one in record.skipped)}
    return structs.replace(policy, required=tuple(name for name in policy.required if name in asked))


def _time(text: str) -> str | None:
    """A time given by hand as the record writes times: ISO 8601, UTC, to the second."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--as-of {text}: not an ISO 8601 time, such as 2026-11-23 or 2026-11-23T19:00:00Z"
        raise ConfigurationError(message) from error
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shown(folder: Path) -> Path:
    """A folder as one would type it from here."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _print_and_exit(folder: Path, record: Record, verdict: Verdict, *, as_json: bool) -> NoReturn:
    if as_json:
        print_document(record, verdict)
    else:
        print_verdict(folder, record, verdict)
    _exit(verdict.outcome.exit_code)


def _exit(code: ExitCode) -> NoReturn:
    raise SystemExit(int(code))
