import httpx
import pytest

from harness.config.settings import IdentitySettings
from harness.errors import TargetFailed
from harness.target.identity import credentials
from harness.target.placeholders import Values


def answering(answer: httpx.Response) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url="http://target", transport=httpx.MockTransport(lambda _: answer))


def ann(**login: str) -> IdentitySettings:
    return IdentitySettings.model_validate(
        {"name": "ann", "tenant": "north", "login": {"operation": "POST /session", "body": {}} | login}
    )


async def signed_in(settings: IdentitySettings, answer: httpx.Response) -> dict[str, str]:
    async with answering(answer) as client:
        return (await credentials(settings, client, Values({}))).headers


@pytest.mark.parametrize(
    ("pointer", "answer"),
    [
        ("/token", {"token": "t"}),
        ("/data/0/jwt", {"data": [{"jwt": "t"}]}),
        ("/a~1b/c~0d", {"a/b": {"c~d": "t"}}),
        ("", "t"),
    ],
)
async def test_the_token_is_found_by_its_json_pointer(pointer: str, answer: object) -> None:
    headers = await signed_in(ann(token=pointer), httpx.Response(200, json=answer))
    assert headers == {"Authorization": "Bearer t"}


async def test_header_and_scheme_are_as_configured() -> None:
    settings = ann(header="X-Session", scheme="")
    assert await signed_in(settings, httpx.Response(201, json={"token": "t"})) == {"X-Session": "t"}


async def test_an_answer_without_the_token_is_described_without_its_values() -> None:
    with pytest.raises(
        TargetFailed, match=r"has no text at /token: it has jwt, user; set login.token"
    ) as caught:
        await signed_in(ann(), httpx.Response(200, json={"jwt": "secret", "user": "ann"}))
    assert "secret" not in str(caught.value)


async def test_an_answer_that_is_not_json_is_described() -> None:
    with pytest.raises(TargetFailed, match="has no text at /token: it is not JSON"):
        await signed_in(ann(), httpx.Response(200, text="welcome"))
