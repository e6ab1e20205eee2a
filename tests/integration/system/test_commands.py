import os
import signal
import subprocess
import sys

import psycopg
import pytest


@pytest.fixture
def system(seeded):
    def run(*arguments, **changes):
        return subprocess.run(
            [sys.executable, "-m", "system", *arguments],
            env={**os.environ, **seeded, **changes},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def connection(seeded):
    with psycopg.connect(seeded["DATABASE_URL"], autocommit=True) as made:
        yield made


def test_the_seed_has_the_promised_size_and_skew(connection):
    counts = [
        connection.execute(f"SELECT count(*) FROM {table} WHERE created_at < current_date").fetchone()[0]
        for table in ("organizations", "contacts", "invoices")
    ]
    assert counts == [100, 100_000, 60_000]
    largest = connection.execute(
        "SELECT count(*) FROM contacts WHERE created_at < current_date"
        " GROUP BY organization_id ORDER BY 1 DESC LIMIT 1"
    ).fetchone()[0]
    assert 15_000 < largest < 25_000


def test_seeded_money_adds_up(connection):
    wrong = connection.execute(
        """
        SELECT count(*) FROM invoices AS i
        JOIN (
            SELECT organization_id, invoice_id, sum(taxable_paise) AS taxable, sum(tax_paise) AS tax
            FROM invoice_lines GROUP BY 1, 2
        ) AS l ON l.organization_id = i.organization_id AND l.invoice_id = i.id
        WHERE (l.taxable, l.tax) IS DISTINCT FROM (i.taxable_paise, i.tax_paise)
        """
    ).fetchone()
    assert wrong == (0,)


def test_a_second_seed_and_a_second_migration_change_nothing(system):
    again = system("seed")
    assert (again.returncode, again.stdout) == (2, "")
    assert "holds organizations already" in again.stderr
    assert system("migrate").stdout.strip() == ""


def test_all_wrong_settings_are_named_at_once(system):
    refused = system("serve", SYSTEM_JWT_SECRET="short", REDIS_URL="", POOL_SIZE="many")
    assert refused.returncode == 2
    for name in ("SYSTEM_JWT_SECRET", "REDIS_URL", "POOL_SIZE"):
        assert name in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_worker_marks_late_invoices_and_ends_on_sigterm(seeded, connection):
    late = "SELECT count(*) FROM invoices WHERE status = 'sent' AND due_on < current_date"
    assert connection.execute(late).fetchone()[0] > 0
    worker = subprocess.Popen(
        [sys.executable, "-m", "system", "worker"],
        env={**os.environ, **seeded},
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = iter(worker.stdout.readline, "")
    assert any("marked overdue" in line for line in lines)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=5) == 0
    worker.stdout.close()
    assert connection.execute(late).fetchone() == (0,)
