"""Valid requests for an operation: hints, examples, harvested ids, schemas, in this order."""

from harness.config.settings import HintSettings
from harness.exercise.composition import Missing, Prepared, compose
from harness.exercise.operations import Operation
from harness.exercise.paging import looks_like, pages_bounded
from harness.exercise.pool import Pool
from harness.exercise.variants import forms

__all__ = [
    "MOST_VARIANTS",
    "Missing",
    "Prepared",
    "looks_like",
    "pages_bounded",
    "prepare",
    "variants",
]

MOST_VARIANTS = 24
"""As [exercise] variants in harness.toml has it by default."""
READING = frozenset({"GET", "HEAD"})


def prepare(operation: Operation, pool: Pool, hints: HintSettings | None, number: int) -> Prepared | Missing:
    """The plain request, the `number`-th of its kind: unique fields differ from number to number.

    Ids are another pick of the pool for each number. Missing where a value is not known yet, or where the
    hint says that the operation is to be skipped.
    """
    return compose(operation, pool, hints, number)


def variants(
    operation: Operation, pool: Pool, hints: HintSettings | None, number: int, most: int = MOST_VARIANTS
) -> tuple[Prepared, ...]:
    """Forms of the request that may make the target do other work.

    Smallest and largest page, deep pages and offsets, each value of optional enums and booleans, every
    further optional parameter alone, bodies with few and with many elements, and other ids of the pool
    (parents with few and with many children): at most `most`, the most telling first. What cannot be
    built is left out; what would be the plain request again, too.
    """
    plain = compose(operation, pool, hints, number)
    met = {(plain.target, plain.content)} if isinstance(plain, Prepared) else set()
    found: list[Prepared] = []
    for at, form in enumerate(forms(operation, pool, hints, number)):
        if len(found) == most:
            break
        # readers stay on one resource, so that forms can be compared; writers need fresh ones
        own = number if operation.method in READING else number + 1 + at
        one = compose(operation, pool, hints, own, form)
        if isinstance(one, Prepared) and (one.target, one.content) not in met:
            met.add((one.target, one.content))
            found.append(one)
    return tuple(found)
