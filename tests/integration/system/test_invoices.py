from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from system.invoices.model import InvoicePage, InvoiceWithLines


def contact_of(client):
    return client.get("/contacts?limit=1").json()["items"][0]["id"]


def line(**changes):
    return {"description": "Rice", "quantity": 3, "unitPricePaise": 3333, "gstPercent": 5, **changes}


def test_gst_is_rounded_line_by_line(sign_in):
    client = sign_in()
    lines = [line(), line(quantity=1, unitPricePaise=10, gstPercent=5), line(gstPercent=0)]
    answer = client.post("/invoices", json={"contactId": contact_of(client), "lines": lines})
    made = msgspec.json.decode(answer.content, type=InvoiceWithLines)
    # 9,999 × 5 % = 499.95; 10 × 5 % = 0.5, which rounds up.
    assert [each.tax_paise for each in made.lines] == [500, 1, 0]
    assert (made.taxable_paise, made.tax_paise, made.total_paise) == (20008, 501, 20509)
    assert client.get(f"/invoices/{made.id}").json() == answer.json()


def test_numbers_have_no_gaps_under_parallel_and_refused_invoices(sign_in):
    client = sign_in(organization="org-070")
    contact = contact_of(client)
    last = client.get("/invoices?limit=1").json()["items"][0]["number"]

    def make(place):
        whom = contact if place % 3 else "01a20a05-e51a-720c-a8a2-f88e1ab01fbd"
        return client.post("/invoices", json={"contactId": whom, "lines": [line()]})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(make, range(24)))
    assert [answer.status_code for answer in answers].count(400) == 8
    numbers = sorted(answer.json()["number"] for answer in answers if answer.status_code == 201)
    assert numbers == list(range(last + 1, last + 17))


def test_another_organizations_contact_is_refused_by_name(sign_in):
    theirs = contact_of(sign_in(organization="org-001"))
    answer = sign_in().post("/invoices", json={"contactId": theirs, "lines": [line()]})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["field"] == "contactId"


def test_a_list_by_status_holds_that_status_only(sign_in):
    client = sign_in(organization="org-001")
    page = msgspec.json.decode(client.get("/invoices?status=paid&limit=100").content, type=InvoicePage)
    assert {item.status for item in page.items} == {"paid"}
    rest = client.get("/invoices", params={"status": "paid", "limit": 100, "cursor": page.next_cursor}).json()
    assert rest["items"][0]["id"] < page.items[-1].id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [line(quantity=0)]}, "lines[0].quantity"),
        ({"lines": [line(gstPercent=17)]}, "lines[0].gstPercent"),
        ({"lines": [line(gstPercent=40), line(gstPercent=12)]}, "lines[1].gstPercent"),
        ({"lines": [line(gstPercent=28)], "issuedOn": "2025-09-21"}, "lines[0].gstPercent"),
        ({"lines": [line(unitPricePaise=1.5)]}, "lines[0].unitPricePaise"),
        ({"lines": [line(unitPricePaise="100")]}, "lines[0].unitPricePaise"),
        ({"lines": [line(description="a\0b")]}, "lines[0].description"),
        ({"lines": [line(colour="red")]}, "lines[0].colour"),
        ({"status": "paid"}, "status"),
        ({"issuedOn": "2026-02-30"}, "issuedOn"),
        ({"issuedOn": "2026-02-03", "dueOn": "2026-02-02"}, "dueOn"),
        ({"issuedOn": "9999-12-31"}, "issuedOn"),
        ({"contactId": "x"}, "contactId"),
        ({"total": 5}, "total"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(sign_in, change, field):
    client = sign_in(organization="org-071")
    before = client.get("/invoices?limit=1").json()
    answer = client.post("/invoices", json={"contactId": contact_of(client), "lines": [line()], **change})
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]
    assert client.get("/invoices?limit=1").json() == before
