"""A CRM's day: sellers, bookkeepers, owners and people who ask the assistant.

Organizations are chosen with weight 1/n, as the test data is skewed; one request in 25 asks an agent, by
Zipf's law with exponent 1.1 over 40 questions per role; one in 10 writes.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar, Final

from harness.driver import Caller, Client, User, between
from loadtests.organizations import COUNT, Organization, sign_in_all
from loadtests.questions import BOOKKEEPING, EXPONENT, OWNING, SALES

QUESTIONS: Final = {"sales": SALES, "accountant": BOOKKEEPING, "owner": OWNING}
BY_SIZE: Final = tuple(accumulate(1 / place for place in range(1, COUNT + 1)))
BY_FREQUENCY: Final = tuple(accumulate(1 / place**EXPONENT for place in range(1, len(OWNING) + 1)))
STATUSES: Final = ("sent", "paid", "overdue", "draft")
CITIES: Final = ("Mumbai", "Delhi", "Bengaluru", "Chennai", "Pune", "Jaipur", "Kochi")
MOST_LINES: Final = 4
PAGE: Final = b'{"items":['


async def prepare(client: Client, identities: Sequence[Caller], seed: int) -> Sequence[Organization]:
    """Sign everybody in, once per worker, before users start."""
    del identities, seed  # all organizations take part, the same in every run
    return await sign_in_all(client)


class Member(User):
    """Someone who works for one organization; `role` is what they are there."""

    abstract = True
    role = "owner"
    wait_time = between(10, 20)
    data: Sequence[Organization]

    async def on_start(self) -> None:
        """Come to work: an organization, and its headers."""
        self.organization = self.random.choices(self.data, cum_weights=BY_SIZE)[0]
        self.acts_as, headers = self.organization.acting_as(self.role)
        self.client.headers = headers

    async def list_contacts(self) -> None:
        """Look at the first page of contacts."""
        answer = await self.client.get("/api/v1/contacts", route="GET /api/v1/contacts")
        if answer.ok and not answer.body.startswith(PAGE):
            self.fail(answer, "not a page of contacts")

    async def search_contacts(self) -> None:
        """Search by the beginning of a name."""
        word = self.random.choice(self.organization.words)
        answer = await self.client.get(f"/api/v1/contacts?q={word}", route="GET /api/v1/contacts?q")
        if answer.ok and not answer.body.startswith(PAGE):
            self.fail(answer, f"not a page of contacts with {word}")

    async def open_contact(self) -> None:
        """Open one contact."""
        contact = self.random.choice(self.organization.contacts)
        answer = await self.client.get(
            f"/api/v1/contacts/{contact}", route="GET /api/v1/contacts/{contact_id}"
        )
        if answer.ok and contact.encode() not in answer.body:
            self.fail(answer, f"not the contact {contact}")

    async def create_contact(self) -> None:
        """Enter a new contact."""
        number = self.random.randrange(10_000_000)
        contact = {
            "name": f"Prospect {number}",
            "email": f"prospect{number}@load.example",
            "phone": f"+9198{number:08d}",
            "city": self.random.choice(CITIES),
        }
        answer = await self.client.post("/api/v1/contacts", route="POST /api/v1/contacts", json=contact)
        if answer.ok and contact["email"].encode() not in answer.body:
            self.fail(answer, "not the contact that was entered")

    async def change_contact(self) -> None:
        """Note that a contact moved."""
        contact = self.random.choice(self.organization.contacts)
        city = self.random.choice(CITIES)
        answer = await self.client.patch(
            f"/api/v1/contacts/{contact}", route="PATCH /api/v1/contacts/{contact_id}", json={"city": city}
        )
        if answer.ok and city.encode() not in answer.body:
            self.fail(answer, f"the city is not {city}")

    async def list_invoices(self) -> None:
        """Look at invoices, half the time only at those of one status."""
        status = f"?status={self.random.choice(STATUSES)}" if self.random.random() < 1 / 2 else ""
        answer = await self.client.get(f"/api/v1/invoices{status}", route="GET /api/v1/invoices")
        if answer.ok and not answer.body.startswith(PAGE):
            self.fail(answer, "not a page of invoices")

    async def open_invoice(self) -> None:
        """Open one invoice."""
        invoice = self.random.choice(self.organization.invoices)
        answer = await self.client.get(
            f"/api/v1/invoices/{invoice}", route="GET /api/v1/invoices/{invoice_id}"
        )
        if answer.ok and invoice.encode() not in answer.body:
            self.fail(answer, f"not the invoice {invoice}")

    async def create_invoice(self) -> None:
        """Write an invoice of a few lines."""
        contact = self.random.choice(self.organization.contacts)
        lines = [
            {
                "description": "Consulting, hours",
                "quantity": self.random.randint(1, 40),
                "unitPricePaise": self.random.randint(500, 5000) * 100,
                "gstPercent": 18,
            }
            for _ in range(self.random.randint(1, MOST_LINES))
        ]
        answer = await self.client.post(
            "/api/v1/invoices", route="POST /api/v1/invoices", json={"contactId": contact, "lines": lines}
        )
        if answer.ok and answer.body.count(b'"hsn":') != len(lines):
            self.fail(answer, f"not the {len(lines)} lines that were written")

    async def see_dashboard(self) -> None:
        """Look at the figures."""
        answer = await self.client.get("/api/v1/dashboard", route="GET /api/v1/dashboard")
        if answer.ok and b'"overduePaise":' not in answer.body:
            self.fail(answer, "no figures in it")

    async def ask(self) -> None:
        """Ask the assistant."""
        questions = QUESTIONS[self.acts_as]
        question = self.random.choices(questions, cum_weights=BY_FREQUENCY)[0]
        answer = await self.client.post(
            "/api/v1/assistant/ask", route="POST /api/v1/assistant/ask", json={"question": question}
        )
        if answer.ok and b'"answer":"' not in answer.body:
            self.fail(answer, "no answer in it")


class Seller(Member):
    """Lives in the contacts."""

    role = "sales"
    weight = 40
    tasks: ClassVar = {
        Member.list_contacts: 12,
        Member.search_contacts: 10,
        Member.open_contact: 10,
        Member.create_contact: 2,
        Member.change_contact: 3,
        Member.see_dashboard: 2,
        Member.ask: 1,
    }


class Bookkeeper(Member):
    """Lives in the invoices."""

    role = "accountant"
    weight = 35
    tasks: ClassVar = {
        Member.list_invoices: 12,
        Member.open_invoice: 12,
        Member.open_contact: 5,
        Member.create_invoice: 4,
        Member.see_dashboard: 1,
        Member.ask: 1,
    }


class Owner(Member):
    """Looks at everything, the figures first."""

    weight = 20
    tasks: ClassVar = {
        Member.see_dashboard: 8,
        Member.list_invoices: 4,
        Member.list_contacts: 4,
        Member.open_invoice: 2,
        Member.open_contact: 1,
        Member.create_contact: 1,
    }


class Asker(Member):
    """Would rather ask than look."""

    weight = 5
    tasks: ClassVar = {
        Member.ask: 2,
        Member.see_dashboard: 1,
        Member.list_contacts: 1,
        Member.open_invoice: 1,
    }
