"""The stand-in licensing office: full snapshots as CSV files, some rows of them broken.

Business licences have the columns Chicago publishes and the employer's number; professional ones
have those of CompactConnect. A later snapshot has renewals, moves, ended and new licences; some
rows are gone without a word, and what was broken is partly mended.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from hub.local.departments import spelling
from hub.local.departments.files import drop
from hub.local.departments.population import (
    DAY_ZERO,
    Business,
    Citizen,
    Population,
    Truth,
    spread,
)
from hub.local.departments.spelling import happens

SNAPSHOTS = 3
DAYS_BETWEEN = 14
LICENSED_PERCENT = 80
PROFESSIONALS_PERCENT = 27
REDACTED = "[REDACTED FOR PRIVACY]"
BUSINESS_COLUMNS = (
    *("ID", "LICENSE ID", "ACCOUNT NUMBER", "SITE NUMBER", "LEGAL NAME", "DOING BUSINESS AS NAME"),
    *("ADDRESS", "CITY", "STATE", "ZIP CODE", "WARD", "PRECINCT", "WARD PRECINCT"),
    *("POLICE DISTRICT", "LICENSE CODE", "LICENSE DESCRIPTION", "BUSINESS ACTIVITY ID"),
    *("BUSINESS ACTIVITY", "LICENSE NUMBER", "APPLICATION TYPE", "APPLICATION CREATED DATE"),
    *("APPLICATION REQUIREMENTS COMPLETE", "PAYMENT DATE", "CONDITIONAL APPROVAL"),
    *("LICENSE TERM START DATE", "LICENSE TERM EXPIRATION DATE", "LICENSE APPROVED FOR ISSUANCE"),
    *("DATE ISSUED", "LICENSE STATUS", "LICENSE STATUS CHANGE DATE", "SSA", "LATITUDE"),
    *("LONGITUDE", "LOCATION", "EIN"),
)
PROFESSIONAL_COLUMNS = (
    *("ssn", "npi", "licenseNumber", "licenseType", "licenseStatus", "licenseStatusName"),
    *("compactEligibility", "givenName", "middleName", "familyName", "suffix", "dateOfBirth"),
    *("dateOfIssuance", "dateOfRenewal", "dateOfExpiration", "homeAddressStreet1"),
    *("homeAddressStreet2", "homeAddressCity", "homeAddressState", "homeAddressPostalCode"),
    *("emailAddress", "phoneNumber"),
)
KINDS = (
    ("1010", "Limited Business License", "911", "Retail Sales of General Merchandise"),
    ("1006", "Retail Food Establishment", "775", "Retail Sales of Perishable Foods | Catering"),
    ("4404", "Regulated Business License", "865", "Tire Facility"),
)
PROFESSIONS = ("audiologist", "speech-language pathologist", "licensed professional counselor")
Row = dict[str, str]


def write_snapshots(folder: Path, population: Population, snapshots: int = SNAPSHOTS) -> int:
    """Drop both kinds of file for each date; files that are there are left. How many were dropped.

    Names are business-licences-2025-03-03.csv and professional-licences-2025-03-03.csv.
    """
    return sum(write_snapshot(folder, population, number) for number in range(snapshots))


def write_snapshot(folder: Path, population: Population, number: int) -> int:
    """Drop the two files of one snapshot, the first being number 0."""
    day = DAY_ZERO + timedelta(days=number * DAYS_BETWEEN)
    businesses = content(BUSINESS_COLUMNS, business_rows(population, number), number)
    people = content(PROFESSIONAL_COLUMNS, professional_rows(population, number), number)
    return drop(folder / f"business-licences-{day}.csv", businesses) + drop(
        folder / f"professional-licences-{day}.csv", people
    )


def content(columns: tuple[str, ...], rows: Iterator[Row], number: int) -> bytes:
    """A file's bytes; broken rows are put in by place: other ones in each snapshot."""
    lines = [_line(columns)]
    for place, row in enumerate(rows):
        line = _line([row[column] for column in columns])
        lines.append(_broken(line, place // 300 + number) if place % 300 == 299 - number else line)
    return b"".join(lines)


def _line(cells: tuple[str, ...] | list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def _broken(line: bytes, kind: int) -> bytes:
    """A row as it must not be: cut off, one cell too many, not UTF-8, with a NUL byte."""
    head = line.removesuffix(b"\r\n")
    cut = head[: head.rindex(b",")].replace(b'"', b"")
    return (cut, head + b",extra", b"\xff\xfe" + head, head + b"\0")[kind % 4] + b"\r\n"


def truth(population: Population) -> list[Truth]:
    """Whom the licences of all snapshots are about."""
    found: dict[str, Truth] = {}
    for number in range(SNAPSHOTS):
        for row, business in _businesses(population, number):
            key = f"business/{row['ID']}"
            found[key] = Truth("licensing", key, "holder", business.entity)
        for row, citizen in _professionals(population, number):
            key = f"professional/{row['licenseType']}/{row['licenseNumber']}"
            found[key] = Truth("licensing", key, "holder", citizen.entity)
    return list(found.values())


def business_rows(population: Population, number: int) -> Iterator[Row]:
    """The rows of one snapshot of business licences."""
    return (row for row, _ in _businesses(population, number))


def professional_rows(population: Population, number: int) -> Iterator[Row]:
    """The rows of one snapshot of professional licences."""
    return (row for row, _ in _professionals(population, number))


def _businesses(population: Population, number: int) -> Iterator[tuple[Row, Business]]:
    for place, business in enumerate(population.businesses):
        chance = population.chance(f"licensing/business/{place}")
        licensed, sites = happens(chance, LICENSED_PERCENT), chance.choice((1, 1, 2, 3))
        for site in range(1, sites + 1 if licensed else 1):
            for row in _licence(place, site, business, number, chance):
                yield row, business


def _licence(
    place: int, site: int, business: Business, number: int, chance: Random
) -> Iterator[Row]:
    """The terms of one licence that stand in a snapshot.

    Chance is asked the same questions in each, so that a later one changes only what it means to.
    """
    licence = 1_000_000 + place * 10 + site
    base = _premises(site, business, number, chance)
    base |= {"ACCOUNT NUMBER": str(300_000 + place), "LICENSE NUMBER": str(licence)}
    started = DAY_ZERO - timedelta(days=chance.randrange(30, 700))
    moves = business.home != business.later_home and site == 1
    first = _term(base, licence, started, "ISSUE", chance)
    kind = "C_LOC" if moves else "RENEW"
    second = _term(base, licence, started + timedelta(days=730), kind, chance)
    renewed_in = chance.choice((0, 0, 1, 1, 2))
    opened_in = chance.choice((0,) * 8 + (1, 2))
    gone_in = chance.choice((1, 2)) if happens(chance, 2) else SNAPSHOTS
    status = chance.choice(("AAC", "REV"))
    if happens(chance, 5) and number >= 1:
        changed = _us(DAY_ZERO + timedelta(days=7))
        first |= {"LICENSE STATUS": status, "LICENSE STATUS CHANGE DATE": changed}
    if happens(chance, 1) and number == 0:
        first["DATE ISSUED"] = "31/12/2024"
    if opened_in <= number < gone_in:
        yield first
        if renewed_in and number >= renewed_in:
            yield second


def _premises(site: int, business: Business, number: int, chance: Random) -> Row:
    """The fields that tell the holder and the place."""
    home = business.later_home if number >= 1 and site == 1 else business.home
    street = spelling.street(home.street, chance).upper()
    code, description, activity_id, activity = chance.choice(KINDS)
    blank = dict.fromkeys(BUSINESS_COLUMNS, "")
    ward = str(chance.randrange(1, 51))
    return blank | {
        "SITE NUMBER": str(site),
        "LEGAL NAME": spelling.company(business.legal_name, chance).upper(),
        "DOING BUSINESS AS NAME": business.trading_name.upper(),
        "ADDRESS": REDACTED if happens(chance, 1) else f"{street} {home.unit and '#' + home.unit}",
        "CITY": home.city.upper(),
        "STATE": home.state[:2],
        "ZIP CODE": home.postal_code,
        "WARD": ward,
        "PRECINCT": "12",
        "WARD PRECINCT": f"{ward}-12",
        "POLICE DISTRICT": "15",
        "LICENSE CODE": code,
        "LICENSE DESCRIPTION": description,
        "BUSINESS ACTIVITY ID": activity_id,
        "BUSINESS ACTIVITY": activity,
        "CONDITIONAL APPROVAL": "N",
        "EIN": spelling.tax_number(business.ein, chance) if happens(chance, 75) else "",
    }


def _term(base: Row, licence: int, started: date, kind: str, chance: Random) -> Row:
    applied = started - timedelta(days=chance.randrange(20, 60))
    issued = started + timedelta(days=chance.randrange(-5, 20))
    return base | {
        "ID": f"{licence}-{started:%Y%m%d}",
        "LICENSE ID": str(licence * 3 + (kind != "ISSUE")),
        "APPLICATION TYPE": kind,
        "APPLICATION CREATED DATE": _us(applied) if kind == "ISSUE" else "",
        "APPLICATION REQUIREMENTS COMPLETE": _us(applied + timedelta(days=5)),
        "PAYMENT DATE": _us(applied + timedelta(days=6)),
        "LICENSE TERM START DATE": _us(started),
        "LICENSE TERM EXPIRATION DATE": _us(started + timedelta(days=729)),
        "LICENSE APPROVED FOR ISSUANCE": _us(issued - timedelta(days=1)),
        "DATE ISSUED": _us(issued),
        "LICENSE STATUS": "AAI",
    }


def _us(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _professionals(population: Population, number: int) -> Iterator[tuple[Row, Citizen]]:
    for place, citizen in enumerate(population.people):
        chance = population.chance(f"licensing/professional/{place}")
        if not happens(chance, PROFESSIONALS_PERCENT):
            continue
        opened_in = chance.choice((0,) * 8 + (1, 2))
        gone_in = chance.choice((1, 2)) if happens(chance, 2) else SNAPSHOTS
        row = _professional(place, citizen, number, chance)
        if opened_in <= number < gone_in:
            yield row, citizen
            if happens(chance, 1):
                yield row | {"familyName": "Second"}, citizen  # the same key again: not to be taken


def _professional(place: int, citizen: Citizen, number: int, chance: Random) -> Row:
    issued = DAY_ZERO - timedelta(days=chance.randrange(100, 3_000))
    renewed = happens(chance, 30) and number >= 1
    ended = happens(chance, 3) and number >= 2  # noqa: PLR2004 - in the third snapshot
    home = citizen.later_home if number >= 1 else citizen.home
    born = spelling.birthday(citizen.born, chance)
    if happens(chance, 1) and number == 0:
        born = "1899-13-45"
    return {
        "ssn": spelling.social_number(citizen.ssn, chance),
        "npi": f"1{spread(place):09d}" if happens(chance, 50) else "",
        "licenseNumber": f"P{spread(place):06d}",
        "licenseType": chance.choice(PROFESSIONS),
        "licenseStatus": "revoked" if ended else "active",
        "licenseStatusName": "",
        "compactEligibility": "eligible",
        "givenName": spelling.given_name(citizen.given, chance),
        "middleName": citizen.middle,
        "familyName": spelling.family_name(citizen.family, chance),
        "suffix": citizen.suffix,
        "dateOfBirth": born,
        "dateOfIssuance": issued.isoformat(),
        "dateOfRenewal": (DAY_ZERO + timedelta(days=9)).isoformat() if renewed else "",
        "dateOfExpiration": (DAY_ZERO + timedelta(days=700)).isoformat(),
        "homeAddressStreet1": spelling.street(home.street, chance),
        "homeAddressStreet2": home.unit,
        "homeAddressCity": home.city,
        "homeAddressState": home.state[:2].lower(),
        "homeAddressPostalCode": home.postal_code,
        "emailAddress": citizen.email,
        "phoneNumber": f"+1{citizen.phone}",
    }
