"""What the codec refuses to write: every value of a wrong class or size, named, never shown."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from hub.canon import model
from hub.canon.codec import MESSAGE_BYTES_MAX, Codec, wire_names
from hub.canon.model import (
    EVENT_NAMES,
    AwardGranted,
    Claims,
    Event,
    FreeText,
    LicenceStatus,
    Money,
    Organisation,
    Person,
    PersonName,
    Precision,
)
from hub.errors import EncodeError
from tests import strategies
from tests.strategies import SAMPLE

CODEC = Codec({name: number for number, name in enumerate(wire_names(), 1)})
SECRET = "Lovelace"


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


def refused(value: Any) -> EncodeError:
    """The error a value is refused with."""
    with pytest.raises(EncodeError) as caught:
        CODEC.encode(value)
    return caught.value


def with_claims(claims: Any) -> Event:
    """The sample with other claims."""
    return SAMPLE._replace(claims=claims)


def award(amount: Any) -> Event:
    """An award of an amount."""
    return SAMPLE._replace(body=AwardGranted("1", awarded=Money(amount, "USD")))


def with_version(number: Any) -> Event:
    """The sample with another record version."""
    origin = SAMPLE.envelope.origin._replace(record_version=number)
    return SAMPLE._replace(envelope=SAMPLE.envelope._replace(origin=origin))


@pytest.mark.parametrize(
    "number", [True, 1.5, 1.0, "1", None, Decimal(1), 1 << 63, -(1 << 63) - 1], ids=repr
)
def test_a_number_is_a_whole_number_of_64_bits(number: Any) -> None:
    """Booleans, fractions, texts and numbers past 64 bits are refused, not cut or turned."""
    error = refused(with_version(number))
    assert (error.code, error.field) == ("E-ENCODE", "envelope.origin.record_version")


@pytest.mark.parametrize("number", [(1 << 63) - 1, -(1 << 63), 1 << 31, 0])
def test_the_largest_numbers_are_written(number: int) -> None:
    """The limits of 64 bits themselves fit."""
    event = with_version(number)
    assert CODEC.decode(CODEC.encode(event)) == event


@pytest.mark.parametrize("text", [b"a", 1, None, Text("a"), LicenceStatus.ISSUED], ids=repr)
def test_a_text_is_a_text(text: Any) -> None:
    """Bytes, numbers and texts of another class are refused where a text must stand."""
    error = refused(SAMPLE._replace(capture=SAMPLE.capture._replace(batch_id=text)))
    assert error.field == "capture.batch_id"


def test_the_path_names_the_place() -> None:
    """The error names the field with every list index on the way to it."""
    names = (PersonName(given="Ada"), PersonName(given=1))  # type: ignore[arg-type]
    error = refused(with_claims(Claims((Person("applicant", names),))))
    assert error.field == "claims.persons[0].names[1].given"
    assert error.rule == "str"
    assert str(error) == "E-ENCODE: claims.persons[0].names[1].given must be str, not int"


def test_the_path_of_a_body() -> None:
    """The event's own fields stand under `body`, as they do in the class."""
    assert isinstance(SAMPLE.body, model.LicenceIssued)
    licence = SAMPLE.body.licence._replace(activities=("a", 2))  # type: ignore[arg-type]
    error = refused(SAMPLE._replace(body=model.LicenceIssued(licence)))
    assert error.field == "body.licence.activities[1]"


def test_a_list_is_a_tuple() -> None:
    """A list could change after it was checked, so it is refused."""
    error = refused(with_claims(Claims([Person("a")])))  # type: ignore[arg-type]
    assert (error.field, error.rule) == ("claims.persons", "a tuple")


@pytest.mark.parametrize("claims", [Person("a"), {}, (), "claims"], ids=repr)
def test_claims_are_claims(claims: Any) -> None:
    """In the place of a union's records nothing else is taken."""
    assert refused(with_claims(claims)).field == "claims"


def test_a_record_of_another_class_is_refused() -> None:
    """A person where an organisation must stand is refused, though both are tuples."""
    error = refused(with_claims(Claims(organisations=(Person("a"),))))  # type: ignore[arg-type]
    assert (error.field, error.rule) == ("claims.organisations[0]", "Organisation")


@pytest.mark.parametrize("precision", ["day", LicenceStatus.UNKNOWN, 0], ids=repr)
def test_an_enum_is_a_member_of_its_enum(precision: Any) -> None:
    """A text, or the member of another enum with the same symbol, is refused."""
    occurred = SAMPLE.envelope.occurred._replace(precision=precision)
    error = refused(SAMPLE._replace(envelope=SAMPLE.envelope._replace(occurred=occurred)))
    assert (error.field, error.rule) == ("envelope.occurred.precision", "one of Precision")
    assert Precision.UNKNOWN.value == LicenceStatus.UNKNOWN.value


@pytest.mark.parametrize(
    "identifier",
    [
        "0190163D-8694-8BCD-9A2E-6B1E1E1F2A3B",
        "{0190163d-8694-8bcd-9a2e-6b1e1e1f2a3b}",
        "0190163d86948bcd9a2e6b1e1e1f2a3b",
        "g190163d-8694-8bcd-9a2e-6b1e1e1f2a3b",
        "0190163d-8694-8bcd-9a2e-6b1e1e1f2a3b\n",
        "\u0660190163d-8694-8bcd-9a2e-6b1e1e1f2a3b",
        "",
    ],
)
def test_an_identifier_is_a_uuid_in_one_spelling(identifier: str) -> None:
    """Only lower-case hexadecimal with dashes: two spellings would be two keys."""
    error = refused(SAMPLE._replace(envelope=SAMPLE.envelope._replace(event_id=identifier)))
    assert error.field == "envelope.event_id"


@pytest.mark.parametrize(
    "amount",
    [
        "0.00001",
        "1.000000000000000000000000000000001",
        "1000000000000000000",
        "NaN",
        "sNaN",
        "Infinity",
        "1E+999999",
        "1E-999999",
    ],
)
def test_an_amount_that_loses_digits_is_refused(amount: str) -> None:
    """More digits than precision or scale allow, and what is no number, is never rounded."""
    assert refused(award(Decimal(amount))).field == "body.awarded.amount"


@pytest.mark.parametrize("amount", [1, 1.5, True, "1.5", None], ids=repr)
def test_an_amount_is_a_decimal(amount: Any) -> None:
    """Numbers of other classes are refused: a float has lost its digits already."""
    assert refused(award(amount)).field == "body.awarded.amount"


@pytest.mark.parametrize(
    "amount",
    [
        "999999999999999999.9999",
        "-999999999999999999.9999",
        "-0.0128",
        "0E+30",
        "1.50",
        "-0",
        "1E3",
    ],
)
def test_an_amount_that_fits_comes_back(amount: str) -> None:
    """Every amount within precision and scale comes back equal, whatever the decimal context."""
    with localcontext() as context:
        context.prec = 3
        event = award(Decimal(amount))
        assert CODEC.decode(CODEC.encode(event)) == event


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "00"), (127, "7f"), (128, "0080"), (-128, "80"), (-129, "ff7f"), (-1, "ff")],
)
def test_an_amount_takes_as_few_bytes_as_it_needs(number: int, expected: str) -> None:
    """The unscaled number in two's complement, as short as Java's BigInteger writes it."""
    data = bytes.fromhex(expected)
    amount = Decimal(number).scaleb(-4)
    assert bytes((2 * len(data),)) + data + b"\x06USD" in CODEC.encode(award(amount))


@pytest.mark.parametrize("instant_us", [-62_135_596_800_000_001, 253_402_300_800_000_000, 1 << 60])
def test_an_instant_lies_in_the_calendar(instant_us: int) -> None:
    """An instant before the year 1 or after 9999 is refused."""
    error = refused(SAMPLE._replace(capture=SAMPLE.capture._replace(captured_at=instant_us)))
    assert error.field == "capture.captured_at"


@pytest.mark.parametrize(
    "extra", [{"a": 1}, {1: "a"}, {1: "a", "b": "c"}, [("a", "b")], None], ids=repr
)
def test_a_map_holds_texts(extra: Any) -> None:
    """A map with keys or values of other classes is refused."""
    assert refused(with_claims(Claims(extra=extra))).field == "claims.extra"


def test_a_map_is_written_in_one_order() -> None:
    """The same map is the same bytes, in whatever order a source told it."""
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert CODEC.encode(with_claims(Claims(extra=one))) == CODEC.encode(
        with_claims(Claims(extra=other))
    )


@pytest.mark.parametrize(
    ("claims", "field"),
    [
        (Claims((Person("a", emails=("x", "\ud800")),)), "claims.persons[0].emails[1]"),
        (Claims(texts=(FreeText("note", f"{SECRET} \udfff"),)), "claims.texts[0].text"),
        (Claims(extra={"a": "\ud800"}), "claims.extra"),
        (Claims(organisations=(Organisation("\udc00"),)), "claims.organisations[0].ref"),
    ],
)
def test_half_a_surrogate_pair_is_refused(claims: Claims, field: str) -> None:
    """Text that is no Unicode has no UTF-8; the error names the field."""
    error = refused(with_claims(claims))
    assert (error.code, error.field) == ("E-ENCODE", field)
    assert SECRET not in str(error)


def test_oversize_is_refused_before_it_is_sent() -> None:
    """An event past the limit is refused with its size; one just below is written."""
    room = MESSAGE_BYTES_MAX - len(CODEC.encode(with_claims(Claims(texts=(FreeText("n", ""),)))))
    fits = with_claims(Claims(texts=(FreeText("n", "x" * (room - 2)),)))
    assert len(CODEC.encode(fits)) == MESSAGE_BYTES_MAX
    error = refused(with_claims(Claims(texts=(FreeText("n", "x" * (room - 1)),))))
    assert error.code == "E-OVERSIZE"
    assert str(MESSAGE_BYTES_MAX + 1) in str(error)


def test_what_has_no_schema_is_refused() -> None:
    """A value of a class nobody registered is refused by name."""
    assert refused(Person("a")).code == "E-SCHEMA"
    with pytest.raises(EncodeError) as caught:
        Codec({}).encode(SAMPLE)
    assert caught.value.code == "E-SCHEMA"


class Alien:
    """Nothing any schema knows."""

    def __repr__(self) -> str:
        """A text no error may show."""
        return SECRET


def places(value: Any) -> Iterator[tuple[str, Any]]:
    """Every field of a value with its path, and the value with an Alien in its place."""
    for field, part in zip(value._fields, value, strict=True):
        yield field, value._replace(**{field: Alien()})
        if hasattr(part, "_fields"):
            for path, changed in places(part):
                yield f"{field}.{path}", value._replace(**{field: changed})
        elif isinstance(part, tuple):
            for index, item in enumerate(part):
                for path, changed in in_list(item):
                    listed = (*part[:index], changed, *part[index + 1 :])
                    yield f"{field}[{index}]{path}", value._replace(**{field: listed})


def in_list(item: Any) -> Iterator[tuple[str, Any]]:
    """The same for an item of a list."""
    yield "", Alien()
    if hasattr(item, "_fields"):
        for path, changed in places(item):
            yield f".{path}", changed


@pytest.mark.parametrize("name", wire_names())
@given(data=st.data())
def test_every_field_is_checked(name: str, data: st.DataObject) -> None:
    """In every event and view an alien value is refused wherever it stands, with its exact path."""
    source = strategies.event if name in EVENT_NAMES.values() else strategies.of
    value = data.draw(source(name))
    path, changed = data.draw(st.sampled_from(list(places(value))))
    if path == "body":
        assert refused(changed).code == "E-SCHEMA"
        return
    error = refused(changed)
    assert error.field == path
    assert str(error).endswith("not Alien")
    assert SECRET not in repr((error.args, error.field, error.rule))


def test_every_event_begins_with_the_common_fields() -> None:
    """Capture, envelope and claims come first, in this order and with these types."""
    wanted = [
        ("capture", "civic.Capture"),
        ("envelope", "civic.Envelope"),
        ("claims", ["null", "civic.Claims", "civic.Sealed"]),
    ]
    for name in schemas.names("events"):
        fields = schemas.raw(name)["fields"]
        assert [(field["name"], field["type"]) for field in fields[:3]] == wanted
        body = next(body for body, known in EVENT_NAMES.items() if known == name)
        assert list(body._fields) == [field["name"] for field in fields[3:]]  # type: ignore[attr-defined]
