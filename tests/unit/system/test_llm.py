import asyncio
import time
from contextlib import asynccontextmanager

import msgspec
import pytest

from system.errors import Refused
from system.llm import Model
from system.settings import Settings

ANSWER = msgspec.json.encode({"message": {"role": "assistant", "content": "42"}, "done": True})


@asynccontextmanager
async def model(body=ANSWER, status="200 OK", held=None, **changes):
    """A model client, and a server that gives one answer to all, after `held` is set."""
    seen = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
        seen.append(msgspec.json.decode(await reader.readexactly(length)))
        if held is not None:
            await held.wait()
        writer.write(
            f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        )
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    settings = Settings(
        database_url="",
        redis_url="",
        ollama_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        system_jwt_secret="",
        **changes,
    )
    made = Model(settings)
    try:
        yield made, seen
    finally:
        if held is not None:
            held.set()
        await made.close()
        server.close()
        await server.wait_closed()


async def test_the_model_is_asked_briefly_and_its_words_returned():
    async with model(model_tokens=7, model="m") as (client, seen):
        assert await client.answer("You are.", "What?") == "42"
    assert seen[0]["options"]["num_predict"] == 7
    assert (seen[0]["model"], seen[0]["stream"]) == ("m", False)
    assert [message["content"] for message in seen[0]["messages"]] == ["You are.", "What?"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ANSWER, "503 Busy"),
        (b'{"error":"model not found"}', "404 Not Found"),
        (b"<html>", "200 OK"),
        (b"{}", "200 OK"),
    ],
)
async def test_what_is_no_answer_is_a_503_with_retry_after(body, status):
    async with model(body, status) as (client, _):
        with pytest.raises(Refused) as caught:
            await client.answer("", "")
    assert caught.value.status == 503
    assert int(caught.value.headers["Retry-After"]) > 0


async def test_the_deadline_holds_for_waiting_and_answering_together():
    async with model(held=asyncio.Event(), model_deadline_s=0.2, model_calls=1) as (client, seen):
        began = time.monotonic()
        outcomes = await asyncio.gather(*[client.answer("", "") for _ in range(3)], return_exceptions=True)
        took_s = time.monotonic() - began
    assert [outcome.status for outcome in outcomes] == [503, 503, 503]
    assert took_s < 1
    assert len(seen) == 1


async def test_beyond_the_places_a_caller_is_refused_at_once():
    held = asyncio.Event()
    async with model(held=held, model_calls=1, model_waiting=1) as (client, _):
        first, second = (asyncio.create_task(client.answer("", "")) for _ in range(2))
        await asyncio.sleep(0)
        with pytest.raises(Refused, match="busy"):
            await client.answer("", "")
        held.set()
        assert await asyncio.gather(first, second) == ["42", "42"]
        assert await client.answer("", "") == "42"
