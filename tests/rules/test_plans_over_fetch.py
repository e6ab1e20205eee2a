from tests.fakes.plans import repeat, request, route, said

RULE = "plans/over-fetch"


def fetched(rows=50, row_bytes=1_000, unused=900, **more):
    columns = repeat(
        1,
        rows=rows,
        most_rows=rows,
        size_bytes=rows * row_bytes,
        unused_bytes=rows * unused,
        unused=("body",),
    )
    return request(columns, lengths={"/items": rows}, **more)


def test_wide_columns_that_go_nowhere_fail_and_used_ones_do_not() -> None:
    assert said(RULE, route(fetched())) == [True]
    assert said(RULE, route(fetched(unused=0))) == []


def test_less_waste_is_a_warning_and_warm_requests_say_nothing() -> None:
    assert said(RULE, route(fetched(row_bytes=400, unused=250))) == [False]
    assert said(RULE, route(fetched(rows=1))) == [False]
    assert said(RULE, route(fetched(rows=1, row_bytes=400, unused=250))) == []
    assert said(RULE, route(fetched(warmth="warm"))) == []


def test_rows_that_nobody_is_told_of_fail() -> None:
    many = repeat(1, rows=5_000, most_rows=5_000, size_bytes=1)
    assert said(RULE, route(request(many, lengths={"/items": 20}))) == [True]
    assert said(RULE, route(request(many, lengths={"/items": 5_000}))) == []
    assert said(RULE, route(request(many, answer_bytes=200_000))) == []  # a file of all of them
