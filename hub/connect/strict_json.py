"""JSON from outside: bounded, and without what parsers let pass in silence.

Refused, each with a code: NaN and infinities, numbers out of range, a key twice in one object,
very long numbers, deep nesting, text that is not Unicode. Fractions become Decimal, never float.
"""

import json
from decimal import Decimal
from typing import Any, NoReturn

from hub.errors import UnreadableRecord

DEPTH_MAX = 64
DIGITS_MAX = 40
BYTES_MAX = 10_000_000


def loads(data: bytes, bytes_max: int = BYTES_MAX) -> Any:
    """The value of a JSON document. Raises UnreadableRecord with a code E-JSON-*."""
    if len(data) > bytes_max:
        raise refused("E-JSON-SIZE", f"at most {bytes_max} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("E-ENCODING", "UTF-8") from None
    check_depth(text)
    try:
        value = _DECODER.decode(text)
    except (json.JSONDecodeError, RecursionError):
        raise refused("E-JSON", "a JSON document") from None
    return value


def decoder() -> json.JSONDecoder:
    """The strict decoder, for reading a document piece by piece; check the depth first."""
    return _DECODER


def check_depth(text: str) -> None:
    """Refuse nesting deeper than DEPTH_MAX before anything recurses into it."""
    depth = deepest = 0
    in_text = escaped = False
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return
    for character in text:
        if in_text:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_text = False
        elif character == '"':
            in_text = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEPTH_MAX:
                raise refused("E-JSON-DEPTH", f"nesting of at most {DEPTH_MAX}")
        elif character in "]}":
            depth -= 1


def refused(code: str, rule: str) -> UnreadableRecord:
    """The error for a document that breaks a rule."""
    return UnreadableRecord(f"not {rule}", code=code, rule=rule, remedy="mend it in the source")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refused("E-JSON-DUPLICATE-KEY", "an object with each key once")
    for key, value in pairs:
        _check_text(key)
        if type(value) is str:
            _check_text(value)
    return found


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise refused("E-JSON-UNICODE", "text without lone surrogates")


def _constant(_: str) -> NoReturn:
    raise refused("E-JSON-NUMBER", "finite numbers")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise refused("E-JSON-NUMBER", f"numbers of at most {DIGITS_MAX} digits")
    return int(digits)


def _fraction(digits: str) -> Decimal:
    value = Decimal(digits) if len(digits) <= DIGITS_MAX else None
    if value is None or abs(value.adjusted()) > DIGITS_MAX:
        raise refused("E-JSON-NUMBER", "numbers within range")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_whole, parse_float=_fraction
)
