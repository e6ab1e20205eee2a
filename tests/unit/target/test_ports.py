import os
import re
import socket
from pathlib import Path

import pytest

from harness.errors import EnvironmentLimit
from harness.target.ports import COUNT, FIRST, Ports


def test_a_run_gets_different_ports_from_the_range(tmp_path: Path) -> None:
    with Ports(tmp_path, "run") as ports:
        taken = [ports.take("a"), ports.take("b"), ports.take("c")]
    assert len(set(taken)) == 3
    assert all(FIRST <= port < FIRST + COUNT for port in taken)


def test_the_scan_starts_at_the_same_place_for_the_same_run(tmp_path: Path) -> None:
    with Ports(tmp_path, "run") as ports:
        first = ports.take("a")
    with Ports(tmp_path, "run") as ports:
        assert ports.take("a") == first


def test_a_port_held_by_another_run_is_passed_over(tmp_path: Path) -> None:
    with Ports(tmp_path, "run") as first, Ports(tmp_path, "run") as second:
        assert first.take("a") != second.take("a")


def test_a_port_that_somebody_listens_on_is_passed_over(tmp_path: Path) -> None:
    with Ports(tmp_path, "run") as ports:
        port = ports.take("a")
    with socket.create_server(("127.0.0.1", port)), Ports(tmp_path, "run") as ports:
        assert ports.take("a") != port


def test_a_fixed_port_that_somebody_listens_on_is_named_with_its_holder_and_a_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Ports(tmp_path, "run") as ports:
        port = server.getsockname()[1]
        expected = rf"^Port {port} for Redis is taken by \S+ \(pid {os.getpid()}\); end that process, or set"
        with pytest.raises(EnvironmentLimit, match=expected):
            ports.take("Redis", port)


def test_a_fixed_port_that_another_run_holds_is_refused(tmp_path: Path) -> None:
    with Ports(tmp_path, "one") as one, Ports(tmp_path, "two") as two:
        port = one.take("Redis")
        said = re.escape(f"Port {port} for Redis is taken by another run (pid {os.getpid()})")
        with pytest.raises(EnvironmentLimit, match=said):
            two.take("Redis", port)
