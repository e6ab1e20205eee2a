"""A mutant planted inside a Python process of the target."""

import os
import subprocess
import sys
from pathlib import Path

from harness.prove.prove import INSIDE

MUTANT = """
MODULE = "victim"

def inside(module):
    module.answer = lambda: "mutated"
"""


def said(folder: Path, **env: str) -> str:
    (folder / "victim.py").write_text("def answer():\n    return 'clean'\n")
    (folder / "mutant.py").write_text(MUTANT)
    done = subprocess.run(
        [sys.executable, "-c", "import victim; print(victim.answer())"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_module_is_changed_once_it_is_imported(tmp_path: Path) -> None:
    assert said(tmp_path, PYTHONPATH=str(INSIDE), HARNESS_MUTANT=str(tmp_path / "mutant.py")) == "mutated"


def test_without_a_mutant_nothing_is_changed(tmp_path: Path) -> None:
    assert said(tmp_path, PYTHONPATH=str(INSIDE)) == "clean"
