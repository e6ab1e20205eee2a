"""Puts a mutant into a Python process of the target, which knows nothing of it.

The target is started with this folder first on PYTHONPATH and HARNESS_MUTANT naming the mutant's file;
Python runs `sitecustomize` before anything else. The mutant's `inside(module)` is called as soon as its
MODULE has been imported. Stands alone: the target's interpreter may have none of the harness's packages.
"""

import importlib.machinery
import os
import runpy
import sys


class _AfterImport:
    """A finder that lets the others find the module, and runs the mutant once it is loaded."""

    def __init__(self, name, inside):
        self.name, self.inside = name, inside

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        sys.meta_path.remove(self)
        load, inside = spec.loader.exec_module, self.inside

        def exec_module(module):
            load(module)
            inside(module)

        spec.loader.exec_module = exec_module
        return spec


def _plant(path):
    mutant = runpy.run_path(path)
    sys.meta_path.insert(0, _AfterImport(mutant["MODULE"], mutant["inside"]))


if os.environ.get("HARNESS_MUTANT"):
    _plant(os.environ["HARNESS_MUTANT"])
