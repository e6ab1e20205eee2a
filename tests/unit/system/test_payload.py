import pytest

from system.contacts.model import ContactChange, NewContact
from system.errors import Refused
from system.payload import page, read_body


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "name"),
        (b'{"name":1}', "name"),
        (b'{"name":"a","x":1}', "x"),
        (b'{"name":"a\\u0000"}', "name"),
        (b'{"name":" "}', "name"),
        (b'{"name":"a","email":"no"}', "email"),
        (b'{"name":"a","phone":"9812345678"}', "phone"),
        (b'{"name":"a","gstin":"29abcde1234f1z5"}', "gstin"),
        (b"[]", "body"),
    ],
)
def test_a_body_that_breaks_its_type_names_the_field(body, field):
    with pytest.raises(Refused) as caught:
        read_body(body, NewContact)
    assert caught.value.status == 400
    assert [fault.field for fault in caught.value.details] == [field]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"name":"\xff"}', b"[" * 100_000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(Refused) as caught:
        read_body(body, NewContact)
    assert caught.value.status == 400


def test_a_name_cannot_be_emptied():
    with pytest.raises(Refused):
        read_body(b'{"name":null}', ContactChange)


def test_a_page_joins_what_sql_made():
    assert page(b"[1]", "x") == b'{"items":[1],"nextCursor":"x"}'
    assert page(b"[]", None) == b'{"items":[],"nextCursor":null}'
