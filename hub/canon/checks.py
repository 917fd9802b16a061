"""What the generated conversions share: limits, Avro's numbers, errors that name a field.

`put_*` append Avro bytes to a list and raise Unfit (an EncodeError) where a value does not fit.
`take_*` read bytes `d` from position `p` and return the value and the position behind it; they
raise Broken, IndexError, KeyError or UnicodeDecodeError where the bytes break a rule. None of them
looks whether a text goes past the end: the position never goes back, so the caller sees at the end
that it is not the length.

Source of the encoding: Apache Avro specification 1.12, "Binary Encoding" and "Logical Types".
"""

import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import Any, Self

from hub.errors import EncodeError

Append = Callable[[bytes], None]
LONG_MIN, LONG_MAX = -(1 << 63), (1 << 63) - 1
INSTANT_MIN, INSTANT_MAX = -62_135_596_800_000_000, 253_402_300_799_999_999
"""Microseconds since 1970 of the first and the last instant of the years 1 to 9999."""
NONE, SOME = b"\0", b"\2"
"""The index of null and of the other branch in a nullable union."""
SIZES = 4096
LONGS_CACHED = 65_536
"""Dates and enum indexes come again and again; a look-up is ten times cheaper than the loop."""
LONG_BYTES_MAX = 10
DECIMAL_BYTES_MAX = 64
UUID_SIZE = 72
"""The length of a UUID's text, 36, as it stands in the bytes."""
BOOLEANS = (False, True)
is_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
"""Whether a text is a UUID in canonical form: 36 characters, lower case (RFC 9562 section 4)."""


class Unfit(EncodeError):
    """A value that does not fit its schema: where, which rule, its class, never the value."""

    def __init__(self, rule: str, kind: str, field: str = "") -> None:
        """`field` grows from the inside out, see `within`."""
        super().__init__(f"{field} must be {rule}, not {kind}", field=field, rule=rule)
        self.kind = kind

    def within(self, part: str) -> Self:
        """The same, seen from the record or list around it."""
        dot = "." if self.field and not self.field.startswith("[") else ""
        return type(self)(self.rule, self.kind, f"{part}{dot}{self.field}")


class Broken(Exception):
    """Bytes that break a rule of the encoding; the rule holds no value."""


def wrong(part: str, rule: str, value: object) -> Unfit:
    """The error for a value that does not fit."""
    return Unfit(rule, type(value).__name__, part)


@lru_cache(LONGS_CACHED)
def put_long(number: int) -> bytes:
    """A whole number of 64 bits as Avro's zigzag varint, at most 10 bytes."""
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


def take_rest(d: bytes, p: int, first: int) -> tuple[int, int]:
    """The zigzag number whose first byte, of more, was read; only its shortest form is taken."""
    number, shift, byte = first & 0x7F, 7, first
    end = p + LONG_BYTES_MAX - 1
    while byte & 0x80:
        if p == end:
            raise Broken("a number of at most ten bytes")
        byte = d[p]
        p += 1
        number |= (byte & 0x7F) << shift
        shift += 7
    if byte == 0 or number >> 64:
        raise Broken("a number of 64 bits in its shortest form")
    return number, p


def take_size(d: bytes, p: int, first: int) -> tuple[int, int]:
    """A length or count, doubled, whose first byte was read and is odd or not the last one."""
    if first & 0x80:
        first, p = take_rest(d, p, first)
    if first & 1:
        raise Broken("a length or count of zero or more, lists in one block")
    return first, p


def put_texts(value: Any, part: str, o: Append) -> None:
    """Append a map of texts in the order of its keys, so that the same map is the same bytes."""
    if not isinstance(value, Mapping):
        raise wrong(part, "a mapping of texts", value)
    if value:
        for pair in value.items():
            for text in pair:
                if type(text) is not str:
                    raise wrong(part, "a mapping of texts", text)
        o(put_long(len(value)))
        for key in sorted(value):
            for text in (key, value[key]):
                data = text.encode()
                o(put_long(len(data)))
                o(data)
    o(NONE)


def take_texts(d: bytes, p: int) -> tuple[dict[str, str], int]:
    """A map of texts, in any order, no key twice."""
    n = d[p]
    p += 1
    if n == 0:
        return {}, p
    if n & 0x81:
        n, p = take_size(d, p, n)
    found: dict[str, str] = {}
    for _ in range(n >> 1):
        key, p = take_text(d, p)
        found[key], p = take_text(d, p)
    if d[p] or len(found) != n >> 1:
        raise Broken("a map in one block, no key twice")
    return found, p + 1


def take_text(d: bytes, p: int) -> tuple[str, int]:
    """One text."""
    n = d[p]
    p += 1
    if n & 0x81:
        n, p = take_size(d, p, n)
    end = p + (n >> 1)
    return d[p:end].decode(), end


def put_decimal(value: Any, part: str, precision: int, scale: int) -> bytes:
    """An exact decimal as Avro's bytes: the unscaled number, big-endian two's complement.

    Raises Unfit where digits would be lost; the caller's decimal context plays no part.
    """
    rule = f"a decimal of {precision} digits, {scale} after the point"
    if type(value) is not Decimal or not value.is_finite():
        raise wrong(part, rule, value)
    context = Context(prec=precision, traps=[Inexact, InvalidOperation])
    try:
        exact = value.quantize(Decimal((0, (1,), -scale)), context=context)
    except (Inexact, InvalidOperation):
        raise wrong(part, rule, value) from None
    number = int(exact.scaleb(scale, context=context))
    return number.to_bytes((number + (number < 0)).bit_length() // 8 + 1, "big", signed=True)


def take_decimal(value: bytes, precision: int, scale: int) -> Decimal:
    """The decimal of Avro's bytes; see put_decimal."""
    if not 0 < len(value) <= DECIMAL_BYTES_MAX:
        raise Broken("a decimal takes at least one byte")
    number = int.from_bytes(value, "big", signed=True)
    if abs(number) >= 10**precision:
        raise Broken(f"a decimal of {precision} digits")
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -scale))
