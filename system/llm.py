"""The local model, asked over Ollama's API within a deadline and behind a bulkhead."""

import asyncio
from typing import Final

import httpx
import msgspec
from msgspec import Struct

from system.errors import ErrorCode, Refused
from system.settings import Settings
from system.timing import spent

RETRY_AFTER_S: Final = 5


class _Message(Struct):
    content: str


class _Chat(Struct):
    message: _Message


class Model:
    """One model server.

    So many calls at a time, so many more waiting, the rest refused at once: a model that hangs holds
    a few small tasks, no database connection, and no other route.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.model
        self._deadline_s = settings.model_deadline_s
        self._places = settings.model_calls + settings.model_waiting
        self._calls = asyncio.Semaphore(settings.model_calls)
        self._inside = 0
        self._options = {"num_predict": settings.model_tokens, "temperature": 0}
        self._client = httpx.AsyncClient(
            base_url=settings.ollama_url,
            timeout=settings.model_deadline_s,
            limits=httpx.Limits(max_connections=settings.model_calls),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def answer(self, prompt: str, question: str) -> str:
        """Return the model's answer.

        Refused 503 with Retry-After where all places are taken, the deadline passes, the server cannot be
        reached, or what it says is no answer.
        """
        if self._inside >= self._places:
            raise refused("All agents are busy; ask again shortly.")
        self._inside += 1
        try:
            with spent("model"):
                async with asyncio.timeout(self._deadline_s), self._calls:
                    return await self._chat(prompt, question)
        except TimeoutError as error:
            raise refused("The agent took too long to answer; ask again shortly.") from error
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise refused("The agent cannot answer now; ask again shortly.") from error
        finally:
            self._inside -= 1

    async def _chat(self, prompt: str, question: str) -> str:
        response = await self._client.post(
            "/api/chat",
            json={
                "model": self.name,
                "stream": False,
                "options": self._options,
                "messages": [{"role": "system", "content": prompt}, {"role": "user", "content": question}],
            },
        )
        response.raise_for_status()
        return msgspec.json.decode(response.content, type=_Chat).message.content


def refused(message: str) -> Refused:
    """The refusal where no model answers in time; the question may be asked again."""
    return Refused(503, ErrorCode.MODEL_UNAVAILABLE, message, retry_after_s=RETRY_AFTER_S)
