import msgspec
import pytest

from system.dashboard.routes import Dashboard


@pytest.mark.parametrize(
    ("role", "sees_money"), [("owner", True), ("accountant", True), ("sales", False), ("viewer", False)]
)
def test_only_roles_that_read_finance_see_money(sign_in, role, sees_money):
    answer = sign_in(role, organization="org-003").get("/dashboard")
    shown = msgspec.json.decode(answer.content, type=Dashboard)
    assert shown.contacts > 0
    assert shown.invoices == sum(status.invoices for status in shown.by_status.values()) > 0
    sums = [
        shown.outstanding_paise,
        shown.overdue_paise,
        shown.paid_paise,
        shown.invoiced_last30_days_paise,
        *(status.total_paise for status in shown.by_status.values()),
    ]
    assert {amount is not None and amount > 0 for amount in sums} == {sees_money}


def test_what_an_owner_saw_is_not_given_to_a_seller_from_the_cache(sign_in):
    for _ in range(2):
        owner = sign_in("owner", organization="org-004").get("/dashboard")
    seller = sign_in("sales", organization="org-004").get("/dashboard")
    assert owner.headers["cache-status"] == "system; hit"
    assert (owner.json()["paidPaise"] > 0, seller.json()["paidPaise"]) == (True, None)
