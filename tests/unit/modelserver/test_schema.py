import msgspec
import pytest

from harness.modelserver.answer import frame, prompt_of, refuse_unserved, schema_of
from harness.modelserver.application import decode
from harness.modelserver.catalogue import RANDOM, ServedModel
from harness.modelserver.engine import Usage
from harness.modelserver.errors import RequestRefused
from harness.modelserver.schema import ChatRequest, GenerateRequest

MODEL = ServedModel(
    name="shape-3m", size_bytes=1, digest="d", modified_at="", random=True, context_tokens=2048
)


def generate(**fields) -> GenerateRequest:
    return decode(msgspec.json.encode({"model": "shape-3m", **fields}), GenerateRequest)


def chat(**fields) -> ChatRequest:
    return decode(msgspec.json.encode({"model": "shape-3m", **fields}), ChatRequest)


def refusal(asked) -> tuple[int, str]:
    with pytest.raises(RequestRefused) as refused:
        refuse_unserved(asked, MODEL)
    return refused.value.status, refused.value.message


def test_a_request_streams_unless_it_says_otherwise():
    assert generate().stream
    assert not generate(stream=False).stream


def test_unknown_fields_are_ignored_as_ollama_does():
    assert generate(prompt="a", novelty=1, options={"mirostat": 2, "top_k": 5}).options.top_k == 5


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "missing request body"),
        (b"{", "truncated"),
        (b"{}", "`model`"),
        (b'{"model":"m","prompt":1}', "$.prompt"),
        (b'{"model":"m","options":{"temperature":"hot"}}', "$.options.temperature"),
        (b'{"model":"m","options":{"num_predict":-3}}', "$.options.num_predict"),
    ],
)
def test_a_bad_body_is_refused_with_the_place_of_the_mistake(body, place):
    with pytest.raises(RequestRefused) as refused:
        decode(body, GenerateRequest)
    assert refused.value.status == 400
    assert place in refused.value.message


def test_the_model_answers_to_its_name_with_and_without_tag():
    refuse_unserved(generate(), MODEL)
    refuse_unserved(generate(model="shape-3m:latest"), MODEL)
    assert refusal(generate(model="llama3")) == (404, "model 'llama3' not found")


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (generate(think=True), "thinking"),
        (generate(logprobs=True), "logprobs"),
        (generate(suffix="x"), "insert"),
        (generate(images=["eA=="]), "images"),
        (chat(tools=[{"type": "function"}]), "tools"),
        (chat(messages=[{"role": "user", "images": ["eA=="]}]), "images"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(asked, word):
    assert refusal(asked) == (400, f'"shape-3m" does not support {word}')


def test_every_turn_of_a_chat_is_in_the_prompt():
    asked = chat(messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}])
    assert prompt_of(asked) == "system: Be brief.\nuser: Hi\nassistant: "
    assert not prompt_of(chat())


def test_a_raw_prompt_stays_as_it_is():
    assert prompt_of(generate(prompt="p", system="s")) == "system: s\np"
    assert prompt_of(generate(prompt="p", system="s", raw=True)) == "p"


def test_the_format_becomes_a_schema():
    assert schema_of(generate()) is None
    assert schema_of(generate(format="json")) == {"type": "object"}
    assert schema_of(generate(format={"type": "integer"})) == {"type": "integer"}


def test_only_the_last_frame_has_counts_and_zeros_vanish():
    usage = Usage(done_reason="stop", prompt_tokens=3, generated_tokens=0, prompt_ns=5, generation_ns=0)
    piece = msgspec.to_builtins(frame(generate(), "ba"))
    last = msgspec.to_builtins(frame(chat(), "", done_reason="stop", usage=usage, total_ns=9))

    assert set(piece) == {"model", "created_at", "done", "response"}
    assert (last["done"], last["done_reason"], last["total_duration"]) == (True, "stop", 9)
    assert last["prompt_eval_count"] == 3
    assert "eval_count" not in last
    assert last["message"] == {"role": "assistant", "content": ""}


def test_the_family_says_that_the_weights_are_random():
    assert MODEL.tag().details.family == RANDOM == "random weights: shape, not quality"
    assert MODEL.loaded().context_length == 2048
