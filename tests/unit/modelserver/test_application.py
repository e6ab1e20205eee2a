import asyncio

import msgspec

from harness.modelserver.admission import Admission
from harness.modelserver.application import LARGEST_BODY_BYTES, Application
from harness.modelserver.catalogue import ServedModel
from harness.modelserver.metrics import Metrics

MODEL = ServedModel(
    name="shape-3m", size_bytes=1, digest="d", modified_at="", random=True, context_tokens=2048
)
QUESTION = msgspec.json.encode({"model": "shape-3m", "prompt": "hello"})


class BrokenAnswerer:
    async def frames(self, asked):
        raise LookupError(asked.model)
        yield


class EndlessAnswerer:
    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.was_closed = False

    async def frames(self, asked):
        try:
            self.started.set()
            await asyncio.Event().wait()
            yield asked
        finally:
            self.was_closed = True


class Client:
    """Sends the events it is given, then stays until it is told to leave."""

    def __init__(self, *events) -> None:
        self.events = list(events)
        self.leaves = asyncio.Event()
        self.got = []

    async def receive(self):
        if self.events:
            return self.events.pop(0)
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, event):
        self.got.append(event)


def body(data: bytes, *, more: bool = False):
    return {"type": "http.request", "body": data, "more_body": more}


def application(answerer):
    metrics = Metrics(Admission(1, 1))
    return Application(MODEL, answerer, metrics), metrics


async def ask(app, client):
    scope = {"type": "http", "path": "/api/generate", "method": "POST"}
    await app(scope, client.receive, client.send)


async def test_a_defect_is_a_500_with_an_error_and_its_cause_in_the_log(caplog):
    app, metrics = application(BrokenAnswerer())
    client = Client(body(QUESTION))
    await ask(app, client)

    assert client.got[0]["status"] == 500
    assert "internal error" in msgspec.json.decode(client.got[1]["body"])["error"]
    assert "LookupError: shape-3m" in caplog.text
    assert b'modelserver_requests_total{route="/api/generate",status="500"} 1.0' in metrics.text()


async def test_who_leaves_during_the_answer_cancels_it():
    answerer = EndlessAnswerer()
    app, metrics = application(answerer)
    client = Client(body(QUESTION))
    asking = asyncio.create_task(ask(app, client))
    await answerer.started.wait()
    assert not answerer.was_closed

    client.leaves.set()
    await asking
    assert answerer.was_closed
    assert client.got == []
    assert b'status="499"} 1.0' in metrics.text()


async def test_who_leaves_before_the_question_is_whole_is_not_answered():
    app, metrics = application(BrokenAnswerer())
    client = Client(body(QUESTION[:5], more=True))
    client.leaves.set()
    await ask(app, client)

    assert client.got == []
    assert b'status="499"} 1.0' in metrics.text()


async def test_a_question_in_parts_is_put_together_and_one_too_large_is_not_read_on():
    app, _ = application(BrokenAnswerer())
    parts = Client(body(QUESTION[:5], more=True), body(QUESTION[5:]))
    await ask(app, parts)
    assert parts.got[0]["status"] == 500

    endless = Client(*(body(b"x" * (LARGEST_BODY_BYTES // 2 + 1), more=True) for _ in range(3)))
    await ask(app, endless)
    assert endless.got[0]["status"] == 413
    assert len(endless.events) == 1
