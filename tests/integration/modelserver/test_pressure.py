import asyncio
import json

import httpx
import psutil

from harness.modelserver.admission import BUSY

LONG = {"model": "shape-3m", "prompt": "hello there", "options": {"num_predict": 1900}}
SHORT = LONG | {"stream": False, "options": {"num_predict": 3}}
HUNG_UP = 'modelserver_requests_total{route="/api/generate",status="499"}'
RUNNING = "modelserver_running"
WAITING = "modelserver_queue_length"
GENERATED = "modelserver_generated_tokens_total"


def connect(server) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.address, timeout=30)


async def hang_up(task: asyncio.Task) -> None:
    task.cancel()
    await asyncio.wait({task})


async def test_a_full_queue_answers_503_and_200_once_it_has_emptied(start, metric_reaches):
    async with start("--slots", "1", "--queue", "1") as server, connect(server) as client:
        running = asyncio.create_task(client.post("/api/generate", json=LONG))
        await metric_reaches(client, RUNNING, 1)
        waiting = asyncio.create_task(client.post("/api/generate", json=SHORT))
        await metric_reaches(client, WAITING, 1)

        refused = await client.post("/api/generate", json=SHORT)
        assert (refused.status_code, refused.json()) == (503, {"error": BUSY})

        assert (await running).status_code == 200
        assert (await waiting).json()["eval_count"] == 3
        assert (await client.post("/api/generate", json=SHORT)).status_code == 200


async def test_a_reader_who_leaves_a_stream_frees_its_slot(start, metric_reaches, read_metrics):
    async with start("--slots", "1") as server, connect(server) as client:
        async with client.stream("POST", "/api/generate", json=LONG) as answer:
            await anext(answer.aiter_lines())
        await metric_reaches(client, HUNG_UP, 1)
        await metric_reaches(client, RUNNING, 0)

        assert (await client.post("/api/generate", json=SHORT)).status_code == 200
        assert (await read_metrics(client))[GENERATED] == 3


async def test_a_caller_who_leaves_before_the_whole_answer_frees_its_slot(
    start, metric_reaches, read_metrics
):
    async with start("--slots", "1") as server, connect(server) as client:
        task = asyncio.create_task(client.post("/api/generate", json=LONG | {"stream": False}))
        await metric_reaches(client, RUNNING, 1)
        await hang_up(task)
        await metric_reaches(client, HUNG_UP, 1)
        await metric_reaches(client, RUNNING, 0)

        assert (await client.post("/api/generate", json=SHORT)).status_code == 200
        assert (await read_metrics(client))[GENERATED] == 3


async def test_a_caller_who_leaves_the_queue_is_never_decoded(start, metric_reaches, read_metrics):
    async with start("--slots", "1") as server, connect(server) as client:
        running = asyncio.create_task(client.post("/api/generate", json=LONG))
        await metric_reaches(client, RUNNING, 1)
        impatient = asyncio.create_task(client.post("/api/generate", json=SHORT))
        await metric_reaches(client, WAITING, 1)
        await hang_up(impatient)
        await metric_reaches(client, WAITING, 0)

        assert (await running).status_code == 200
        assert (await read_metrics(client))[GENERATED] == 1900


async def test_answers_in_several_slots_overlap_and_none_is_mixed_up(start):
    asked = SHORT | {"options": {"num_predict": 60, "temperature": 0}}
    prompts = ["ba", "do re", "milu", "what is owed by whom"]
    async with start("--slots", "4") as server, connect(server) as client:
        alone = [await client.post("/api/generate", json=asked | {"prompt": prompt}) for prompt in prompts]
        together = await asyncio.gather(
            *(client.post("/api/generate", json=asked | {"prompt": prompt}) for prompt in prompts)
        )

    counts = [answer.json()["prompt_eval_count"] for answer in alone]
    assert [answer.json()["prompt_eval_count"] for answer in together] == counts
    assert len({answer.json()["response"] for answer in together}) == len(prompts)
    # Batched sums may round otherwise and send a later token elsewhere; the first words are far apart.
    first_words = [answer.json()["response"].split()[0] for answer in alone]
    assert [answer.json()["response"].split()[0] for answer in together] == first_words


async def test_memory_stays_flat(start):
    async def ask(client: httpx.AsyncClient, times: int) -> None:
        for _ in range(times):
            answers = await asyncio.gather(
                *(client.post("/api/generate", json=SHORT | {"prompt": f"ba {i} " * 20}) for i in range(8))
            )
            assert {answer.status_code for answer in answers} == {200}

    async with start() as server, connect(server) as client:
        process = psutil.Process(server.process.pid)
        await ask(client, 20)
        warm_bytes = process.memory_info().rss
        await ask(client, 40)
        assert process.memory_info().rss - warm_bytes < 4 * 2**20


async def test_sigterm_ends_it_within_a_second_while_it_answers(start):
    async with (
        start() as server,
        connect(server) as client,
        client.stream("POST", "/api/generate", json=LONG) as answer,
    ):
        lines = answer.aiter_lines()
        await anext(lines)
        ending = asyncio.create_task(server.end())
        rest = [json.loads(line) async for line in lines]
        ended_s = await ending

    assert ended_s < 1
    assert server.process.returncode == 0
    assert rest[-1] == {"error": "server is shutting down"}
