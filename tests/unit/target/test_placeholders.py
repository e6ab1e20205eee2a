import pytest

from harness.errors import ConfigurationError
from harness.target.placeholders import Values

VALUES = Values({"port": "20001", "redis": "redis://x"})


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("--port={port}", "--port=20001"),
        ("{redis}?port={port}", "redis://x?port=20001"),
        ('{"port": 1}', '{"port": 1}'),
        ("{}", "{}"),
        ("${HOME}", "${HOME}"),
        ("{env:TOKEN}", "secret"),
    ],
)
def test_placeholders_are_filled_and_other_braces_stay(text, filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    assert VALUES.fill(text, "here") == filled


def test_more_values_do_not_change_the_old_ones() -> None:
    assert VALUES.extended(size="3").fill("{size}", "here") == "3"
    with pytest.raises(ConfigurationError):
        VALUES.fill("{size}", "here")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{prot}",
            r"^here uses the unknown placeholder \{prot\}; known here: \{port\}, \{redis\}, \{env:NAME\}$",
        ),
        (
            "{model}",
            r"^here uses \{model\}, and there is no \[services\.model\]; add it, or write an address$",
        ),
        ("{env:NO_SUCH}", r"^here uses \{env:NO_SUCH\}, and the environment has no NO_SUCH; set it before"),
    ],
)
def test_what_cannot_be_filled_is_named_with_its_place(text, message) -> None:
    with pytest.raises(ConfigurationError, match=message):
        VALUES.fill(text, "here")


def test_a_table_names_the_key() -> None:
    with pytest.raises(ConfigurationError, match=r"^env A uses the unknown placeholder"):
        VALUES.fill_table({"A": "{nothing}"}, "env")
