"""Without which checks a run has no verdict."""

from harness.run.run import required_of


def test_what_harness_toml_requires_is_required_where_it_was_asked_for() -> None:
    names = ("exercise", "plans", "indexes")
    assert required_of(("plans", "indexes"), names, ("plans", "load")) == ("plans",)


def test_a_check_asked_for_alone_cannot_be_left_out() -> None:
    assert required_of(("plans",), ("exercise", "plans"), ()) == ("plans",)
    assert required_of(("exercise", "plans"), ("exercise", "plans"), ()) == ()
