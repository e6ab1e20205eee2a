"""What a value is likely to mean, guessed from its name and format where the schema is silent."""

import base64
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from harness.exercise.nouns import vocabulary, words_of

NOWHERE: Final = "127.0.0.1:9"
"""Where web hooks and other addresses point: the discard port of the own machine."""
UNIQUE: Final = vocabulary(
    "email mail username login handle nickname slug code sku reference ref number no name title label key "
    "barcode ean isbn serial identifier domain subdomain external subject hostname id uuid token"
)
"""Last words of fields that services often want to be unique."""
CATEGORICAL: Final = vocabulary(
    "currency country locale language lang timezone tz zone status state type kind category region unit "
    "channel plan tier role method stage source priority"
)
"""Last words of fields with few possible values: one that an answer showed is better than a guess."""
TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "currency": ("USD", "usd"),
    "country": ("US", "USA", "United States", "us"),
    "locale": ("en", "en-US", "en_US"),
    "language": ("en", "eng", "en-US"),
    "lang": ("en",),
    "timezone": ("UTC", "Etc/UTC"),
    "tz": ("UTC",),
    "zip": ("10115", "94105-1234"),
    "postcode": ("10115", "EC1A 1BB"),
    "postal": ("10115",),
    "city": ("Springfield",),
    "color": ("#336699",),
    "colour": ("#336699",),
    "mime": ("text/plain",),
    "version": ("1.0.0", "1"),
    "time": ("10:00:00", "10:00"),
    "gender": ("other", "female"),
    "unit": ("piece", "kg"),
    "duration": ("P1D", "PT30M"),
    "query": ("a",),
    "cron": ("0 3 * * *",),
}
NUMBERS: Final[Mapping[str, float]] = {
    "quantity": 2, "qty": 2, "count": 2, "units": 2, "seats": 2, "guests": 2, "stock": 50, "capacity": 50,
    "percent": 5, "percentage": 5, "rate": 5, "discount": 5, "tax": 5, "latitude": 48.1, "lat": 48.1,
    "longitude": 11.6, "lng": 11.6, "lon": 11.6, "month": 6, "day": 15, "hour": 10, "minute": 30, "age": 30,
    "rating": 4, "score": 4, "stars": 4, "priority": 1, "position": 1, "order": 1, "index": 1, "page": 1,
    "offset": 0, "skip": 0, "limit": 20, "size": 20, "minutes": 30, "hours": 2, "days": 7, "seconds": 60,
    "duration": 30, "weight": 2, "version": 1, "level": 1, "days_ahead": 7, "ttl": 60, "timeout": 10,
}  # fmt: skip
MONEY: Final = vocabulary("amount price cost total fee paise cents value salary budget balance subtotal net")
PAST: Final = vocabulary(
    "issued issue created ordered order placed invoice sent paid recorded occurred happened received "
    "purchased joined hired updated modified date month"
)
STARTS: Final = vocabulary("start starts from begin begins since after checkin arrival valid min gte gt")
ENDS: Final = vocabulary("end ends to until till before through finish checkout departure max lte lt")
LATER: Final = vocabulary("due expire expires expiry expiration deadline scheduled planned delivery")
BIRTH: Final = vocabulary("birth birthday birthdate dob born")


def tag_of(*parts: object) -> str:
    """Eight letters and digits, beginning with a letter, that differ from part to part and never by run."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    letters = "abcdefghijkmnpqrstuvwxyz"
    return letters[digest[0] % len(letters)] + f"{int.from_bytes(digest[1:8], 'big') % 16**7:07x}"


def is_unique(name: str) -> bool:
    """Whether services are likely to want a field of this name unique."""
    words = words_of(name)
    return bool(words) and (words[-1] in UNIQUE or words[0] == "external")


def texts(name: str, form: str, number: int, tag: str) -> Iterator[str]:
    """Candidates for a string, the best first; the caller takes the first that its schema accepts."""
    words = words_of(name)
    last = words[-1] if words else ""
    yield from by_format(form, name, number, tag)
    if "password" in words or "passwd" in words or "passphrase" in words:
        yield f"Aa1!{tag}-Zy9"
    if {"email", "mail"} & set(words):
        yield f"{tag}@example.com"
    if {"phone", "mobile", "tel", "telephone", "fax", "msisdn"} & set(words):
        digits = str(int(tag[1:], 16) % 10**7).zfill(7)
        yield f"+1415{digits}"
        yield f"415{digits}"
    if {"url", "uri", "link", "website", "webhook", "callback", "endpoint", "homepage", "href"} & set(words):
        yield f"http://{NOWHERE}/{tag}"
        yield f"https://{NOWHERE}/{tag}"
    if {"at", "timestamp", "datetime"} & set(words[1:]):
        yield moment(words, number)
    if {"date", "on", "day", "birthday", "dob", "since", "until", "from"} & set(words):
        yield day(words, number).isoformat()
    if "month" in words:
        yield f"{day(words, 0):%Y-%m}"
    for word in reversed(words):
        yield from TEXTS.get(word, ())
    if words and words[-1] in MONEY:
        yield "12.50"
    if {"ip", "ipaddress"} & set(words):
        yield "192.0.2.7"
    if {"slug", "handle", "username", "login", "subdomain", "nickname", "key"} & set(words):
        yield tag
    if {"code", "sku", "serial", "barcode", "number", "reference", "ref"} & set(words):
        yield f"{tag[:1]}-{tag[1:]}".upper()
        yield str(int(tag[1:], 16))
    if last == "name" and words[0] in {"first", "last", "given", "family", "middle", "sur"}:
        yield tag.capitalize()
    yield f"{(words[-1] if words else 'text').capitalize()} {tag}"
    yield tag


def by_format(form: str, name: str, number: int, tag: str) -> Iterator[str]:
    """Candidates for a string of a format; formats that are unknown give none."""
    words = words_of(name)
    moments = day(words, number)
    low = int(tag[1:], 16)
    known: dict[str, tuple[str, ...]] = {
        "uuid": (str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{tag}")),),
        "date": (moments.isoformat(),),
        "date-time": (moment(words, number),),
        "datetime": (moment(words, number),),
        "time": (time(10 + number % 8, number % 60, tzinfo=UTC).isoformat(), "10:00:00Z"),
        "duration": ("P1D",),
        "email": (f"{tag}@example.com",),
        "idn-email": (f"{tag}@example.com",),
        "uri": (f"http://{NOWHERE}/{tag}", f"https://{NOWHERE}/{tag}"),
        "url": (f"http://{NOWHERE}/{tag}", f"https://{NOWHERE}/{tag}"),
        "iri": (f"http://{NOWHERE}/{tag}",),
        "uri-reference": (f"/{tag}",),
        "hostname": (f"{tag}.example.com",),
        "idn-hostname": (f"{tag}.example.com",),
        "ipv4": (f"192.0.2.{1 + low % 250}",),
        "ipv6": (f"2001:db8::{1 + low % 65000:x}",),
        "byte": (base64.b64encode(tag.encode()).decode(),),
        "binary": (f"text of {tag}\n",),
        "password": (f"Aa1!{tag}-Zy9",),
        "decimal": (str(12 + number % 50) + ".50", "12"),
        "phone": (f"+1415{low % 10**7:07d}",),
        "slug": (tag,),
        "color": (f"#{low % 16**6:06x}",),
        "objectid": (f"{low:024x}",),
        "ulid": (f"01{low:024d}",),
        "json-pointer": (f"/{tag}",),
        "regex": ("^a+$",),
        "year-month": (f"{moments:%Y-%m}",),
    }
    known["money"] = known["amount"] = known["numeric"] = known["decimal"]
    yield from known.get(form.lower(), ())


def day(words: tuple[str, ...], number: int) -> date:
    """A date that suits the words: births long ago, issues today, ends after starts, dues in a month."""
    named = set(words)
    if named & BIRTH:
        ahead = -30 * 365 - number % 300
    elif named & LATER:
        ahead = 32 + number % 300
    elif named & ENDS:
        ahead = 2 + number % 300
    elif named & STARTS:
        ahead = 1 + number % 300
    else:
        ahead = 0 if named & PAST else 7 + number % 300
    return datetime.now(UTC).date() + timedelta(days=ahead)


def moment(words: tuple[str, ...], number: int) -> str:
    """The same with a time: noon, UTC, in the form of RFC 3339; what has happened is not after now."""
    then = day(words, number)
    hour = 0 if then <= datetime.now(UTC).date() else 12
    return datetime.combine(then, time(hour)).isoformat() + "Z"


def later(example: str, days: int) -> str:
    """A documented time moved by so many days; what is no time stays."""
    try:
        return (date.fromisoformat(example[:10]) + timedelta(days=days % 300)).isoformat() + example[10:]
    except ValueError:
        return example


def amount(name: str, number: int, tag: str, *, whole: bool) -> float:
    """A number that suits the name, before the schema's bounds are kept."""
    words = words_of(name)
    if "year" in words:
        return datetime.now(UTC).year
    for word in reversed(words):
        if word in NUMBERS:
            return NUMBERS[word]
        if word in MONEY:
            return 100 + number % 50 if whole else 12.5 + number % 50
    if whole and {"id", "number", "code", "serial", "no"} & set(words[-1:]):
        return 100_000 + int(tag[1:], 16) % 900_000
    return 1 + number % 7


def is_agreed(name: str) -> bool:
    """Whether a required Boolean of this name is likely to have to be true."""
    return bool(
        {
            "accept",
            "accepted",
            "agree",
            "agreed",
            "terms",
            "consent",
            "confirm",
            "confirmed",
            "enabled",
            "active",
        }
        & set(words_of(name))
    )


def varied(example: str, name: str, tag: str) -> Iterator[str]:
    """Forms of a documented example that differ from number to number, the most natural first."""
    words = set(words_of(name))
    if "@" in example:
        local, _, domain = example.rpartition("@")
        yield f"{local}{tag}@{domain}"
        yield f"{local}+{tag}@{domain}"
    elif {"name", "title", "label", "subject"} & words:
        yield f"{example} {tag}"
        yield f"{example}{tag}"
    elif example.replace("-", "").isalnum() or "_" in example:
        yield f"{example}-{tag}".upper() if example.isupper() else f"{example}-{tag}"
        yield f"{example}_{tag}"


def seeded(*parts: object) -> Random:
    """A source of random choices that is the same for the same parts."""
    return Random("\0".join(map(str, parts)))  # noqa: S311 - test data, not secrets
