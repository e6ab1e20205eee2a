"""The load of the reference system: users get what they expect, and notice what they do not."""

from operator import attrgetter
from random import Random

import pytest

from harness.driver import Answer, Client
from harness.driver.client import Server
from loadtests import organizations
from loadtests.workload import Asker, Bookkeeper, Member, Owner, Seller

KINDS = (Asker, Bookkeeper, Owner, Seller)
STEPS = sorted({step for kind in KINDS for step in kind.tasks}, key=attrgetter("__name__"))


class Listening(Client):
    """A client that keeps what came back; with `instead`, every answer is a success with that body."""

    def __init__(self, url: str, instead: bytes | None = None) -> None:
        super().__init__(Server(url), 10)
        self.instead = instead
        self.answers: list[Answer] = []
        self.faults: list[str] = []

    async def request(self, method, path, **options):
        if self.instead is None:
            answer = await super().request(method, path, **options)
        else:
            answer = Answer(200)
            answer.body = self.instead
        self.answers.append(answer)
        return answer

    def fail(self, kind, text):
        self.faults.append(f"{kind}: {text}")
        return True


@pytest.fixture
async def organization(system_url, services, monkeypatch):
    monkeypatch.setattr(organizations, "PASSWORD", services["SEED_PASSWORD"])
    client = Client(Server(system_url), 10)
    yield await organizations.enter(client, 5)
    client.close()


@pytest.mark.usefixtures("model_url")
@pytest.mark.parametrize("kind", KINDS)
async def test_every_step_of_a_kind_of_user_gets_what_it_expects(system_url, organization, kind):
    client = Listening(system_url)
    user = kind(client, Random(1), None, [organization] * 100)
    await user.on_start()
    for step in kind.tasks:
        await step(user)
    assert [answer.status for answer in client.answers if not answer.ok] == []
    assert client.faults == []
    assert len(client.answers) == len(kind.tasks)
    client.close()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("body", [b"", b"{}", b'{"success":true}', b"<html>items</html>"])
async def test_a_success_that_holds_something_else_is_counted_as_failed(organization, step, body):
    client = Listening("http://127.0.0.1:9", instead=body)
    user = Member(client, Random(1), None, [organization] * 100)
    await user.on_start()
    await step(user)
    assert len(client.faults) == 1
    assert client.faults[0].startswith("content: ")
