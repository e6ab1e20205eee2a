"""Users and their clock: ten thousand coroutines under Locust's own master.

Workloads import from here: `from harness.driver import User, task, between`.
"""

from harness.driver.client import Client
from harness.driver.clock import between, constant, exponential
from harness.driver.connection import Answer
from harness.driver.plan import Caller
from harness.driver.scenario import User, task

__all__ = ["Answer", "Caller", "Client", "User", "between", "constant", "exponential", "task"]
