"""The codec: what is written is read back, and bytes which are no event are refused."""

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import schemas
from hub.canon.codec import (
    MESSAGE_BYTES_MAX,
    Codec,
    content_digest,
    parse,
    registered_schema,
    schema_id,
    wire_names,
)
from hub.canon.model import EVENT_NAMES, Capture, Claims, Event, LicenceIssued, Sealed
from hub.errors import DecodeError
from tests import strategies
from tests.strategies import SAMPLE

IDS = {name: number for number, name in enumerate(wire_names(), 1)}
CODEC = Codec(IDS)
DATA = CODEC.encode(SAMPLE)
HEADER_BYTES = 5
MINIMAL = SAMPLE._replace(claims=None)
SEALED = SAMPLE._replace(claims=Sealed("key-1", b"nonce", b"\x00\xff"))


def refused(data: bytes, codec: Codec = CODEC) -> str:
    """The code bytes are refused with; fails where they are accepted or another error comes."""
    with pytest.raises(DecodeError) as caught:
        codec.decode(data)
    return caught.value.code


def exact_or_refused(data: bytes) -> None:
    """Either refused as E-DECODE, or read as a value which is written as exactly these bytes."""
    try:
        value = CODEC.decode(data)
    except DecodeError as error:
        assert error.code == "E-DECODE"
    else:
        assert CODEC.encode(value) == data


def replaced(old: bytes, new: bytes, data: bytes = DATA) -> bytes:
    """The bytes with one part, which must occur, replaced at its first place."""
    assert old in data
    return data.replace(old, new, 1)


@given(strategies.events())
@example(SAMPLE)
@example(MINIMAL)
@example(SEALED)
def test_events_come_back(event: Event) -> None:
    """Every event of every type is read back as it was written."""
    assert CODEC.decode(CODEC.encode(event)) == event


@given(strategies.views())
def test_views_come_back(view: Any) -> None:
    """Every view and identity change is read back as it was written."""
    assert CODEC.decode(CODEC.encode(view)) == view


@pytest.mark.parametrize("name", wire_names())
@given(data=st.data())
def test_every_type_comes_back(name: str, data: st.DataObject) -> None:
    """No type is left out: each event and view name on its own, with its classes exact."""
    source = strategies.event if name in EVENT_NAMES.values() else strategies.of
    value = data.draw(source(name))
    again = CODEC.decode(CODEC.encode(value))
    assert again == value
    assert type(again) is type(value)


@given(strategies.events())
def test_bytes_are_what_fastavro_writes(event: Event) -> None:
    """The generated writer writes, byte for byte, what fastavro writes and reads."""
    data = CODEC.encode(event)
    parsed = parse(schemas.load(EVENT_NAMES[type(event.body)]))
    plain = fastavro.schemaless_reader(io.BytesIO(data[HEADER_BYTES:]), parsed, None)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed, plain, strict=True)
    assert buffer.getvalue() == data[HEADER_BYTES:]


def test_frame_is_confluents() -> None:
    """A zero byte and the schema id, four bytes big-endian, stand before the Avro bytes."""
    assert DATA[0] == 0
    assert int.from_bytes(DATA[1:HEADER_BYTES], "big") == IDS[EVENT_NAMES[LicenceIssued]]
    assert schema_id(DATA) == IDS[EVENT_NAMES[LicenceIssued]]


def test_the_registered_schema_reads_our_bytes() -> None:
    """A reader who knows only the schema in the registry gets the values, logical types too."""
    parsed = fastavro.parse_schema(json.loads(registered_schema(EVENT_NAMES[LicenceIssued])))
    plain: Any = fastavro.schemaless_reader(io.BytesIO(DATA[HEADER_BYTES:]), parsed, None)
    assert plain["licence"]["licence_number"] == "2875412"
    assert str(plain["envelope"]["event_id"]) == SAMPLE.envelope.event_id
    assert plain["capture"]["captured_at"].year == 2024


@pytest.mark.parametrize("value", [SAMPLE, MINIMAL, SEALED], ids=["clear", "none", "sealed"])
def test_truncated_at_every_byte_is_refused(value: Event) -> None:
    """An event cut off anywhere is refused, never filled up."""
    data = CODEC.encode(value)
    assert {refused(data[:end]) for end in range(len(data))} == {"E-DECODE"}


@given(st.binary(min_size=1, max_size=20))
def test_trailing_bytes_are_refused(tail: bytes) -> None:
    """Bytes after the last field are refused."""
    assert refused(DATA + tail) == "E-DECODE"


@given(st.sampled_from(sorted(IDS.values())), st.binary(max_size=300))
def test_random_bytes_are_refused_or_exact(number: int, tail: bytes) -> None:
    """Bytes drawn at random are refused with one kind of error, or are exactly a value."""
    data = b"\0" + number.to_bytes(4, "big") + tail
    exact_or_refused(data)


@given(st.integers(HEADER_BYTES, len(DATA) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_exact(position: int, byte: int) -> None:
    """With any one byte changed: refused, or read as exactly what the bytes then say."""
    data = DATA[:position] + bytes((byte,)) + DATA[position + 1 :]
    exact_or_refused(data)


@given(st.binary(max_size=40).filter(lambda data: data[:1] != b"\0"))
@example(b"")
@example(b"\0\0\0\0")
@example(b"\1" + DATA[1:])
def test_no_frame_is_refused(data: bytes) -> None:
    """What has no zero byte and four bytes of schema id in front is refused."""
    assert refused(data) == "E-DECODE"


KIND_AND_NO_SUPERSEDED = b"\0\0\x14" + b"2024-02-16"
"""Of the envelope: asserted, supersedes nothing, then the text of the moment."""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (KIND_AND_NO_SUPERSEDED, b"\1" + KIND_AND_NO_SUPERSEDED[1:]),
        (KIND_AND_NO_SUPERSEDED, b"\x08" + KIND_AND_NO_SUPERSEDED[1:]),
        (KIND_AND_NO_SUPERSEDED, b"\0\1" + KIND_AND_NO_SUPERSEDED[2:]),
        (KIND_AND_NO_SUPERSEDED, b"\0\4" + KIND_AND_NO_SUPERSEDED[2:]),
        (KIND_AND_NO_SUPERSEDED, b"\x80\0" + KIND_AND_NO_SUPERSEDED[1:]),
        (b"\x14" + b"2024-02-16", b"\x94\0" + b"2024-02-16"),
        (b"\x14" + b"2024-02-16", b"\x13" + b"2024-02-16"),
        (b"\x14" + b"2024-02-16", b"\x15" + b"2024-02-16"),
        (b"\x02\x06AAI", b"\x03\x06AAI"),
        (b"\x0aRENEW", b"\x0a\xff\xfe\xfd\xfcW"),
        (b"2024-02-16", b"\xed\xa0\x80" + b"4-02-16"),
        (SAMPLE.envelope.event_id.encode(), b"g" + SAMPLE.envelope.event_id.encode()[1:]),
        (SAMPLE.envelope.event_id.encode(), SAMPLE.envelope.event_id.upper().encode()),
        (SAMPLE.envelope.event_id.encode(), SAMPLE.envelope.event_id.replace("-", "a").encode()),
    ],
    ids=[
        "enum index -1",
        "enum index beyond",
        "union index -1",
        "union index beyond",
        "enum index as long varint",
        "length as long varint",
        "negative length",
        "negative length of the same bits",
        "union index -2",
        "invalid UTF-8",
        "surrogate in UTF-8",
        "uuid with a letter too far",
        "uuid in capitals",
        "uuid without dashes",
    ],
)
def test_what_fastavro_would_let_pass_is_refused(old: bytes, new: bytes) -> None:
    """Indexes, lengths and texts out of their rules are refused."""
    assert refused(replaced(old, new)) == "E-DECODE"


@pytest.mark.parametrize("byte", [2, 3, 128, 255])
def test_a_boolean_is_zero_or_one(byte: int) -> None:
    """A boolean written as any other byte is refused."""
    flag = b"\x04US\0\0\0\0"  # the country, ends of three lists, the organisation's flag
    assert refused(replaced(flag, flag[:-1] + bytes((byte,)))) == "E-DECODE"


@pytest.mark.parametrize(
    "instant_us", [1 << 60, -(1 << 60), (1 << 63) - 1, 253_402_300_800_000_000]
)
def test_an_instant_no_calendar_has_is_refused(instant_us: int) -> None:
    """A timestamp before the year 1 or after 9999 is refused: no reader could show it."""
    old, new = written(SAMPLE.capture.captured_at), written(instant_us)
    assert refused(replaced(old, new)) == "E-DECODE"


def written(number: int) -> bytes:
    """A long as fastavro writes it."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, "long", number)
    return buffer.getvalue()


@pytest.mark.timeout(10)
def test_a_varint_past_64_bits_is_refused() -> None:
    """A number of more than 64 bits or ten bytes is refused, and takes no time."""
    old = written(SAMPLE.envelope.origin.record_version)
    for new in (b"\xff" * 9 + b"\x02", b"\xff" * 10 + b"\x01", b"\xff" * 900_000):
        assert refused(replaced(old, new)) == "E-DECODE"


def test_a_list_in_two_blocks_is_refused() -> None:
    """Avro allows it, but then one event would have many spellings; ours has one."""
    activities = b"\x02\x26Preparation of food\0"
    assert refused(replaced(activities, b"\x01\x28" + activities[1:])) == "E-DECODE"


def test_a_name_twice_in_a_map_is_refused() -> None:
    """A map which says two things under one name is refused."""
    event = SAMPLE._replace(claims=Claims(extra={"a": "1", "b": "2"}))
    data = CODEC.encode(event)
    assert refused(replaced(b"\x02b\x022", b"\x02a\x022", data)) == "E-DECODE"


def test_a_list_that_claims_billions_is_refused_at_once() -> None:
    """A few bytes which announce 2^61 items end at once, with little memory."""
    persons = b"\x02\0\x02\x0cholder"
    for count in (1 << 61, (1 << 63) - 1):
        assert refused(replaced(persons, b"\x02" + written(count) + persons[2:])) == "E-DECODE"


@given(strategies.views(), strategies.events())
def test_bytes_of_another_schema_are_refused_or_exact(view: Any, event: Event) -> None:
    """A view under an event's id is refused, or happens to be exactly such an event."""
    data = CODEC.encode(event)[:HEADER_BYTES] + CODEC.encode(view)[HEADER_BYTES:]
    exact_or_refused(data)


def test_an_unknown_schema_id_is_not_guessed() -> None:
    """An id nobody gave is refused, though the bytes after it are those of an event."""
    assert refused(b"\0\0\0\x03\xe7" + DATA[HEADER_BYTES:]) == "E-SCHEMA-ID"


def test_oversize_is_refused_unread() -> None:
    """More than the limit is refused before anything is read."""
    assert refused(DATA + b"\0" * MESSAGE_BYTES_MAX) == "E-OVERSIZE"


def test_errors_hold_no_values() -> None:
    """No error text says anything of the content."""
    for end in range(HEADER_BYTES, len(DATA)):
        with pytest.raises(DecodeError) as caught:
            CODEC.decode(DATA[:end])
        text = f"{caught.value} {caught.value.field} {caught.value.rule}"
        assert caught.value.__cause__ is None
        assert "Prairie" not in text
        assert "2875412" not in text


def test_the_digest_leaves_out_when_it_was_read() -> None:
    """Two readings of one change have one digest; any other difference changes it."""
    again = SAMPLE._replace(capture=Capture(SAMPLE.capture.captured_at + 10**12, "x" * 300))
    other = SAMPLE._replace(
        envelope=SAMPLE.envelope._replace(event_id="0" * 8 + "-0000" * 3 + "-" + "0" * 12)
    )
    assert content_digest(CODEC.encode(again)) == content_digest(DATA)
    assert content_digest(CODEC.encode(other)) != content_digest(DATA)
    assert len(content_digest(DATA)) == 16


@given(strategies.events(), strategies.of("civic.Capture"))
def test_the_digest_sees_all_but_capture(event: Event, capture: Capture) -> None:
    """Whatever capture says, the digest is the same."""
    again = event._replace(capture=capture)
    assert content_digest(CODEC.encode(again)) == content_digest(CODEC.encode(event))
