import asyncio
import socket

import httpx


async def refused_start(spawn, *arguments):
    process = await spawn(*arguments)
    _, complaint = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, complaint.decode()


async def test_a_taken_port_is_refused_by_its_number(start, spawn, cache):
    async with start() as server:
        code, complaint = await refused_start(spawn, "--port", str(server.port), "--cache", str(cache))

        assert code == 2
        assert f"127.0.0.1:{server.port} cannot be listened on" in complaint
        async with httpx.AsyncClient(base_url=server.address) as client:
            assert (await client.get("/")).status_code == 200
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", server.port))


async def test_a_damaged_model_is_refused_by_its_name(spawn, free_port, tmp_path):
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(b"GGUF" + bytes(100))
    code, complaint = await refused_start(spawn, "--port", str(free_port()), "--model", str(damaged))

    assert code == 2
    assert f"{damaged}: the engine does not load it" in complaint


async def test_a_cache_that_cannot_be_written_is_refused(spawn, free_port, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    code, complaint = await refused_start(
        spawn, "--port", str(free_port()), "--cache", str(tmp_path / "file")
    )

    assert code == 2
    assert "--cache" in complaint


async def test_an_own_model_is_served_under_its_file_s_name(start, cache, tmp_path):
    async with start():
        (weights,) = cache.glob("*.gguf")
    own = tmp_path / "Mine.gguf"
    own.write_bytes(weights.read_bytes())

    async with (
        start("--model", str(own)) as server,
        httpx.AsyncClient(base_url=server.address, timeout=30) as client,
    ):
        tags = (await client.get("/api/tags")).json()["models"]
        asked = {"model": "mine", "prompt": "hello", "stream": False, "options": {"num_predict": 4}}
        answer = await client.post("/api/generate", json=asked)

    assert [(model["name"], model["details"]["family"]) for model in tags] == [("mine:latest", "gguf")]
    assert answer.json()["eval_count"] == 4


async def test_two_that_start_at_once_share_a_new_cache(spawn, two_free_ports, tmp_path):
    ports = two_free_ports()
    processes = [await spawn("--port", str(port), "--cache", str(tmp_path)) for port in ports]
    try:
        lines = [await asyncio.wait_for(process.stdout.readline(), 20) for process in processes]
    finally:
        for process in processes:
            process.terminate()
            await process.wait()

    assert [line.decode().strip() for line in lines] == [f"Listening on 127.0.0.1:{port}" for port in ports]
    assert [path.suffix for path in tmp_path.iterdir()] == [".gguf"]
