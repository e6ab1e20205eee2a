import asyncio

import pytest

from harness.modelserver.admission import BUSY, Admission
from harness.modelserver.errors import RequestRefused


async def hold(admission: Admission, order: list[int], name: int, leave: asyncio.Event) -> None:
    async with admission.slot():
        order.append(name)
        await leave.wait()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_one_too_many_is_refused_and_let_in_once_there_is_room():
    admission, order, leave = Admission(slots=1, queue=1), [], asyncio.Event()
    tasks = [asyncio.create_task(hold(admission, order, name, leave)) for name in range(2)]
    await settle()
    assert (admission.running, admission.waiting) == (1, 1)

    with pytest.raises(RequestRefused) as refused:
        await hold(admission, order, 2, leave)
    assert (refused.value.status, refused.value.message) == (503, BUSY)

    leave.set()
    await asyncio.gather(*tasks)
    await hold(admission, order, 3, leave)
    assert order == [0, 1, 3]
    assert (admission.running, admission.waiting) == (0, 0)


async def test_without_a_queue_a_free_slot_is_still_given():
    admission, order, leave = Admission(slots=1, queue=0), [], asyncio.Event()
    task = asyncio.create_task(hold(admission, order, 0, leave))
    await settle()

    with pytest.raises(RequestRefused):
        await hold(admission, order, 1, leave)
    leave.set()
    await task
    await hold(admission, order, 2, leave)
    assert order == [0, 2]


async def test_who_leaves_the_queue_makes_room_for_another():
    admission, order, leave = Admission(slots=1, queue=1), [], asyncio.Event()
    running = asyncio.create_task(hold(admission, order, 0, leave))
    impatient = asyncio.create_task(hold(admission, order, 1, leave))
    await settle()
    impatient.cancel()
    await settle()
    assert admission.waiting == 0

    patient = asyncio.create_task(hold(admission, order, 2, leave))
    await settle()
    leave.set()
    await asyncio.gather(running, patient)
    assert order == [0, 2]
