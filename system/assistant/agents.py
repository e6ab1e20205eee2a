"""The agents as data, and the router that picks one for a question: no model, so the same every time."""

import re
import unicodedata
from typing import Final

from msgspec import Struct

from system.auth.permissions import GRANTED, Permission, Role


class Agent(Struct, frozen=True, kw_only=True):
    """One agent: `facts` names a statement of facts.sql, `keywords` are beginnings of words that call it.

    `version` is part of the key of its answers: a changed prompt must not be answered for by the old one.
    """

    id: str
    purpose: str
    keywords: tuple[str, ...]
    facts: str
    prompt: str
    version: int
    permission: Permission


AGENTS: Final = (
    Agent(
        id="finance",
        purpose="Revenue, income, what is paid and what is outstanding.",
        keywords=(
            "revenue",
            "income",
            "earn",
            "profit",
            "expense",
            "cash",
            "money",
            "paid",
            "turnover",
            "outstanding",
        ),
        facts="finance",
        prompt="You are the bookkeeper. Answer in one sentence from these figures, in rupees.",
        version=1,
        permission=Permission.READ_FINANCE,
    ),
    Agent(
        id="tax",
        purpose="GST and other taxes.",
        keywords=("gst", "tax", "cgst", "sgst", "igst", "hsn", "return", "gstr", "tds"),
        facts="tax",
        prompt="You are the tax clerk. Answer in one sentence from these figures, in rupees.",
        version=1,
        permission=Permission.READ_FINANCE,
    ),
    Agent(
        id="collections",
        purpose="Overdue invoices and reminders.",
        keywords=("overdue", "late", "remind", "collect", "owe", "due", "unpaid", "debt"),
        facts="collections",
        prompt="You collect late payments. Answer in one sentence from these figures.",
        version=2,
        permission=Permission.READ,
    ),
    Agent(
        id="sales",
        purpose="Pipeline, deals, open offers.",
        keywords=("sale", "sell", "pipeline", "deal", "lead", "offer", "quote", "draft", "prospect"),
        facts="sales",
        prompt="You help the sales team. Answer in one sentence from these figures.",
        version=1,
        permission=Permission.READ,
    ),
    Agent(
        id="contacts",
        purpose="Customers and other contacts.",
        keywords=("contact", "customer", "client", "phone", "email", "address", "who"),
        facts="contacts",
        prompt="You keep the address book. Answer in one sentence from these facts.",
        version=1,
        permission=Permission.READ,
    ),
    Agent(
        id="general",
        purpose="Everything else.",
        keywords=(),
        facts="general",
        prompt="You are a helpful assistant of a small business. Answer in one sentence.",
        version=1,
        permission=Permission.ASK,
    ),
)
DEFAULT: Final = AGENTS[-1]


def normalize(question: str) -> str:
    """Return a question without what does not change its meaning: case, width, punctuation, spacing."""
    text = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(re.sub(r"[^\w%₹]+", " ", text).split())


def route(question: str, role: Role) -> Agent:
    """Return the agent for a normalized question, among those that the role may ask.

    The one with the most words beginning with one of its keywords; the earlier of two equals; the
    default where no word fits.
    """
    words = question.split()
    best, most = DEFAULT, 0
    for agent in AGENTS:
        if agent.permission not in GRANTED[role]:
            continue
        fitting = sum(word.startswith(agent.keywords) for word in words)
        if fitting > most:
            best, most = agent, fitting
    return best
