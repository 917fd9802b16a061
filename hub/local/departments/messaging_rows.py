"""What the stand-in contact centre has to tell: callbacks of its notification service, requests.

Pure. Callbacks are in the shapes GOV.UK Notify posts, requests in those of Open311 GeoReport v2.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from random import Random
from typing import Any, NamedTuple

from hub.local.departments import names, spelling
from hub.local.departments.population import DAY_ZERO, Citizen, Population, Truth
from hub.local.departments.spelling import happens

MESSAGES_SHARE = 0.9
TEXTS_SHARE = 0.12
LETTERS_SHARE = 0.05
REQUESTS_SHARE = 1.0
STAGES = 3
"""Requests move on: the server shows them as they are in stage 0, 1 or 2."""
DAY_S = 86_400
RECEIPT, TEXT, LETTER = "delivery-receipt", "received-text", "returned-letter"
SAID = (
    "STOP",
    "When is my appointment?",
    "Grazie mille \u2764\ufe0f",
    "<b>call me</b>",
    "=1+1",
    "Привет",
    "'; DELETE FROM messages; --",
)
SERVICES = (
    ("POT", "Pothole in Street", "Transportation"),
    ("GRF", "Graffiti Removal", "Streets"),
    ("LIC", "Business Licence Question", "Licensing Office"),
    ("GRN", "Grant Question", "Grants Office"),
)
BAD_BODIES = (
    b"",
    b"not json",
    b'{"id": "cut off',
    b"[1, 2, 3]",
    b'{"id": "twice", "id": "twice"}',
    b'{"status": NaN}',
    b"\xff\xfe{}",
    b'{"no": "fields we know"}',
    b"[" * 500,
)
_encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode


class Callback(NamedTuple):
    """One POST of the notification service."""

    path: str
    body: bytes


def instant(second: int, fraction: bool = True) -> str:
    """A moment after the departments' first day, as the services write it."""
    at = datetime.combine(DAY_ZERO, time(), UTC) + timedelta(seconds=second)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if fraction else "%Y-%m-%dT%H:%M:%SZ")


def _uuid(population: Population, *parts: object) -> str:
    """The same identifier for the same seed and parts, in the form of a UUID."""
    text = "/".join(str(part) for part in (population.seed, *parts))
    digits = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def callbacks(population: Population) -> list[Callback]:
    """All callbacks in the order in which they are posted: any, and some of them twice."""
    chance = population.chance("messaging/callbacks")
    posts = [callback for callback, _ in _known(population)]
    posts += [Callback(chance.choice((RECEIPT, TEXT)), body) for body in BAD_BODIES * 4]
    posts += [post for post in posts if happens(chance, 8)]
    places = list(range(len(posts)))
    places.sort(key=lambda place: place + chance.randrange(200))
    return [posts[place] for place in places]


def truth(population: Population) -> list[Truth]:
    """Whom messages, texts and requests are about."""
    told = [truth for _, truth in _known(population) if truth is not None]
    for states, who in _requests(population):
        number = states[-1].get("service_request_id")
        if who and number:
            told.append(Truth("messaging_requests", f"request/{number}", "requester", who))
    return list(dict.fromkeys(told))


def _known(population: Population) -> Iterator[tuple[Callback, Truth | None]]:
    chance = population.chance("messaging")
    people = population.people
    for number in range(int(len(people) * MESSAGES_SHARE)):
        citizen = chance.choice(people)
        identifier = _uuid(population, "message", number)
        known = _truth(f"message/{identifier}", "recipient", citizen)
        for receipt in _receipts(identifier, citizen, chance):
            yield Callback(RECEIPT, _encode(receipt).encode()), known
    for number in range(int(len(people) * TEXTS_SHARE)):
        citizen = chance.choice(people)
        identifier = _uuid(population, "text", number)
        text = {
            "id": identifier,
            "source_number": f"1{citizen.phone}",
            "destination_number": "12065550199",
            "message": chance.choice(SAID),
            "date_received": instant(chance.randrange(60 * DAY_S)),
        }
        known = _truth(f"text/{identifier}", "sender", citizen)
        yield Callback(TEXT, _encode(text).encode()), known
    for number in range(int(len(people) * LETTERS_SHARE)):
        yield Callback(LETTER, _encode(_letter(population, number, chance)).encode()), None


def _truth(record_key: str, ref: str, citizen: Citizen) -> Truth:
    return Truth("messaging_notifications", record_key, ref, citizen.entity)


def _receipts(identifier: str, citizen: Citizen, chance: Random) -> list[dict[str, Any]]:
    """One to three receipts of a message, the last one final or not."""
    by_mail = bool(citizen.email) and happens(chance, 60)
    created = chance.randrange(60 * DAY_S)
    receipt = {
        "id": identifier,
        "reference": f"{chance.randrange(10**8):08d}" if happens(chance, 50) else None,
        "to": citizen.email if by_mail else spelling.phone(citizen.phone, chance),
        "status": "sending",
        "created_at": instant(created),
        "completed_at": None,
        "sent_at": instant(created + 1),
        "notification_type": "email" if by_mail else "sms",
        "template_id": f"f33517ff-2a88-4f6e-b855-{chance.randrange(1, 20):012d}",
        "template_version": chance.randrange(1, 5),
    }
    final = chance.choice(
        ("delivered",) * 12 + ("permanent-failure", "technical-failure", "validation-failed")
    )
    told = [receipt] if happens(chance, 40) else []
    if happens(chance, 10):
        completed = instant(created + 30)
        told.append({**receipt, "status": "temporary-failure", "completed_at": completed})
    told.append({**receipt, "status": final, "completed_at": instant(created + 90)})
    if happens(chance, 1):
        told[-1]["created_at"] = told[-1]["completed_at"] = "yesterday"
    return told


def _letter(population: Population, number: int, chance: Random) -> dict[str, Any]:
    return {
        "notification_id": _uuid(population, "letter", number),
        "reference": None,
        "date_sent": instant(chance.randrange(30 * DAY_S)),
        "sent_by": "clerk@office.example" if happens(chance, 50) else None,
        "template_name": "Licence renewal",
        "template_id": "f33517ff-2a88-4f6e-b855-000000000099",
        "template_version": 1,
        "spreadsheet_file_name": "renewals.csv",
        "spreadsheet_row_number": number + 1,
        "upload_letter_file_name": None,
    }


def requests(population: Population) -> list[tuple[Any, ...]]:
    """Every service request with its state in each stage; None where it is not there yet."""
    return [states for states, _ in _requests(population)]


def _requests(population: Population) -> Iterator[tuple[tuple[Any, ...], str]]:
    chance = population.chance("messaging/requests")
    for number in range(int(len(population.people) * REQUESTS_SHARE)):
        citizen = chance.choice(population.people)
        first = _request(number, citizen, chance)
        who = citizen.entity
        if happens(chance, 15):
            for field in ("first_name", "last_name", "email", "phone", "account_id"):
                first.pop(field)
            who = ""
        _damage(number, first)
        yield _stages(first, number, chance), who


def _request(number: int, citizen: Citizen, chance: Random) -> dict[str, Any]:
    code, name, agency = chance.choice(SERVICES)
    requested = instant(chance.randrange(20 * DAY_S), fraction=False)
    return {
        "service_request_id": f"SR-{number:06d}",
        "status": "open",
        "status_notes": "",
        "service_code": code,
        "service_name": name,
        "description": chance.choice((*SAID, "Deep hole near the school", "Please help")),
        "agency_responsible": agency,
        "requested_datetime": requested,
        "updated_datetime": requested,
        "expected_datetime": None,
        "address": spelling.street(citizen.home.street, chance),
        "zipcode": citizen.home.postal_code,
        "lat": 41.5 + chance.randrange(10**6) / 10**6,
        "long": -87.5 - chance.randrange(10**6) / 10**6,
        "first_name": spelling.given_name(citizen.given, chance),
        "last_name": spelling.suffixed(
            spelling.family_name(citizen.family, chance), citizen.suffix, chance
        ),
        "email": citizen.email,
        "phone": spelling.phone(citizen.phone, chance),
        "account_id": citizen.login if happens(chance, 70) else "",
    }


def _damage(number: int, request: dict[str, Any]) -> None:
    """Some requests are not as they should be, by their number."""
    kind = number % 400
    if kind == 1:
        request["requested_datetime"] = "last Tuesday"
    elif kind == 2:  # noqa: PLR2004 - one of four kinds
        request["token"] = request.pop("service_request_id")
    elif kind == 3:  # noqa: PLR2004
        request["status"] = "escalated to mayor"
    elif kind == 4:  # noqa: PLR2004
        request["extended_attributes"] = {"ward": "7", "note": chr(0x202E) + names.HOSTILE[0]}


def _stages(first: dict[str, Any], number: int, chance: Random) -> tuple[Any, ...]:
    """The request in each stage: later ones are opened later; most move on, many are closed."""
    opened = chance.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2))
    states: list[dict[str, Any] | None] = [None] * opened + [first]
    for stage in range(opened + 1, STAGES):
        last = states[-1]
        if last is None or last["status"] == "closed" or happens(chance, 60):
            states.append(last)
            continue
        status = chance.choice(("in progress", "closed"))
        updated = instant((20 + 10 * stage) * DAY_S + number // 3, fraction=False)
        notes = f"{status} by crew {number % 9}"
        states.append(
            {**last, "status": status, "updated_datetime": updated, "status_notes": notes}
        )
    if opened:
        states = [s and {**s, "updated_datetime": _not_before(s, opened, number)} for s in states]
    return tuple(states)


def _not_before(state: dict[str, Any], stage: int, number: int) -> str:
    """A request that comes in a later stage is changed in it, or nobody would ask for it."""
    return max(
        str(state["updated_datetime"]),
        instant((20 + 10 * stage) * DAY_S + number // 3, fraction=False),
    )
