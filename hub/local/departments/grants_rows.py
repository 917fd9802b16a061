"""What happens in the stand-in grants department: every write to its tables, in order. Pure.

`transactions` is the whole story; `awards` are the records of its award files.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from hub.local.departments import names, spelling
from hub.local.departments.population import DAY_ZERO, Business, Citizen, Population, Truth
from hub.local.departments.spelling import happens

DAY_S = 86_400
DAYS = 60
FIRST_ID = 5_000
CONTACTS_PERCENT = 40
APPLICATIONS_PER_BUSINESS = 1.2
AWARD_RECORDS_SHARE = 0.66
BROKEN_AWARD_EVERY = 250
TRANSACTION_WRITES_MAX = 40
APPLICANT_TYPES = ("M: Nonprofit", "R: Small Business", "Q: For-Profit Organization")
INDIVIDUAL = "P: Individual"
PROJECTS = ("Roof Repair", "Youth Theatre", "Clean Energy", "Job Training", "Food Bank", "Mural")


class Write(NamedTuple):
    """One row written: `operation` is insert, update or delete; `row` what is set."""

    table: str
    operation: str
    key: int
    row: Mapping[str, str | int | None]


class _Story:
    """Collects writes with the second at which they happen."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.told: list[tuple[int, int, Write]] = []
        self.truth: list[Truth] = []

    def at(self, day: float) -> int:
        """A second of that day, within office hours."""
        return int(day) * DAY_S + self.chance.randrange(9 * 3_600, 17 * 3_600)

    def tell(self, second: int, table: str, operation: str, key: int, row: dict[str, Any]) -> None:
        """Remember a write."""
        if operation != "delete":
            row = {**row, "last_upd_date": moment(second)}
        if operation == "insert":
            row["created_date"] = moment(second)
        self.told.append((second, len(self.told), Write(table, operation, key, row)))

    def know(self, record_key: str, ref: str, entity: str) -> None:
        """Remember whom a place in a record is about."""
        self.truth.append(Truth("grants_applications", record_key, ref, entity))


def moment(second: int) -> str:
    """A wall clock time without zone, as the legacy system writes it."""
    return str(datetime.combine(DAY_ZERO, time()) + timedelta(seconds=second))


def transactions(population: Population) -> Iterator[tuple[Write, ...]]:
    """All writes, in order, in transactions of 1 to TRANSACTION_WRITES_MAX."""
    chance = population.chance("grants/transactions")
    writes = [write for _, _, write in sorted(_story(population).told)]
    place = 0
    while place < len(writes):
        size = chance.choice((1, 1, 2, 5, 20, TRANSACTION_WRITES_MAX))
        yield tuple(writes[place : place + size])
        place += size


def truth(population: Population) -> list[Truth]:
    """Whom the places in the tables and award files are about."""
    files = [
        Truth("grants_awards", f"award/{award['id']}", "recipient", business.entity)
        for award, business in _awards(population)
    ]
    return [*_story(population).truth, *files]


def _story(population: Population) -> _Story:
    story = _Story(population.chance("grants"))
    for number, citizen in enumerate(population.people):
        if happens(story.chance, CONTACTS_PERCENT):
            _contact(story, FIRST_ID + 2 * number, citizen)
    for number in range(int(len(population.businesses) * APPLICATIONS_PER_BUSINESS)):
        if happens(story.chance, 72):
            business = story.chance.choice(population.businesses)
            _by_business(story, FIRST_ID + number, business, population.people[business.owner])
        else:
            _by_individual(story, FIRST_ID + number, story.chance.choice(population.people))
    return story


def _contact(story: _Story, key: int, citizen: Citizen) -> None:
    chance = story.chance
    day = chance.randrange(DAYS // 2)
    story.tell(story.at(day), "tcontact", "insert", key, contact_row(key, citizen, chance))
    story.know(f"contact/{key}", "contact", citizen.entity)
    if happens(chance, 4):
        again = contact_row(key + 1, citizen, chance)
        again["is_duplicate"] = chance.choice("YN")
        story.tell(story.at(day + 1), "tcontact", "insert", key + 1, again)
        story.know(f"contact/{key + 1}", "contact", citizen.entity)
    if happens(chance, 20):
        changed = {"email": f"new.{citizen.email}" if citizen.email else None}
        story.tell(story.at(day + 20), "tcontact", "update", key, changed)
    elif happens(chance, 5):
        family = chance.choice(names.FAMILY)
        married = {"last_name": family, "full_name": f"{citizen.given} {family}"}
        story.tell(story.at(day + 21), "tcontact", "update", key, married)
    if happens(chance, 2):
        story.tell(story.at(day + 25), "tcontact", "update", key, {"is_deleted": "Y"})
    elif happens(chance, 2):
        story.tell(story.at(day + 26), "tcontact", "delete", key, {})


def contact_row(key: int, citizen: Citizen, chance: Random) -> dict[str, Any]:
    """A person as this department writes them down, once in parts and once in one piece."""
    given = spelling.given_name(citizen.given, chance)
    family = spelling.family_name(citizen.family, chance)
    family = spelling.suffixed(family, citizen.suffix, chance)
    return {
        "contact_id": key,
        "applicant_number": f"A{key:07d}",
        "full_name": spelling.full_name(given, family, chance),
        "first_name": given,
        "middle_name": citizen.middle[:1] or None,
        "last_name": family,
        "email": citizen.email or None,
        "phone_number": spelling.phone(citizen.phone, chance),
        "login_id": citizen.login or None,
        "ssn": spelling.social_number(citizen.ssn, chance) if happens(chance, 60) else None,
        "is_duplicate": "N",
        "is_deleted": "N",
    }


def _by_business(story: _Story, key: int, business: Business, owner: Citizen) -> None:
    chance = story.chance
    row = {
        **_form(key, owner, business.home, chance),
        "applicant_type": chance.choice(APPLICANT_TYPES),
        "organization_name": spelling.company(business.legal_name, chance)[:300],
        "employer_taxpayer_id": spelling.tax_number(business.ein, chance),
        "samuei": business.uei or None,
        "contact_title": chance.choice(("Director", "Owner", "Grants Manager")),
        "signatory_full_name": f"{owner.given} {owner.family}",
    }
    for ref, entity in (("applicant", business), ("contact", owner), ("signatory", owner)):
        story.know(f"application/{key}", ref, entity.entity)
    approved = _life(story, key, row)
    if approved is not None:
        _award(story, key, approved, row, business)


def _by_individual(story: _Story, key: int, citizen: Citizen) -> None:
    row = {
        **_form(key, citizen, citizen.home, story.chance),
        "applicant_type": INDIVIDUAL,
        "employer_taxpayer_id": spelling.social_number(citizen.ssn, story.chance),
    }
    story.know(f"application/{key}", "applicant", citizen.entity)
    _life(story, key, row)


def _form(key: int, person: Citizen, home: Any, chance: Random) -> dict[str, Any]:
    """The fields that every application has."""
    amount = chance.randrange(1_000, 900_000)
    return {
        "application_id": key,
        "tracking_number": f"GRANT{10_000_000 + key}",
        "opportunity_number": f"HHS-2025-{chance.randrange(1, 40):03d}",
        "street1": spelling.street(home.street, chance),
        "street2": home.unit or None,
        "city": home.city,
        "state": home.state,
        "zip": home.postal_code,
        "country": "USA: UNITED STATES",
        "contact_prefix": chance.choice(("Mr.", "Ms.", "Dr.", None)),
        "contact_first_name": spelling.given_name(person.given, chance),
        "contact_middle_name": person.middle or None,
        "contact_last_name": spelling.family_name(person.family, chance),
        "contact_suffix": person.suffix or None,
        "contact_phone": spelling.phone(person.phone, chance),
        "contact_email": person.email or None,
        "contact_login_id": person.login or None,
        "project_title": f"{chance.choice(PROJECTS)} <b>{home.city}</b>",
        "requested_amount": f"{amount:,}.00",
        "delinquent_federal_debt": chance.choice(("N: No", "N: No", "N: No", "Y: Yes")),
        "is_draft": "N",
    }


def _life(story: _Story, key: int, row: dict[str, Any]) -> int | None:
    """An application from draft to decision; the second it was approved in, where it was."""
    chance = story.chance
    received = story.at(chance.randrange(DAYS // 3))
    row |= {"date_received": moment(received), "status": "Received"}
    row |= {"status_date": moment(received)}
    table = "tapplication"
    mended = _break(row, chance)
    if happens(chance, 10):
        story.tell(received - 600, table, "insert", key, {**row, "is_draft": "Y"})
        if happens(chance, 40):
            return None
        story.tell(received, table, "update", key, {"is_draft": "N"})
    else:
        story.tell(received, table, "insert", key, row)
    if mended:
        story.tell(received + 3 * DAY_S, table, "update", key, mended)
    agency = {"status": "Received by Agency", "status_date": moment(received + DAY_S)}
    story.tell(received + DAY_S, table, "update", key, agency)
    if happens(chance, 30):
        return None
    decided = received + chance.randrange(10, 30) * DAY_S
    status = chance.choice(
        ("Approved", "Approved", "Rejected", "Withdrawn by Applicant", "Returned to Sender")
    )
    decision = {"status": status, "status_date": moment(decided)}
    story.tell(decided, table, "update", key, decision)
    if happens(chance, 2):
        story.tell(decided + DAY_S, table, "delete", key, {})
    return decided if status == "Approved" else None


def _break(row: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Damage one row of a hundred; what mends it later, blank where nothing does."""
    if not happens(chance, 1):
        return {}
    field, damage = chance.choice(
        (
            ("requested_amount", "twelve thousand"),
            ("date_received", None),
            ("delinquent_federal_debt", "? not answered"),
            ("tracking_number", " "),
        )
    )
    right, row[field] = row[field], damage
    return {field: right} if happens(chance, 50) else {}


def _award(
    story: _Story, key: int, approved: int, application: Mapping[str, Any], business: Business
) -> None:
    chance, second = story.chance, approved + 3_600
    row = {
        "award_id": key,
        "award_number": f"AW-{key:06d}",
        "tracking_number": application["tracking_number"],
        "organization_name": spelling.company(business.legal_name, chance)[:300],
        "samuei": business.uei or None,
        "employer_taxpayer_id": spelling.tax_number(business.ein, chance),
        "award_amount": application["requested_amount"],
        "disbursed_amount": "0.00",
        "award_date": moment(second),
        "project_start_date": moment(second + 30 * DAY_S)[:10],
        "project_end_date": moment(second + 395 * DAY_S)[:10],
        "is_draft": "Y" if happens(chance, 3) else "N",
    }
    story.tell(second, "taward", "insert", key, row)
    story.know(f"award/{key}", "recipient", business.entity)
    if happens(chance, 50):
        paid = {"disbursed_amount": f"{chance.randrange(100, 999)}.50"}
        story.tell(second + 10 * DAY_S, "taward", "update", key, paid)


def awards(population: Population, *, later: bool) -> Iterator[str]:
    """The records of the first award file, or those of the `later` one, each as JSON text."""
    chance = population.chance("grants/awards/later")
    encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode
    for number, (award, _) in enumerate(_awards(population)):
        corrected = happens(chance, 5)
        if later and not corrected:
            continue
        if later:
            award |= {"amountDisbursed": award["amountAwarded"]}
            award |= {"dateModified": "2025-04-07T08:00:00Z"}
        text = encode(award)
        if number % BROKEN_AWARD_EVERY == 1 and not later:
            text = text.replace('"amountAwarded": ', '"amountAwarded": NaN, "was": ')
        yield text


def _awards(population: Population) -> Iterator[tuple[dict[str, Any], Business]]:
    chance = population.chance("grants/awards")
    for number in range(int(len(population.businesses) * AWARD_RECORDS_SHARE)):
        business = chance.choice(population.businesses)
        awarded = DAY_ZERO - timedelta(days=chance.randrange(1, 900))
        pattern = "%d/%m/%Y" if happens(chance, 30) else "%Y-%m-%d"
        yield (
            {
                "id": f"360G-civic-{number:05d}",
                "title": f"{chance.choice(PROJECTS)} for {business.trading_name}",
                "description": f"To {business.legal_name} for its work in {business.home.city}.",
                "currency": "USD",
                "amountAwarded": chance.randrange(500, 90_000),
                "awardDate": awarded.strftime(pattern),
                "dateModified": "2025-03-03T08:00:00Z",
                "plannedDates": [{"startDate": (awarded + timedelta(days=30)).isoformat()}],
                "recipientOrganization": [_recipient(business, chance)],
                "fundingOrganization": [{"id": "US-EIN-990000001", "name": "Civic Fund"}],
                "grantProgramme": [{"code": "N", "title": "Neighbourhoods"}],
                "Open Call?": chance.choice(("YES", "NO")),
            },
            business,
        )


def _recipient(business: Business, chance: Random) -> dict[str, Any]:
    return {
        "id": f"US-EIN-{spelling.tax_number(business.ein, chance)}",
        "name": spelling.company(business.legal_name, chance),
        "streetAddress": spelling.street(business.home.street, chance),
        "addressLocality": business.home.city,
        "addressRegion": business.home.state[:2],
        "postalCode": business.home.postal_code,
        "addressCountry": "US",
    }
