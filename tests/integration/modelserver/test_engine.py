import asyncio
from contextlib import aclosing

import pytest

from harness.modelserver.admission import Admission
from harness.modelserver.answer import Answerer
from harness.modelserver.catalogue import describe
from harness.modelserver.engine import CLOSING, Engine
from harness.modelserver.errors import RequestRefused
from harness.modelserver.metrics import Metrics
from harness.modelserver.schema import GenerateRequest, Options
from harness.modelserver.weights import find_or_write

LONG = Options(num_predict=1900)


@pytest.fixture
def engine(cache):
    opened = Engine(find_or_write(cache), slots=1, context=2048, longest_answer=128, endless=True)
    yield opened
    opened.close()


@pytest.fixture
def answerer(engine, cache):
    model = describe(find_or_write(cache), random=True, context_tokens=2048)
    admission = Admission(1, 1)
    return Answerer(model, engine, admission, Metrics(admission))


async def text(generation) -> str:
    return "".join([piece async for batch in generation.batches() for piece in batch])


async def test_a_seed_gives_the_same_answer_again_and_another_seed_another(engine):
    answers = [
        await text(engine.start("hello", Options(num_predict=20, seed=seed), None, piecewise=True))
        for seed in (3, 3, 4)
    ]

    assert answers[0] == answers[1] != answers[2]


async def test_a_stopped_generation_lets_go_before_its_end_and_the_next_one_runs(engine):
    stopped = engine.start("hello", LONG, None, piecewise=True)
    await anext(aiter(stopped.batches()))
    await stopped.stop()
    assert stopped.usage is None

    following = engine.start("hello", Options(num_predict=4), None, piecewise=False)
    assert await text(following)
    assert following.usage.generated_tokens == 4


async def test_an_answer_that_is_closed_early_leaves_nothing_in_the_engine(engine, answerer):
    asked = GenerateRequest(model="shape-3m", prompt="hello", options=LONG)
    async with aclosing(answerer.frames(asked)) as batches:
        await anext(batches)
        assert len(engine._live) == 1

    assert engine._live == set()


async def test_a_whole_answer_whose_caller_is_gone_leaves_nothing_in_the_engine(engine, answerer):
    asked = GenerateRequest(model="shape-3m", prompt="hello", options=LONG, stream=False)
    asking = asyncio.create_task(anext(answerer.frames(asked)))
    await asyncio.sleep(0)  # one turn of the loop, in which it gets its slot
    assert len(engine._live) == 1
    asking.cancel()
    await asyncio.wait({asking})

    assert engine._live == set()


async def test_a_closed_engine_ends_what_runs_and_refuses_what_comes(engine):
    running = engine.start("hello", LONG, None, piecewise=True)
    engine.close()

    with pytest.raises(RequestRefused, match=CLOSING):
        await text(running)
    with pytest.raises(RequestRefused, match=CLOSING):
        engine.start("hello", LONG, None, piecewise=True)
