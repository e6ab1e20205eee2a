from harness.load.measure import ask_checkpoint, is_complete
from harness.model.record import ProcessFacts
from harness.target.target import Running

TARGET = Running(name="target-1", role="target", pid=1, cores=(0,), nice=0)
POSTGRES = Running(name="postgres", role="service", pid=2, cores=(1,), nice=0)


def facts(running: Running, provider: str = "embedded") -> ProcessFacts:
    return ProcessFacts(
        name=running.name,
        role=running.role,
        version="",
        cores=running.cores,
        nice=0,
        log="",
        provider=provider,
    )


def test_a_run_is_complete_where_each_of_its_processes_is_watched() -> None:
    assert is_complete((TARGET, POSTGRES), (facts(TARGET), facts(POSTGRES)))


def test_a_container_a_target_elsewhere_or_one_on_any_core_leaves_it_incomplete() -> None:
    assert not is_complete((TARGET,), (facts(TARGET), facts(POSTGRES, "container")))
    assert not is_complete((POSTGRES,), (facts(POSTGRES),))
    free = Running(name="target-1", role="target", pid=1, cores=(), nice=0)
    assert not is_complete((free, POSTGRES), (facts(free), facts(POSTGRES)))


async def test_a_checkpoint_that_cannot_be_had_says_why() -> None:
    assert "127.0.0.1" in await ask_checkpoint("postgresql://127.0.0.1:1/target")
