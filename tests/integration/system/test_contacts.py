from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from system.contacts.model import ContactPage, ContactShown


def test_pages_show_every_contact_once_newest_first(sign_in):
    client = sign_in()
    ids, cursor, pages = [], None, 0
    while True:
        answer = client.get("/contacts", params={"limit": 70, **({"cursor": cursor} if cursor else {})})
        shown = msgspec.json.decode(answer.content, type=ContactPage)
        ids += [item.id for item in shown.items]
        pages += 1
        cursor = shown.next_cursor
        if cursor is None:
            break
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == client.get("/dashboard").json()["contacts"]
    assert pages == -(-len(ids) // 70)


def test_a_contact_is_made_changed_found_and_deleted(sign_in):
    client = sign_in()
    new = {"name": "Zebediah Quillfeather", "email": "zq@quill.example", "phone": "+919812345678"}
    made = msgspec.json.decode(client.post("/contacts", json=new).content, type=ContactShown)
    path = f"/contacts/{made.id}"
    assert client.get(path).json()["email"] == "zq@quill.example"

    changed = client.patch(path, json={"city": "Pune", "email": None}).json()
    assert (changed["city"], changed["email"], changed["name"]) == ("Pune", None, "Zebediah Quillfeather")

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


@pytest.mark.parametrize(
    "words", ["anantha", "lingam", "ANANTHA LING", "al@ling", "ling.example", "+9198765", "98765", "d'sou"]
)
def test_every_word_of_a_search_is_a_prefix_of_a_word(sign_in, words):
    client = sign_in(organization="org-060")
    if not client.get("/contacts", params={"q": "ananthapadma"}).json()["items"]:
        new = {"name": "Ananthapadma D'Souza Lingam", "email": "al@ling.example", "phone": "+919876543210"}
        assert client.post("/contacts", json=new).status_code == 201
    found = client.get("/contacts", params={"q": words}).json()["items"]
    assert [item["name"] for item in found] == ["Ananthapadma D'Souza Lingam"]


@pytest.mark.parametrize("words", ["' | 'a", "a:*", "\\", "!!", "'; DROP TABLE contacts; --", " "])
def test_a_search_takes_operators_and_quotes_as_words(sign_in, words):
    answer = sign_in().get("/contacts", params={"q": words})
    assert answer.status_code == 200
    assert answer.json() == {"items": [], "nextCursor": None}


def test_pages_of_a_search_go_on_where_the_last_one_ended(sign_in):
    client = sign_in(organization="org-001")
    first = client.get("/contacts", params={"q": "sharma", "limit": 5}).json()
    both = client.get("/contacts", params={"q": "sharma", "limit": 10}).json()
    second = client.get("/contacts", params={"q": "sharma", "limit": 5, "cursor": first["nextCursor"]}).json()
    assert first["items"] + second["items"] == both["items"]
    assert len(both["items"]) == 10


def test_a_write_is_seen_by_the_next_cached_read(sign_in):
    client = sign_in(organization="org-061")
    client.get("/contacts")
    assert client.get("/contacts").headers["cache-status"] == "system; hit"

    made = client.post("/contacts", json={"name": "Just Now"}).json()
    after = client.get("/contacts")
    assert after.headers["cache-status"] == "system; fwd=miss; stored"
    assert after.json()["items"][0]["id"] == made["id"]
    client.delete(f"/contacts/{made['id']}")
    assert client.get("/contacts").json()["items"][0]["id"] != made["id"]


def test_a_write_of_one_organization_leaves_the_pages_of_another(sign_in):
    north, south = sign_in(organization="org-062"), sign_in(organization="org-063")
    south.get("/contacts")
    north.post("/contacts", json={"name": "Elsewhere"})
    assert south.get("/contacts").headers["cache-status"] == "system; hit"


def test_many_readers_of_one_page_share_a_load(sign_in):
    client = sign_in(organization="org-064")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.get("/contacts?limit=99"), range(16)))
    states = [answer.headers["cache-status"] for answer in answers]
    assert states.count("system; fwd=miss; stored") == 1
    assert len({answer.content for answer in answers}) == 1


def test_another_organizations_contact_looks_like_one_that_is_not_there(sign_in):
    theirs = sign_in(organization="org-001").get("/contacts?limit=1").json()["items"][0]["id"]
    client = sign_in()
    answers = [
        client.get(f"/contacts/{theirs}"),
        client.patch(f"/contacts/{theirs}", json={"name": "Mine"}),
        client.delete(f"/contacts/{theirs}"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    nobody = client.get("/contacts/01a20a05-e51a-720c-a8a2-f88e1ab01fbd").json()["error"]
    assert answers[0].json()["error"]["message"] == nobody["message"]


def test_a_contact_with_invoices_stays(sign_in):
    client = sign_in()
    contact = client.get("/invoices?limit=1").json()["items"][0]["contactId"]
    answer = client.delete(f"/contacts/{contact}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert client.get(f"/contacts/{contact}").status_code == 200
