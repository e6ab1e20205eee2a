"""Exit codes of errors."""

import pytest

from harness import errors
from harness.errors import ConfigurationError, ExitCode, HarnessError
from harness.model.verdict import Outcome


@pytest.mark.parametrize("kind", HarnessError.__subclasses__())
def test_no_error_of_the_harness_ends_as_a_pass_or_a_fail(kind: type[HarnessError]) -> None:
    assert kind.exit_code in {ExitCode.USAGE, ExitCode.HARNESS_FAILED}


def test_only_a_pass_exits_with_zero() -> None:
    assert [outcome for outcome in Outcome if outcome.exit_code == 0] == [Outcome.PASS]


def test_a_configuration_error_says_every_mistake_on_a_line_of_its_own() -> None:
    assert str(ConfigurationError("a", "b")) == "a\nb"


def test_the_tree_in_the_docstring_names_every_error() -> None:
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in HarnessError.__subclasses__())
