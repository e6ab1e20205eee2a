"""The format of a mutant: one planted fault, one sentence, and what a finding must name.

A mutant is a file `<family>/<id>.py` or `<family>/<id>.sql`. It says as constants (in SQL as leading
comments, `-- family: plans`):

    FAMILY     the check that must see it: load, plans, cache, …
    SENTENCE   the fault, as one would tell it to a colleague
    OPERATION  the operation it sits in, or * for all
    RULE       the rule of the finding that must appear; `a | b` where either names the cause
    NAMES      what that finding must name, in its subject, detail or evidence
    OUTCOME    the verdict it must turn to: fail, inconclusive or invalid

and plants the fault in one of three ways:

    MODULE and inside(module)   in the target's own Python processes, once they imported the module
    async outside(site)         from outside, while the load goes on: signals to processes
    the SQL itself              run on the target's Postgres after it was prepared
"""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from harness.errors import ConfigurationError
from harness.model.verdict import Outcome

_CONSTANTS = ("FAMILY", "SENTENCE", "OPERATION", "RULE", "NAMES", "OUTCOME")
_RULE = re.compile(r"[a-z]+/[a-z][a-z-]*")


class Planting(StrEnum):
    """Where a mutant's fault is put."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    SQL = "sql"


class Mutant(Struct, frozen=True, kw_only=True):
    """A planted fault; see the module for what each field says. `id` is `family/stem of the file`.

    `rule` is as written: one id, or several with ` | ` between them.
    """

    id: str
    family: str
    sentence: str
    operation: str
    rule: str
    names: str
    outcome: Outcome
    planting: Planting
    path: Path

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of which one must speak."""
        return tuple(rule.strip() for rule in self.rule.split("|"))


def find_mutants(folder: Path, family: str = "") -> tuple[Mutant, ...]:
    """All mutants below a folder, or those of some families (`plans,indexes`).

    ConfigurationError names each bad file, or the families that no mutant is of.
    """
    mistakes: list[str] = []
    mutants: list[Mutant] = []
    for path in sorted((*folder.glob("*/*.py"), *folder.glob("*/*.sql"))):
        try:
            mutants.append(read_mutant(path))
        except ConfigurationError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigurationError(*mistakes)
    families = sorted({mutant.family for mutant in mutants})
    wanted = {name.strip() for name in family.split(",") if name.strip()}
    if unknown := sorted(wanted.difference(families)):
        known = ", ".join(families) or "none"
        raise ConfigurationError(
            *(f"no mutant of family `{name}` in {folder}; families: {known}" for name in unknown)
        )
    return tuple(mutant for mutant in mutants if not wanted or mutant.family in wanted)


def read_mutant(path: Path) -> Mutant:
    """One file; a mutant written in Python is read, not run."""
    text = path.read_text(encoding="utf-8")
    values = dict(_sql_constants(text) if path.suffix == ".sql" else _python_constants(text, path))
    if missing := [name for name in _CONSTANTS if not values.get(name)]:
        message = f"{path}: a mutant says {', '.join(missing)}; see harness/prove/mutant.py"
        raise ConfigurationError(message)
    if values["OUTCOME"] not in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.INVALID):
        message = f"{path}: OUTCOME is fail, inconclusive or invalid, not {values['OUTCOME']!r}"
        raise ConfigurationError(message)
    if malformed := [rule for rule in values["RULE"].split("|") if not _RULE.fullmatch(rule.strip())]:
        wrong = malformed[0].strip()
        message = f"{path}: RULE is `check/rule`, or several with ` | ` between them, not {wrong!r}"
        raise ConfigurationError(message)
    if values["FAMILY"] != path.parent.name:
        message = f"{path}: FAMILY is {values['FAMILY']!r}, and the folder {path.parent.name!r}"
        raise ConfigurationError(message)
    return Mutant(
        id=f"{path.parent.name}/{path.stem}",
        family=values["FAMILY"],
        sentence=values["SENTENCE"],
        operation=values["OPERATION"],
        rule=values["RULE"],
        names=values["NAMES"],
        outcome=Outcome(values["OUTCOME"]),
        planting=_planting(path, text, values),
        path=path.resolve(),
    )


def _python_constants(text: str, path: Path) -> Iterator[tuple[str, str]]:
    """NAME = "text" at the top of a module; joined literals count as one."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        message = f"{path}:{error.lineno}: not Python: {error.msg}"
        raise ConfigurationError(message) from error
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for name in node.targets:
                if isinstance(name, ast.Name):
                    yield name.id, str(node.value.value)


def _sql_constants(text: str) -> Iterator[tuple[str, str]]:
    """`-- name: text` in the leading comments."""
    for line in text.splitlines():
        if not line.startswith("--"):
            return
        name, _, value = line.removeprefix("--").partition(":")
        yield name.strip().upper(), value.strip()


def _planting(path: Path, text: str, values: dict[str, str]) -> Planting:
    if path.suffix == ".sql":
        return Planting.SQL
    defined = {
        node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    if "inside" in defined and values.get("MODULE"):
        return Planting.INSIDE
    if "outside" in defined:
        return Planting.OUTSIDE
    message = f"{path}: a mutant defines inside(module) with MODULE, or async outside(site)"
    raise ConfigurationError(message)
