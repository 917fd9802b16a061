"""Test vectors, so that an agency can make the same tokens elsewhere: every rule with examples."""

from typing import Any

from hub.identity import normalise
from hub.identity.addresses import address, where
from hub.identity.blind import RULES, Blinder
from hub.identity.dataset import record

KEY = bytes(range(32))
"""The published key of the vectors; never one to link with."""
_NAMES = (
    ("Dr. María José", "O'Neil-Smith Jr."),
    ("J.R.", "MacDonald"),
    ("Mac", "Mc Donald"),
    ("", "RESPONDENT"),
    ("Юлия", "Иванова"),
    ("小明", "王"),
    ("Ro8ert", "García Márquez"),
    ("Heung-Min", "Son"),
    ("Earl", "Major"),
)
_FULL = (
    "GARCIA LOPEZ, Maria",
    "Ludwig van der Berg",
    "王小明",
    "欧阳小明",
    "Suharto",
    "n/a",
    "Earl Smith",
    "Major John Smith",
    "JosÃ© O&#39;Brien",
)
_BIRTHS = (
    "1980-03-04", "03/04/1980", "19800304", "03041980", "4 March 1980", "Mar 4, 80", "1980",
    "1980-03", "1980-00-00", "3001-19-66", "1900-01-01", "unknown",
)  # fmt: skip
_NUMBERS = (
    ("us-ssn", "536-90-4399"), ("us-ssn", "000-12-3456"), ("us-ssn", "666-12-3456"),
    ("us-ssn", "950-91-4423"), ("us-ssn", "536-90-439"), ("national", "123456789"),
    ("national", "AB 12.345"),
)  # fmt: skip
_ADDRESSES = (
    "12 North Oak Street Apt 3B", "P.O. Box 441", "Hauptstraße 12", "12 Oak St, Springfield, IL",
    "#4, 12 First Avenue", "5 5aint John Rd", "Mill House, 12 High St, Leeds LS1 4AB",
    "Miami, FL, 33101", "Sector 21, Pune", "滨江路861号", "Ground Floor 12 High St",
    "First Floor\nStation House\n500 Elder Gate",
)  # fmt: skip
_WHOLE_ADDRESSES = (
    "12 Oak St, Springfield, IL 62704-1234", "12 Oak St Springfield IL 62704",
    "12 High St, Headingley, Leeds LS1 4AB, UK", "Hauptstraße 12, D-80331 München",
    "12 Main St, Toronto, ON M5V 2T6", "12 George St, Sydney NSW 2000", "12 Oak St, Rear",
    "Miami, FL, 33101", "Sector 21, Pune, Maharashtra",
)  # fmt: skip
_PHONES = ("(907) 743-6858", "+1 907 743 6858 x12", "5550000000", "0044 20 7946 0958")
_SEVERAL_PHONES = ("907-743-6858 / 907-743-6859", "907 743 6858;907 743 6858")
_EMAILS = ("Jo.Smith+tax@Gmail.com", "none@none.example", "no address")
_SEVERAL_EMAILS = ("a@x.example; B@Y.example", "Ann Lee <ann@x.example>", "ann (at) x.example")
_POSTCODES = ("62704-1234", "SW1A 1AA", "00000")
_RECORD = {
    "given": "Robert", "middle": "James", "surname": "O'Neil", "suffix": "Jr.",
    "birth": "1980-03-04", "ssn": "536-90-4399", "street": "12 Oak St Apt 3",
    "place": "Springfield", "region": "IL", "postcode": "62704-1234", "phone": "(907) 743-6858",
    "email": "bob@mail.example", "sex": "Male",
}  # fmt: skip


def vectors() -> dict[str, Any]:
    """Normalised values, tokens, and a whole record, as plain values."""
    blinder = Blinder(KEY)
    return {
        "rules": RULES,
        "key_hex": KEY.hex(),
        "names": [[*one, normalise.name(*one)] for one in _NAMES],
        "full_names": [[one, normalise.full_name(one)] for one in _FULL],
        "births": [[one, normalise.birth(one)] for one in _BIRTHS],
        "identifiers": [[*one, normalise.number(*one)] for one in _NUMBERS],
        "addresses": [[one, address(one)] for one in _ADDRESSES],
        "whole_addresses": [[one, where(one)] for one in _WHOLE_ADDRESSES],
        "phones": [[one, normalise.phone(one)] for one in _PHONES],
        "several_phones": [[one, normalise.phones(one)] for one in _SEVERAL_PHONES],
        "several_emails": [[one, normalise.emails(one)] for one in _SEVERAL_EMAILS],
        "emails": [[one, normalise.email(one)] for one in _EMAILS],
        "postcodes": [[one, normalise.postcode(one)] for one in _POSTCODES],
        "tokens": [
            [label, text, blinder.token(label, text)]
            for label, text in (("word", "robert"), ("sound", "RBRT"), ("birth", "1980-03-04"))
        ],
        "record": {"values": _RECORD, "blind": as_plain(blinder.record(record(_RECORD)))},
    }


def as_plain(value: Any) -> Any:
    """Named tuples as objects, others as lists; empty fields are left away."""
    if hasattr(value, "_asdict"):
        return {name: as_plain(one) for name, one in value._asdict().items() if one not in ("", ())}
    if isinstance(value, tuple):
        return [as_plain(one) for one in value]
    return value
