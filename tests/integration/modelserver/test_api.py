import json

import pytest

WORDS = {"model": "shape-3m", "prompt": "hello there"}


async def frames(client, path, body):
    async with client.stream("POST", path, json=body) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) async for line in answer.aiter_lines()]


async def test_a_stream_ends_with_counts_and_its_pieces_are_the_whole_answer(client):
    asked = WORDS | {"options": {"num_predict": 12, "seed": 7, "temperature": 0}}
    *pieces, last = await frames(client, "/api/generate", asked)
    whole = (await client.post("/api/generate", json=asked | {"stream": False})).json()

    assert len(pieces) == 12
    assert not any(piece["done"] for piece in pieces)
    assert "".join(piece["response"] for piece in pieces) == whole["response"]
    assert whole["response"].isprintable()
    for end in (last, whole):
        assert (end["done"], end["done_reason"], end["eval_count"]) == (True, "length", 12)
        assert end["prompt_eval_count"] > 0
        assert end["total_duration"] >= end["prompt_eval_duration"] + end["eval_duration"] > 0


async def test_a_chat_streams_messages_of_the_assistant(client):
    messages = [{"role": "user", "content": "What is owed?"}]
    asked = {"model": "shape-3m:latest", "messages": messages, "options": {"num_predict": 5}}
    *pieces, last = await frames(client, "/api/chat", asked)

    assert [piece["message"]["role"] for piece in pieces] == ["assistant"] * 5
    assert last["eval_count"] == 5
    assert last["message"]["content"] == ""
    assert last["model"] == "shape-3m:latest"


async def test_an_answer_without_a_length_ends_at_the_cap(client):
    answer = (await client.post("/api/generate", json=WORDS | {"stream": False})).json()

    assert (answer["eval_count"], answer["done_reason"]) == (128, "length")


async def test_a_stop_word_ends_the_answer_before_it(client):
    asked = WORDS | {"stream": False, "options": {"num_predict": 40, "temperature": 0}}
    unstopped = (await client.post("/api/generate", json=asked)).json()["response"]
    word = unstopped.split()[3]
    asked["options"]["stop"] = [word]
    stopped = (await client.post("/api/generate", json=asked)).json()

    assert stopped["done_reason"] == "stop"
    assert stopped["response"] == unstopped[: unstopped.index(word)]


async def test_a_schema_is_followed(client):
    schema = {
        "type": "object",
        "properties": {"agent": {"enum": ["sales", "billing"]}},
        "required": ["agent"],
        "additionalProperties": False,
    }
    asked = WORDS | {"stream": False, "format": schema, "options": {"num_predict": 400}}
    answer = (await client.post("/api/generate", json=asked)).json()

    assert json.loads(answer["response"])["agent"] in {"sales", "billing"}
    assert answer["done_reason"] == "stop"


async def test_an_empty_prompt_only_loads(client):
    asked = {"model": "shape-3m", "stream": False}
    answer = (await client.post("/api/generate", json=asked)).json()

    assert (answer["done"], answer["done_reason"], answer["response"]) == (True, "load", "")


async def test_the_pages_say_what_is_served(client):
    root = await client.get("/")
    head = await client.head("/")
    tags = (await client.get("/api/tags")).json()["models"]
    loaded = (await client.get("/api/ps")).json()["models"]

    assert root.text == "Ollama is running"
    assert (head.status_code, head.content) == (200, b"")
    assert (await client.get("/api/version")).json()["version"].count(".") == 2
    assert [model["name"] for model in tags] == ["shape-3m:latest"]
    assert tags[0]["details"]["family"] == "random weights: shape, not quality"
    assert loaded[0]["digest"] == tags[0]["digest"]
    assert loaded[0]["context_length"] == 2048


@pytest.mark.parametrize(
    ("operation", "body", "status", "error"),
    [
        ("POST /api/generate", {"model": "llama3", "prompt": "a"}, 404, "model 'llama3' not found"),
        ("POST /api/generate", {"prompt": "a"}, 400, "`model`"),
        ("POST /api/chat", {"model": "shape-3m", "messages": "a"}, 400, "$.messages"),
        ("POST /api/generate", WORDS | {"prompt": "ba " * 4000}, 400, "context size"),
        ("POST /api/generate", WORDS | {"prompt": "b" * 2_000_000}, 413, "larger than"),
        ("GET /api/generate", None, 405, "use POST"),
        ("POST /api/tags", {}, 405, "use GET or HEAD"),
        ("POST /api/embed", {}, 404, "/api/embed not found"),
    ],
)
async def test_what_is_wrong_gets_its_status_and_an_error(client, operation, body, status, error):
    answer = await client.request(*operation.split(), json=body)

    assert answer.status_code == status
    assert error in answer.json()["error"]
    assert (await client.post("/api/generate", json=WORDS)).status_code == 200


async def test_a_wrong_method_is_told_the_right_one(client):
    assert (await client.get("/api/chat")).headers["allow"] == "POST"
    assert (await client.delete("/api/tags")).headers["allow"] == "GET, HEAD"


async def test_the_metrics_count_requests_and_tokens(client, read_metrics):
    before = await read_metrics(client)
    await client.post("/api/generate", json=WORDS | {"options": {"num_predict": 9}})
    await client.post("/api/generate", json={"model": "llama3", "prompt": "a"})
    after = await read_metrics(client)

    def grown(name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert grown('modelserver_requests_total{route="/api/generate",status="200"}') == 1
    assert grown('modelserver_requests_total{route="/api/generate",status="404"}') == 1
    assert grown("modelserver_generated_tokens_total") == 9
    assert grown("modelserver_prompt_tokens_total") > 0
    assert grown("modelserver_time_to_first_token_seconds_count") == 1
    assert grown("modelserver_tokens_per_second_count") == 1
    assert after["modelserver_queue_length"] == 0
