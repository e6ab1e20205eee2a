"""Statements inside SQL functions: a plan shows only that a function was called, so they are planned too.

Bodies in other languages have no text that could be planned without running them; they are left out.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import psycopg
from msgspec import Struct
from psycopg.rows import dict_row
from sqlglot import exp

from harness.planner.parsing import parameters_in, parsed, split, substituted, written
from harness.planner.questions import GENERIC, Question, is_plannable
from harness.planner.sessions import RefusedError, Session
from harness.wires.model import Parameter
from harness.wires.statements import Setting

_ATOMIC: Final = re.compile(r"^\s*begin\s+atomic\b(.*)\bend\s*;?\s*$", re.IGNORECASE | re.DOTALL)
_RETURN: Final = re.compile(r"^\s*return\b", re.IGNORECASE)


class Function(Struct, frozen=True, kw_only=True):
    """An SQL function: its argument names (empty where unnamed), and what it runs as.

    `statements` are those of its body that have a plan, with `$n` for its arguments.
    """

    name: str
    owner: str
    definer: bool
    settings: tuple[Setting, ...]
    arguments: tuple[str, ...]
    oids: tuple[int, ...]
    types: tuple[str, ...]
    statements: tuple[str, ...]


def bodies(address: str, asked: Sequence[Question], columns: Collection[str]) -> list[Question]:
    """Questions about the bodies of functions that these questions call, under the callers' fingerprints.

    Arguments are evaluated by the server with the caller's own parameters; where they come from the
    caller's rows, only the generic plan is asked. `columns` are the names of all columns: an argument
    of such a name is the column, unless it is qualified by the function's name.
    """
    functions = _functions(address, columns)
    if not functions:
        return []
    word = re.compile(rf"\b({'|'.join(map(re.escape, functions))})\b\"?\s*\(", re.IGNORECASE)
    inner: list[Question] = []
    sessions: dict[tuple[str, tuple[tuple[str, str], ...]], Session] = {}
    try:
        for question in asked:
            if word.search(question.sql) is None:
                continue
            for function, arguments in _calls(question.sql, functions):
                if question.label == GENERIC:
                    inner.extend(_generic(question, function))
                    continue
                key = question.user, tuple(sorted(question.options.items()))
                if key not in sessions or sessions[key].lost:
                    sessions[key] = Session(address, question.user, question.options)
                values = _evaluated(sessions[key], question, function, arguments)
                if values is not None:
                    inner.extend(_with_values(question, function, values))
    finally:
        for session in sessions.values():
            session.close()
    return list({repr(question): question for question in inner}.values())


def _functions(address: str, columns: Collection[str]) -> dict[str, list[Function]]:
    found: dict[str, list[Function]] = {}
    statement = files("harness.planner").joinpath("sql_functions.sql").read_bytes()
    with psycopg.connect(address, row_factory=dict_row) as connection:
        for row in connection.execute(statement):
            if not row["inlined"]:
                function = _function(row, columns)
                if function.statements:
                    found.setdefault(function.name.lower(), []).append(function)
    return found


def _function(row: Mapping[str, Any], columns: Collection[str]) -> Function:
    arguments = tuple(row["arguments"])
    pairs = (setting.split("=", 1) for setting in row["settings"])
    return Function(
        name=row["name"],
        owner=row["owner"],
        definer=row["definer"],
        settings=tuple(_set(name, value) for name, value in pairs),
        arguments=arguments,
        oids=tuple(row["oids"]),
        types=tuple(row["types"]),
        statements=tuple(_statements(row["name"], arguments, row["body"], columns)),
    )


def _set(name: str, value: str) -> Setting:
    quoted = value.replace("'", "''")
    if name == "search_path":  # pg_proc keeps it as the list that it is
        return Setting(f"SET LOCAL search_path = {value}")
    return Setting(f"SET LOCAL {name} = '{quoted}'")


def _statements(name: str, arguments: tuple[str, ...], body: str, columns: Collection[str]) -> Iterator[str]:
    atomic = _ATOMIC.match(body)
    numbers = {f"{name}.{argument}": i for i, argument in enumerate(arguments, start=1) if argument}
    numbers |= {
        argument: i for i, argument in enumerate(arguments, start=1) if argument and argument not in columns
    }
    for text in split(atomic[1] if atomic else _RETURN.sub("SELECT", body)):
        statement = substituted(text, numbers)
        tree = parsed(statement)
        if is_plannable(statement) and (tree is None or tree.find(exp.Table) is not None):
            yield statement


def _calls(
    sql: str, functions: Mapping[str, Sequence[Function]]
) -> Iterator[tuple[Function, tuple[exp.Expr, ...]]]:
    """Each call of a known function with its arguments in their order; defaults leave a call out."""
    tree = parsed(sql)
    if tree is None:
        return
    for call in tree.find_all(exp.Anonymous):
        for function in functions.get(call.name.lower(), ()):
            arguments = _in_order(call.expressions, function)
            if arguments is not None:
                yield function, arguments


def _in_order(given: Sequence[exp.Expr], function: Function) -> tuple[exp.Expr, ...] | None:
    placed: dict[int, exp.Expr] = {}
    for place, argument in enumerate(given):
        if isinstance(argument, exp.Kwarg | exp.PropertyEQ):
            name = argument.this.name
            if name not in function.arguments:
                return None
            placed[function.arguments.index(name)] = argument.expression
        else:
            placed[place] = argument
    wanted = range(len(function.oids))
    return tuple(placed[place] for place in wanted) if set(placed) == set(wanted) else None


def _evaluated(
    session: Session, question: Question, function: Function, arguments: Sequence[exp.Expr]
) -> tuple[Parameter, ...] | None:
    """The values that the function gets; None where they are of the caller's rows."""
    if not arguments:
        return ()
    used = sorted({number for argument in arguments for number in parameters_in(argument)})
    if any(number > len(question.parameters) for number in used):
        return None
    renumbered = {f"${number}": place for place, number in enumerate(used, start=1)}
    expressions = [
        f"({_PLACE.sub(lambda match: f'${renumbered[match[0]]}', written(argument))})::{kind}::text"
        for argument, kind in zip(arguments, function.types, strict=True)
    ]
    try:
        session.enter(question.settings, generic=False)
        result = session.run(
            f"SELECT {', '.join(expressions)}", tuple(question.parameters[number - 1] for number in used)
        )
    except RefusedError:
        session.leave()
        return None
    return tuple(Parameter(result.get_value(0, place), oid=oid) for place, oid in enumerate(function.oids))


_PLACE: Final = re.compile(r"\$\d+")


def _generic(question: Question, function: Function) -> Iterator[Question]:
    yield from _with_values(question, function, tuple(Parameter(None, oid=oid) for oid in function.oids))


def _with_values(question: Question, function: Function, values: tuple[Parameter, ...]) -> Iterator[Question]:
    # The caller's role may have been set in one statement with all else: it is put off again afterwards.
    owner = function.owner.replace('"', '""')
    become = (Setting(f'SET LOCAL ROLE "{owner}"'),) if function.definer else ()
    together = (*question.settings, *become, *function.settings)
    for place, statement in enumerate(function.statements, start=1):
        yield Question(
            fingerprint=question.fingerprint,
            sql=statement,
            label=question.label,
            number=question.number,
            within=function.name if place == 1 else f"{function.name}#{place}",
            user=function.owner if function.definer else question.user,
            options={} if function.definer else question.options,
            settings=together,
            parameters=values,
        )
