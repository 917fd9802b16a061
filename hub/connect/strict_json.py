"""JSON from outside: bounded, and without what parsers let pass in silence.

Refused, each with a code: NaN and infinities, numbers out of range, a key twice in one object,
very long numbers, deep nesting, text that is not Unicode. Fractions become Decimal, never float.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from hub.errors import UnreadableRecord

DEPTH_MAX = 64
DIGITS_MAX = 40
BYTES_MAX = 10_000_000
_BRACKETS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(data: bytes, bytes_max: int = BYTES_MAX) -> Any:
    """The value of a JSON document. Raises UnreadableRecord with a code E-JSON-* or E-ENCODING."""
    if len(data) > bytes_max:
        raise refused("E-JSON-SIZE", f"at most {bytes_max} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("E-ENCODING", "UTF-8") from None
    return loads_text(text)


def loads_text(text: str) -> Any:
    """The value of a JSON document that is text already. Raises UnreadableRecord, E-JSON-*."""
    check_depth(text)
    try:
        value = _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        raise refused("E-JSON", "a JSON document") from None
    if _SURROGATE.search(text):
        _check_text(value)
    return value


def check_depth(text: str, depth_max: int = DEPTH_MAX) -> None:
    """Refuse nesting deeper than `depth_max` before anything recurses into it."""
    if text.count("[") + text.count("{") <= depth_max:
        return
    depth = 0
    for found in _BRACKETS.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > depth_max:
                raise refused("E-JSON-DEPTH", f"nesting of at most {depth_max}")
        elif mark in "]}":
            depth -= 1


def refused(code: str, rule: str) -> UnreadableRecord:
    """The error for a document that breaks a rule."""
    return UnreadableRecord(f"not {rule}", code=code, rule=rule, remedy="mend it in the source")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refused("E-JSON-DUPLICATE-KEY", "an object with each key once")
    return found


def _check_text(value: Any) -> None:
    """Refuse halves of a character anywhere in a value; depth is bounded by check_depth."""
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise refused("E-JSON-UNICODE", "text without lone surrogates")
    elif isinstance(value, dict):
        for key, held in value.items():
            _check_text(key)
            _check_text(held)
    elif isinstance(value, list):
        for held in value:
            _check_text(held)


def _constant(_: str) -> NoReturn:
    raise refused("E-JSON-NUMBER", "finite numbers")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise refused("E-JSON-NUMBER", f"numbers of at most {DIGITS_MAX} digits")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    try:
        value = Decimal(digits) if len(digits) <= DIGITS_MAX else None
    except InvalidOperation:  # an exponent beyond what Decimal can hold
        value = None
    if value is None or abs(value.adjusted()) > DIGITS_MAX:
        raise refused("E-JSON-NUMBER", "numbers within range")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_whole, parse_float=_fraction
)
