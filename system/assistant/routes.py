"""POST /assistant/ask: a question to the agent that knows."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.params import RawBody
from msgspec import Meta

from system.assistant.agents import Agent, normalize, route
from system.auth.guard import caller_of, permits
from system.auth.permissions import Permission
from system.auth.tokens import Caller
from system.contract import Contract
from system.db import read_statements
from system.errors import wrong_field
from system.payload import NO_NUL, Sent, Shown, cached_answer, read_body
from system.resources import Resources, resources

STATEMENTS: Final = read_statements(Path(__file__).with_name("facts.sql"))
ANSWER_LIFE_S: Final = 300


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
    """The same as clients see it; which facts there are depends on the agent."""

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
    tags=["assistant"],
    operation_id="ask",
)
async def ask(request: Request[Any, Any, Any], body: RawBody) -> Response[Any]:
    """Answer a question within 5 s, or refuse with 503 and Retry-After. Refusals are never kept."""
    caller, held = caller_of(request), resources(request)
    question = normalize(read_body(body, Question).question)
    if not question:
        raise wrong_field("question", "holds no word")
    agent = route(question, caller.role)

    async def load() -> bytes:
        return await _answer(held, caller, agent, question)

    digest = hashlib.sha256(question.encode()).hexdigest()
    key = f"{caller.role}:{agent.id}:{agent.version}:{held.model.name}:{digest}"
    namespace = f"answers:{caller.organization}"
    return cached_answer(await held.cache.through(namespace, key, ANSWER_LIFE_S, load))


async def _answer(held: Resources, caller: Caller, agent: Agent, question: str) -> bytes:
    """Gather the agent's facts, then ask the model: no connection is held while it thinks."""
    row = await held.database.one(STATEMENTS[agent.facts], caller.organization, {})
    facts: bytes = b"{}" if row is None else row[0]
    said = await held.model.answer(f"{agent.prompt}\n{facts.decode()}", question)
    return msgspec.json.encode(
        Answer(agent=agent.id, answer=said, model=held.model.name, facts=msgspec.Raw(facts))
    )
