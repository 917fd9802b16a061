"""Sample files in odd shapes, as agencies export them; every value is invented."""

import json
from pathlib import Path
from typing import Any

GIVEN = [
    "Anna",
    "Bernd",
    "Célia",
    "Dmitri",
    "Eva",
    "Friedrich",
    "Gül",
    "Hans",
    "Ída",
    "Jörg",
    "Käthe",
    "Lothar",
    "Müge",
    "Noël",
]
FAMILY = [
    "Müller",
    "Öztürk",
    "Weiß",
    "García",
    "O'Neill",
    "Nguyen",
    "Kowalski",
    "Strauß",
    "Fischer",
    "Krüger",
    "Çelik",
]
DOGS = (
    "Steuermarke;Halter Vorname;Halter Nachname;geb. am;Straße;PLZ;Ort;Telefon;Rasse;"
    "Name des Hundes;Angemeldet am;Jahressteuer;Stand;Bemerkung"
)


def dogs(path: Path, count: int = 20) -> Path:
    """Dog licences: semicolons, a byte order mark, German dates and amounts, one impossible day."""
    rows = [DOGS]
    for n in range(count):
        day = "31.02.2024" if n == 7 else f"{n % 28 + 1:02d}.03.2024"
        said = '"beißt; sagt ""Nachbar"""' if n == 3 else ""
        cells = (
            f"HM-2024-{4100 + n}",
            GIVEN[n % 14],
            FAMILY[n * 5 % 11],
            f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.{1950 + n}",
            f"Lindenstraße {n + 1}",
            f"0{4100 + n}",
            "Leipzig",
            f"0341 55{1000 + n}",
            ("Dackel", "Pudel", "Mischling")[n % 3],
            ("Rex", "Bello")[n % 2],
            day,
            f"{96 + n},50",
            "aktiv" if n % 4 else "abgemeldet",
            said,
        )
        rows.append(";".join(cells))
    path.write_bytes(("\ufeff" + "\r\n".join(rows) + "\r\n").encode())
    return path


def fine(n: int) -> dict[str, Any]:
    """A library fine: tables inside tables, a list, a time of the last change."""
    return {
        "fineId": f"F-{88_000 + n}",
        "borrower": {
            "cardNo": f"21{n:08d}",
            "name": {"first": GIVEN[n % 14], "last": FAMILY[n * 3 % 11]},
            "contacts": [{"email": f"user{n}@mail.example"}],
            "address": {"line1": f"{n} Mill Lane", "postcode": f"LS{n} 1AA", "city": "Leeds"},
        },
        "item": {"title": f"Book {n}", "barcode": str(30_000_000 + n)},
        "amount": round(1.25 * n + 0.5, 2),
        "currency": "GBP",
        "reason": ("overdue", "lost", "damaged")[n % 3],
        "state": ("outstanding", "paid", "waived")[n % 3],
        "assessedAt": f"2025-0{n % 9 + 1}-12T09:{n:02d}:00+00:00",
        "lastModified": f"2025-10-0{n % 9 + 1}T10:{n:02d}:11.250Z",
    }


def fines(path: Path) -> Path:
    """A dump of a JSON interface: the list lies two levels deep."""
    found = {"meta": {"page": 1, "pages": 1}, "data": {"fines": [fine(n) for n in range(25)]}}
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return path


def pages(path: Path) -> Path:
    """The same as answers of the interface, one after the other, put into a list."""
    found = [
        {"page": n + 1, "data": {"fines": [fine(5 * n + m) for m in range(5)]}, "more": n < 4}
        for n in range(5)
    ]
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return path


def deaths(path: Path) -> Path:
    """A death register: given names in a list, a number whose scheme is an attribute."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<reg:Register xmlns:reg="urn:x:register" xmlns:p="urn:x:person"',
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><reg:Entries>',
    ]
    for n in range(15):
        lines += [
            f'<reg:Entry reg:no="D/{n:05}" reg:rev="{1 + n % 3}">',
            f"<reg:RecordedOn>2026-01-{1 + n:02}T08:00:00</reg:RecordedOn><p:Deceased>",
            f"<p:GivenNames><p:Given>{GIVEN[n % 14]}</p:Given><p:Given>Maria</p:Given>",
            f"</p:GivenNames><p:FamilyName>{FAMILY[n * 3 % 11]}</p:FamilyName>",
            '<p:BirthName xsi:nil="true"/>',
            f"<p:DateOfBirth>19{40 + n}-03-0{1 + n % 9}</p:DateOfBirth>",
            f"<p:DateOfDeath>2026-01-{1 + n:02}</p:DateOfDeath>",
            f'<p:NationalNo scheme="PN">12{n:09}</p:NationalNo></p:Deceased></reg:Entry>',
        ]
    path.write_text("\n".join([*lines, "</reg:Entries></reg:Register>"]), encoding="utf-8")
    return path


def objections(path: Path) -> Path:
    """Planning objections: two name spaces, attributes, a header before the records."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<po:Export xmlns:po="urn:x:planning" xmlns:c="urn:x:common" generated="2025-11-01">',
        "<po:Header><po:Council>Ludlow &amp; District</po:Council></po:Header><po:Objections>",
    ]
    for n in range(16):
        lines += [
            f'<po:Objection c:ref="OBJ/25/{n:04d}"><po:Application caseNo="25/{1000 + n % 5}"/>',
            f"<po:Received>{n % 28 + 1:02d}/{n % 9 + 1:02d}/2025</po:Received><po:Objector>",
            f"<c:Name>Mr {GIVEN[n % 14]} {FAMILY[n * 7 % 11]}</c:Name><c:Address>",
            f"<c:Line>{n} Corve St</c:Line><c:Town>Ludlow</c:Town>",
            f"<c:PostCode>SY8 {n}AB</c:PostCode></c:Address>",
            f"<c:Email>obj{n}@mail.example</c:Email></po:Objector>",
            f"<po:Grounds>{('traffic', 'light', 'noise', 'heritage')[n % 4]}</po:Grounds>",
            f"<po:Statement>The extension would block the light of our kitchen, as in case {n}.",
            "</po:Statement></po:Objection>",
        ]
    path.write_text("\n".join([*lines, "</po:Objections></po:Export>"]), encoding="utf-8")
    return path


TAGS = (
    "Tag No;Keeper;Born;Tel.;Mail;Address;House No;Post Code;Town;Dog;Breed;Issued;Valid until;"
    "State;Fee EUR"
)


def tags(path: Path, count: int = 24) -> Path:
    """Dog tags: letters for where a tag stands, and n/a where an e-mail address is missing."""
    rows = [TAGS]
    for n in range(count):
        cells = (
            f"T-{20_000 + n}",
            f"{FAMILY[n * 5 % 11]}, {GIVEN[n % 14]}",
            f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.{1950 + n}",
            f"098 22{80_000 + n}" if n % 3 else "",
            f"user{n}@mail.example" if n % 4 == 0 else "n/a",
            "Canal Street" if n % 2 else "Elm Street",
            str(100 + n),
            str(29_000 + n),
            "Altstadt",
            ("Rex", "Luna")[n % 2],
            ("beagle", "mix")[n % 2],
            f"{n % 28 + 1:02d}.03.2024",
            f"{n % 28 + 1:02d}.03.2026",
            "ALW"[n % 3],
            f"{40 + n},50",
        )
        rows.append(";".join(cells))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def card(n: int) -> dict[str, Any]:
    """A library card whose number lies inside, with two ways to reach its patron."""
    return {
        "patron": {
            "barcode": f"{29_000_000 + n}",
            "display_name": f"{GIVEN[n % 14]} {FAMILY[n % 11]}",
            "contacts": [
                {"kind": "email", "value": f"user{n}@mail.example"},
                {"kind": "sms", "value": f"+1312555{3_000 + n}"},
            ],
        },
        "updated": f"2026-05-{n % 28 + 1:02}T12:00:00Z",
    }


def inspections(path: Path, count: int = 14) -> Path:
    """Food inspections: who runs the premises, what they are called, a number before the road."""
    lines = ['<foodInspections xmlns="urn:x:eh">']
    for n in range(count):
        lines += [
            f'<inspection id="EH{2600 + n}" date="2025-10-{n % 28 + 1:02}"><premises ref="P{n}">',
            f"<tradingAs>{GIVEN[n % 14]}s Cafe &amp; Co</tradingAs>",
            f'<operator type="company">{FAMILY[n % 11]} Foods Inc</operator>',
            f"<where><no>{100 + n}</no><road>Dock Road</road><postal>{60_000 + n}</postal></where>",
            f'<phone>312 555 {8_000 + n}</phone></premises><result score="{40 + n}">',
            f"{('PASS', 'FAIL')[n % 2]}</result></inspection>",
        ]
    path.write_text("\n".join([*lines, "</foodInspections>"]), encoding="utf-8")
    return path
