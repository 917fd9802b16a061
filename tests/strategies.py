"""Any value of the schemas, for property tests: `events()`, `views()`, `of(full_name)`.

Derived from the schemas by reflection, so that a new field is drawn as soon as it exists. Texts
hold any Unicode, numbers reach their limits, lists stay short.
"""

import functools
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import schemas
from hub.canon import model
from hub.canon.model import (
    EVENT_NAMES,
    VIEW_NAMES,
    Address,
    ApplicationType,
    Assurance,
    Capture,
    Claims,
    Envelope,
    Event,
    EventKind,
    Identifier,
    Licence,
    LicenceClass,
    LicenceIssued,
    LicenceStatus,
    Moment,
    Organisation,
    Origin,
    Precision,
    View,
)

LONGS = st.integers(-(1 << 63), (1 << 63) - 1)
INSTANTS_US = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)
PRIMITIVES: dict[str, SearchStrategy[Any]] = {
    "string": st.text(max_size=20),
    "bytes": st.binary(max_size=20),
    "long": LONGS,
    "boolean": st.booleans(),
    "null": st.none(),
    "uuid": st.uuids().map(str),
    "timestamp-micros": INSTANTS_US,
}
COMMON = 3
ITEMS_MAX = 2


def events() -> SearchStrategy[Event]:
    """Any event of any type."""
    return st.one_of([event(name) for name in EVENT_NAMES.values()])


def views() -> SearchStrategy[View]:
    """Any view or identity change."""
    return st.one_of([of(name) for name in VIEW_NAMES.values()])


def event(full_name: str) -> SearchStrategy[Event]:
    """Any event with a body of this name."""
    claims = st.one_of(st.none(), of("civic.Claims"), of("civic.Sealed"))
    return st.builds(Event, of("civic.Capture"), of("civic.Envelope"), claims, of(full_name))


@functools.cache
def of(full_name: str) -> SearchStrategy[Any]:
    """Any value of the class of this schema; for an event, of its body class."""
    schema = schemas.raw(full_name)
    found = getattr(model, schema["name"])
    if schema["type"] == "enum":
        return st.sampled_from(found)
    own = schema["fields"][COMMON:] if found in EVENT_NAMES else schema["fields"]
    return st.builds(found, *(_typed(field["type"]) for field in own))


def _typed(avro: Any) -> SearchStrategy[Any]:
    if isinstance(avro, list):
        return st.one_of([_typed(branch) for branch in avro])
    if isinstance(avro, str):
        return PRIMITIVES[avro] if avro in PRIMITIVES else of(avro)
    if avro["type"] == "array":
        return st.lists(_typed(avro["items"]), max_size=ITEMS_MAX).map(tuple)
    if avro["type"] == "map":
        return st.dictionaries(st.text(max_size=5), _typed(avro["values"]), max_size=ITEMS_MAX)
    if avro.get("logicalType") == "decimal":
        return _decimals(avro["precision"], avro["scale"])
    return PRIMITIVES[avro.get("logicalType", avro["type"])]


def _decimals(precision: int, scale: int) -> SearchStrategy[Decimal]:
    limit = 10**precision - 1
    return st.integers(-limit, limit).map(lambda number: _exact(number, scale))


def _exact(number: int, scale: int) -> Decimal:
    digits = tuple(int(digit) for digit in str(abs(number)))
    return Decimal((int(number < 0), digits, -scale))


DAY = Moment("2024-02-16", Precision.DAY, 1_708_041_600_000_000)
SAMPLE = Event(
    Capture(1_708_087_000_123_456, "2024-02-16T12"),
    Envelope(
        "0190163d-8694-8bcd-9a2e-6b1e1e1f2a3b",
        EventKind.ASSERTED,
        None,
        DAY,
        Origin(
            "business-affairs",
            "licence-register",
            "licensing",
            "1190163d-8694-8bcd-9a2e-6b1e1e1f2a3b",
            "business/2875412",
            1_708_087_000_000_000,
        ),
    ),
    Claims(
        (),
        (
            Organisation(
                "holder",
                "Prairie Lantern Coffee LLC",
                ("Prairie Lantern",),
                (
                    Identifier("us-chi-account", "445210", Assurance.VERIFIED),
                    Identifier("us-ein", "361234567", Assurance.CLAIMED),
                ),
                (Address(None, "100 W Example St", None, "Chicago", "IL", "60601", "US"),),
            ),
        ),
    ),
    LicenceIssued(
        Licence(
            "2875412",
            "2875412-20240216",
            LicenceClass.BUSINESS,
            "445210",
            "1",
            "1006",
            "Retail Food Establishment",
            ("Preparation of food",),
            ApplicationType.RENEW,
            "RENEW",
            DAY,
            Moment("2026-02-15", Precision.DAY, 1_771_113_600_000_000),
            LicenceStatus.ISSUED,
            "AAI",
        )
    ),
)
"""A realistic event: one organisation, one address, two identifiers."""
