"""What the generator's processes are started with."""

from pathlib import Path

import pytest

from harness.driver.session import environment, last_lines


def test_locusts_own_variables_do_not_reach_its_master(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_USERS", "5")
    monkeypatch.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    monkeypatch.setenv("SEED_PASSWORD", "kept")
    given = environment(Path("/run/briefing.json"))
    assert not [name for name in given if name.startswith("LOCUST_")]
    assert given["SEED_PASSWORD"] == "kept"
    assert given["HARNESS_LOAD_BRIEFING"] == "/run/briefing.json"


def test_the_end_of_a_log_is_shown_or_why_it_is_not(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    assert "unreadable" in last_lines(log)
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    assert last_lines(log).splitlines()[0] == "line 88"
    assert last_lines(log).endswith("line 99")
