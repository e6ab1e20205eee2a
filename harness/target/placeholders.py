"""Filling `{postgres}`, `{port}`, `{env:NAME}` into the texts of harness.toml."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

from harness.errors import ConfigurationError

FORM: Final = re.compile(r"\{(env:[A-Za-z_][A-Za-z0-9_]*|[a-z_]+)\}")
SERVICES: Final = ("postgres", "redis", "model")


class Values:
    """The values of a launch by placeholder name; environment variables are looked up when asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def extended(self, **more: str) -> "Values":
        """These and more."""
        return Values(self._values | more)

    def fill(self, text: str, where: str) -> str:
        """The text with all placeholders filled; braces around anything else stay as they are.

        `where` is the place in harness.toml. Raises ConfigurationError naming an unknown placeholder.
        """
        return FORM.sub(lambda match: self._value(match[1], where), text)

    def fill_all(self, texts: Iterable[str], where: str) -> tuple[str, ...]:
        """Each text filled."""
        return tuple(self.fill(text, where) for text in texts)

    def fill_table(self, table: Mapping[str, str], where: str) -> dict[str, str]:
        """Each value filled; `where` gets its key."""
        return {key: self.fill(text, f"{where} {key}") for key, text in table.items()}

    def _value(self, name: str, where: str) -> str:
        if name in self._values:
            return self._values[name]
        if name.startswith("env:"):
            variable = name.removeprefix("env:")
            if variable in os.environ:
                return os.environ[variable]
            raise ConfigurationError(
                f"{where} uses {{{name}}}, and the environment has no {variable}; set it before the run"
            )
        if name in SERVICES:
            raise ConfigurationError(
                f"{where} uses {{{name}}}, and there is no [services.{name}]; add it, or write an address"
            )
        known = ", ".join(f"{{{each}}}" for each in (*sorted(self._values), "env:NAME"))
        raise ConfigurationError(f"{where} uses the unknown placeholder {{{name}}}; known here: {known}")
