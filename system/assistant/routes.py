"""POST /assistant/ask: a question to the agent that knows."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.params import RawBody
from msgspec import Meta

from system.assistant.agents import Agent, normalize, route
from system.auth.guard import caller_of, permits
from system.auth.permissions import GRANTED, Permission
from system.auth.tokens import Caller
from system.contract import Contract
from system.db import read_statements
from system.errors import wrong_field
from system.llm import refused
from system.payload import NO_NUL, Sent, Shown, cached_answer, read_body
from system.resources import Resources, resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("facts.sql"))
ANSWER_LIFE_S: Final = 300
"""How old an answer's figures may be: the key holds no digest of the facts, so no write shortens it."""


class Question(Sent, frozen=True):
    """What is asked."""

    question: Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL)]


class Answer(Shown, frozen=True):
    """An answer, the agent and model that gave it, and the figures it stands on."""

    agent: str
    answer: str
    model: str
    facts: msgspec.Raw


class AnswerShown(Shown, frozen=True):
    """An answer as clients see it: facts by agent, at most 300 s old; sums are null without finance:read."""

    agent: str
    answer: str
    model: str
    facts: dict[str, str | int | list[str] | None]


ASK: Final = Contract(
    body=Question,
    body_example={"question": "How much GST do we owe?"},
    answers={200: AnswerShown},
    errors=(400, 401, 403, 413, 503),
    cached=True,
)


@post(
    "/assistant/ask",
    status_code=200,
    guards=[permits(Permission.ASK)],
    opt=ASK.opt,
    summary="Ask an agent",
    description=(
        "Answers within 5 s or refuses with 503. An answer is kept for 300 s and given again to the same "
        "question of the same role, so its figures may be as old: no write shortens this."
    ),
    tags=["assistant"],
    operation_id="ask",
)
async def ask(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """Answer a question within 5 s, or refuse with 503 and Retry-After.

    The figures may be 300 s old: an answer is kept so long and given again to whoever asks the same in the
    same role, whatever was written meanwhile. Refusals are never kept.
    """
    ends_s = asyncio.get_running_loop().time() + resources(request).settings.answer_s
    caller, held = caller_of(request), resources(request)
    question = normalize(read_body(body, Question).question)
    if not question:
        raise wrong_field("question", "holds no word")
    agent = route(question, caller.role)

    async def load() -> bytes:
        async with _until(ends_s):
            return await _answer(held, caller, agent, question)

    digest = hashlib.sha256(question.encode()).hexdigest()
    key = f"{caller.role}:{agent.id}:{agent.version}:{held.model.name}:{digest}"
    namespace = f"answers:{caller.organization}"
    # Two deadlines: the load's own frees what it holds; but a database that hangs lets go of its statement
    # seconds later, and Redis may hang on either side of the load. The caller waits for neither.
    async with _until(ends_s):
        return cached_answer(await asyncio.shield(held.cache.through(namespace, key, ANSWER_LIFE_S, load)))


@asynccontextmanager
async def _until(ends_s: float) -> AsyncIterator[None]:
    """Refuse with 503 and Retry-After where the block is not done at a time of the event loop's clock."""
    try:
        async with asyncio.timeout_at(ends_s):
            yield
    except TimeoutError as error:
        raise refused("The answer took too long; ask again shortly.") from error


async def _answer(held: Resources, caller: Caller, agent: Agent, question: str) -> bytes:
    """Gather the agent's facts, then ask the model: no connection is held while it thinks."""
    parameters = {"money": Permission.READ_FINANCE in GRANTED[caller.role]}
    row = await held.database.one(STATEMENTS[agent.facts], caller.organization, parameters)
    facts: bytes = b"{}" if row is None else row[0]
    said = await held.model.answer(f"{agent.prompt}\n{facts.decode()}", question)
    return msgspec.json.encode(
        Answer(agent=agent.id, answer=said, model=held.model.name, facts=msgspec.Raw(facts))
    )
