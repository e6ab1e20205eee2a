import pytest

from harness.target.placement import Placement


@pytest.mark.parametrize(
    ("cores", "target", "services", "generator", "nice"),
    [
        ({3}, (3,), (3,), (3,), 15),
        ({0, 1}, (0,), (1,), (1,), 15),
        ({0, 1, 2}, (0,), (1,), (2,), 15),
        ({4, 5, 6, 7}, (4, 5), (6,), (7,), 15),
        (range(12), (0, 1, 2, 3, 4, 5), (6, 7, 8), (9, 10, 11), 0),
    ],
)
def test_the_target_stays_apart_as_far_as_the_machine_allows(
    cores, target, services, generator, nice
) -> None:
    placement = Placement.of(cores)
    assert placement == Placement(target=target, services=services, generator=generator, model_nice=nice)


@pytest.mark.parametrize(
    ("cores", "said"),
    [
        ({0}, ("The target, the services and the generator share core 0.",)),
        (
            {0, 1},
            (
                "The target has core 0 to itself.",
                "Services and generator share core 1.",
                "The model server runs at niceness 15 beside the others.",
            ),
        ),
        (
            range(12),
            (
                "The target has cores 0, 1, 2, 3, 4 and 5 to itself.",
                "The services share cores 6, 7 and 8.",
                "The generator has cores 9, 10 and 11 to itself.",
            ),
        ),
    ],
)
def test_the_report_says_who_shares_which_core(cores, said) -> None:
    assert Placement.of(cores).shared() == said


def test_this_machine_has_a_placement() -> None:
    placement = Placement.here()
    assert placement.target
    assert placement.services
    assert placement.generator
