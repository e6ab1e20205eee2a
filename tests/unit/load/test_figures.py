from harness.load.figures import budget_of, figures_of
from tests.fakes.load_run import measurement, policy, traffic


def test_figures_hold_steady_only_and_every_route_of_it() -> None:
    load = measurement()
    figures = figures_of(load, policy())
    assert [one.route for one in figures] == sorted(traffic())
    contacts = figures[0]
    counted = next(one for one in load.result.counts if one.route == contacts.route and one.phase == "steady")
    assert contacts.samples == counted.ok + counted.timed_out
    assert contacts.p50_ms < contacts.p95_ms < contacts.p99_ms <= contacts.p999_ms <= contacts.max_ms
    assert 0.4 < (contacts.hit_share or 0) < 0.5


def test_a_p95_within_its_budget_and_the_share_over_it_say_the_same() -> None:
    for one in figures_of(measurement(), policy()):
        for limit in one.limits:
            assert (limit.measured_ms <= limit.limit_ms) == (limit.share.share <= limit.allowed)


def test_a_label_with_a_parameter_falls_back_to_the_budget_of_its_operation() -> None:
    rules = policy()
    assert budget_of("GET /contacts?q", rules).route == "GET /contacts?q"
    assert budget_of("GET /invoices?status", rules).route == "GET /invoices"
    assert budget_of("GET /nothing", rules) is None
