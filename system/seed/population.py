"""Who is in the test data: deterministic for a scale and a day, skewed as real customers are.

Few organizations are big and many small: the n-th of them has a share of 1/n (Zipf's law, exponent 1), the
first of 100 so 19 % of all contacts. Times reach two years back from `today`, so that "the last 30 days" and
"overdue" hold something; ids hold these times, as those of the service do.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Final

from msgspec import Struct

from system.auth.permissions import Role
from system.identifiers import make_id

ORGANIZATIONS: Final = 100
CONTACTS: Final = 100_000
INVOICES: Final = 60_000
HISTORY_DAYS: Final = 730
DAY_MS: Final = 86_400_000

FIRST_NAMES: Final = (
    "Aarav", "Aditi", "Ajay", "Akash", "Amit", "Ananya", "Anil", "Anita", "Arjun", "Asha", "Bhavna",
    "Chetan", "Deepa", "Deepak", "Divya", "Farhan", "Gaurav", "Geeta", "Harish", "Imran", "Isha",
    "Jaya", "Kabir", "Karan", "Kavita", "Kiran", "Lakshmi", "Leela", "Manish", "Meera", "Mohan", "Neha",
    "Nikhil", "Nisha", "Pooja", "Pradeep", "Priya", "Rahul", "Raj", "Ravi", "Rekha", "Rohan", "Sanjay",
    "Shreya", "Sunita", "Suresh", "Tara", "Usha", "Varun", "Vikram", "Yash", "Zoya",
)  # fmt: skip
LAST_NAMES: Final = (
    "Agarwal", "Banerjee", "Bhat", "Chopra", "Das", "Desai", "Deshmukh", "Fernandes", "Ghosh", "Gupta",
    "Iyer", "Jain", "Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Malhotra", "Mehta", "Menon",
    "Mishra", "Nair", "Naidu", "Pandey", "Patel", "Pillai", "Rao", "Reddy", "Saxena", "Shah", "Sharma",
    "Shetty", "Singh", "Sinha", "Thakur", "Varma", "Verma", "Yadav",
)  # fmt: skip
CITIES: Final = (
    ("Mumbai", "27"), ("Delhi", "07"), ("Bengaluru", "29"), ("Hyderabad", "36"), ("Chennai", "33"),
    ("Pune", "27"), ("Ahmedabad", "24"), ("Kolkata", "19"), ("Surat", "24"),
    ("Jaipur", "08"), ("Kochi", "32"), ("Indore", "23"),
)  # fmt: skip
GOODS: Final = (
    ("Consulting, hours", "998311", 18), ("Printing, sheets", "998912", 18), ("Rice, bags", "1006", 5),
    ("Cotton shirts", "6105", 5), ("Steel pipes", "7306", 18), ("Web hosting, months", "998315", 18),
    ("Books", "4901", 0), ("Air conditioner", "8415", 18), ("Aerated drinks, crates", "2202", 40),
)  # fmt: skip
STATUSES: Final = ("paid", "sent", "overdue", "draft", "cancelled")
STATUS_WEIGHTS: Final = (62, 18, 8, 8, 4)

Row = tuple[object, ...]


class Organization(Struct, frozen=True):
    """One organization: its place from 1, id, and how much it has."""

    place: int
    id: str
    contacts: int
    invoices: int

    @property
    def slug(self) -> str:
        """The name in addresses: `org-001`."""
        return f"org-{self.place:03d}"


class Population:
    """All rows of one scale, as tuples in the order of the tables' columns in load.sql."""

    def __init__(self, scale: int, today: date) -> None:
        self._now_ms = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp() * 1000)
        self._today = today
        count = ORGANIZATIONS * scale
        contacts, invoices = shares(CONTACTS * scale, count), shares(INVOICES * scale, count)
        draw = random.Random(f"organizations {scale}")  # noqa: S311  test data must be the same each time
        began_ms = self._now_ms - HISTORY_DAYS * DAY_MS
        self.organizations = tuple(
            Organization(place, self._id(began_ms, draw), contacts[place - 1], invoices[place - 1])
            for place in range(1, count + 1)
        )

    def organization_rows(self) -> Iterator[Row]:
        """Yield the organizations."""
        created = self._moment(self._now_ms - HISTORY_DAYS * DAY_MS)
        for each in self.organizations:
            plan = "enterprise" if each.place <= len(self.organizations) // 10 else "standard"
            name = f"{LAST_NAMES[each.place % len(LAST_NAMES)]} & Sons {each.place}"
            yield each.id, name, None, plan, created

    def user_rows(self, password_hash: str) -> Iterator[Row]:
        """Yield one user per role and organization, all with the one password."""
        for each in self.organizations:
            draw = random.Random(f"users {each.place}")  # noqa: S311
            for role in Role:
                id_ = self._id(self._now_ms - HISTORY_DAYS * DAY_MS, draw)
                yield each.id, id_, f"{role}@{each.slug}.example", role.capitalize(), str(role), password_hash

    def counter_rows(self) -> Iterator[Row]:
        """Yield the last invoice number of each organization."""
        for each in self.organizations:
            yield each.id, each.invoices

    def contact_rows(self, organization: Organization) -> Iterator[Row]:
        """Yield the contacts of one organization, oldest first."""
        draw = random.Random(f"contacts {organization.place}")  # noqa: S311
        moments = self._moments(organization.contacts, draw)
        for place, at_ms in enumerate(moments):
            first, last = draw.choice(FIRST_NAMES), draw.choice(LAST_NAMES)
            city, state = draw.choice(CITIES)
            email = f"{first}.{last}{place}@{last}-{draw.randrange(500)}.example".lower()
            phone = f"+91{draw.randrange(6_000_000_000, 10_000_000_000)}"
            gstin = f"{state}ABCDE{draw.randrange(10_000):04d}F1Z5" if draw.random() < 0.3 else None  # noqa: PLR2004
            created = self._moment(at_ms)
            name, id_ = f"{first} {last}", self._id(at_ms, draw)
            yield organization.id, id_, name, email, phone, gstin, city, created, created

    def invoice_rows(
        self, organization: Organization, contacts: Sequence[str], line_rows: list[Row]
    ) -> Iterator[Row]:
        """Yield the invoices of one organization, oldest first, and append their lines to `line_rows`."""
        draw = random.Random(f"invoices {organization.place}")  # noqa: S311
        # A tenth of the contacts gets most of the invoices.
        regulars = contacts[: max(1, len(contacts) // 10)]
        for number, at_ms in enumerate(self._moments(organization.invoices, draw), start=1):
            id_ = self._id(at_ms, draw)
            contact = draw.choice(regulars if draw.random() < 0.7 else contacts)  # noqa: PLR2004
            taxable = tax = 0
            for position in range(1, draw.choice((1, 1, 2, 2, 3, 5)) + 1):
                description, hsn, percent = draw.choice(GOODS)
                quantity, price = draw.randrange(1, 40), draw.randrange(5_000, 500_000)
                worth = quantity * price
                gst = (worth * percent + 50) // 100
                taxable, tax = taxable + worth, tax + gst
                line_rows.append(
                    (organization.id, id_, position, description, hsn, quantity, price, percent, worth, gst)
                )
            issued = datetime.fromtimestamp(at_ms / 1000, UTC).date()
            status = draw.choices(STATUSES, STATUS_WEIGHTS)[0]
            due = self._due(issued, status)
            yield (
                organization.id, id_, contact, number, status, issued, due,
                taxable, tax, taxable + tax, self._moment(at_ms),
            )  # fmt: skip

    def _due(self, issued: date, status: str) -> date:
        """30 days after issue; an overdue one before today, a sent one after, some apart: the worker's."""
        due = issued + timedelta(days=30)
        if status == "overdue":
            return max(issued, min(due, self._today - timedelta(days=1)))
        if status == "sent" and due <= self._today and issued.toordinal() % 50:
            return self._today + timedelta(days=1 + issued.toordinal() % 45)
        return due

    def _moments(self, count: int, draw: random.Random) -> list[int]:
        span = HISTORY_DAYS * DAY_MS
        return sorted(self._now_ms - draw.randrange(1, span) for _ in range(count))

    def _moment(self, at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")

    def _id(self, at_ms: int, draw: random.Random) -> str:
        return str(make_id(at_ms, draw.getrandbits(74)))


def shares(total: int, parts: int) -> list[int]:
    """Split a total by Zipf's law, largest first; the parts are at least 1 and add up to the total."""
    weights = [1 / place for place in range(1, parts + 1)]
    free = total - parts
    ends = [round(free * part / sum(weights)) for part in accumulate(weights)]
    return [1 + end - start for start, end in zip([0, *ends], ends, strict=False)]
