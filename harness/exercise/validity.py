"""Whether a scalar is valid for a schema, and patterns of JavaScript in Python's dialect."""

import re
from collections.abc import Mapping
from typing import Any, Final


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a scalar is of the schema's type and within its bounds; formats but uuid are not tried."""
    if "const" in schema and schema["const"] != value:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = schema.get("type", ())
    if isinstance(value, bool) or value is None:
        return not kinds or ("boolean" if value is not None else "null") in kinds
    if isinstance(value, str):
        return (not kinds or "string" in kinds) and accepts_text(schema, value)
    if isinstance(value, int | float):
        whole = float(value).is_integer()
        return (not kinds or "number" in kinds or (whole and "integer" in kinds)) and within(schema, value)
    return True


def accepts_text(schema: Mapping[str, Any], value: str) -> bool:
    """Whether text has the length, the pattern and, for a uuid, the form that the schema demands."""
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    if schema.get("format") == "uuid" and not UUID.fullmatch(value):
        return False
    pattern = schema.get("pattern")
    if pattern is None:
        return True
    try:
        return bool(re.search(python_pattern(pattern), value))
    except re.error:
        return True  # not Python's dialect: the service will say


def within(schema: Mapping[str, Any], value: float) -> bool:
    """Whether a number keeps the schema's bounds."""
    return not (
        value < schema.get("minimum", value)
        or value > schema.get("maximum", value)
        or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])
        or ("exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"])
    )


def python_pattern(pattern: str) -> str:
    """A pattern of ECMA 262 in Python's dialect: Unicode properties, names, slashes, `$` as the end."""
    for form, members in PROPERTIES:  # within a class its members, elsewhere a class of its own
        pattern = re.sub(r"(\[[^\]]*)" + form, rf"\g<1>{members}", pattern)
        pattern = re.sub(form, f"[{members}]", pattern)
    named = re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", pattern)
    return re.sub(r"\\/", "/", re.sub(r"(?<!\\)\$(?=$|\))", r"\\Z", named))


PROPERTIES: Final = ((r"\\p\{L[a-z]*\}", "A-Za-z"), (r"\\p\{N[a-z]*\}", "0-9"))
UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
