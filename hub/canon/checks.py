"""What the generated conversions share: limits, Avro's numbers, errors that name a field."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hub.errors import EncodeError

Append = Callable[[bytes], None]
LONG_MIN, LONG_MAX = -(1 << 63), (1 << 63) - 1
TIME_MIN, TIME_MAX = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds since 1970 of the first instant of year 1 and of the last of year 9999."""
NONE, SOME = b"\0", b"\2"
"""The index of null and of the other branch in a nullable union."""
SIZES = 4096
LONGS_CACHED = 65_536
"""Dates and enum indexes come again and again; a look-up is ten times cheaper than the loop."""


def wrong(path: str, rule: str, value: object) -> EncodeError:
    """The error for a value that does not fit: where, the rule, its class, never the value."""
    return EncodeError(f"{path} must be {rule}, not {type(value).__name__}", field=path, rule=rule)


@lru_cache(LONGS_CACHED)
def put_long(number: int) -> bytes:
    """A whole number as Avro's zigzag varint, at most 10 bytes.

    Source: Apache Avro specification, binary encoding.
    """
    rest = (number << 1) ^ (number >> 63)
    if rest < 0x80:  # noqa: PLR2004 - seven bits a byte
        return bytes((rest,))
    out = bytearray()
    while rest >= 0x80:  # noqa: PLR2004 - seven bits a byte
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


SIZE = tuple(put_long(number) for number in range(SIZES))
"""The bytes of small lengths, made once."""
SOME_SIZE = tuple(SOME + size for size in SIZE)


is_uuid = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
"""Whether a text is a UUID in canonical form, RFC 9562 section 4: lower case, with dashes."""


def put_texts(value: Any, path: str, o: Append) -> None:
    """Append a map of texts."""
    if not isinstance(value, Mapping):
        raise wrong(path, "a mapping of texts", value)
    if value:
        o(put_long(len(value)))
        for pair in value.items():
            for text in pair:
                if type(text) is not str:
                    raise wrong(path, "a mapping of texts", text)
                data = text.encode()
                o(put_long(len(data)))
                o(data)
    o(NONE)


def put_decimal(value: Any, path: str, precision: int, scale: int) -> bytes:
    """An exact decimal as Avro's bytes: the unscaled number, big-endian two's complement.

    Source: Apache Avro specification, logical type decimal. Raises EncodeError where digits would
    be lost.
    """
    rule = f"a decimal of {precision} digits, {scale} after the point"
    if type(value) is not Decimal or not value.is_finite() or abs(value.adjusted()) > precision:
        raise wrong(path, rule, value)
    unscaled = value.scaleb(scale)
    number = int(unscaled)
    if number != unscaled or abs(number) >= 10**precision:
        raise wrong(path, rule, value)
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True)


def take_decimal(value: bytes, scale: int) -> Decimal:
    """The decimal of Avro's bytes; see put_decimal."""
    return Decimal(int.from_bytes(value, "big", signed=True)).scaleb(-scale)
