"""Files of tokens as agencies send them, a JSON object a line: read as what others wrote.

What is no token is refused, so that no clear value gets in by a slip of who sends them.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

from hub.errors import SettingsError
from hub.identity.blind import RULES, TOKEN_BYTES
from hub.identity.blind_person import BlindRecord
from hub.identity.files import opened

LINE_BYTES_MAX = 256_000
"""A hundred times what a usual record has."""
PARTS_MAX = 100
"""Of how many values, or tokens of one, a list may be."""
NAME_MAX = 200
_TOKEN = re.compile(rf"[0-9a-f]{{{2 * TOKEN_BYTES}}}")
_SCHEME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_RECORD_ID, _RULES = "record_id", "rules"
_NOT_SENT = frozenset({"agency"})
"""What whoever reads the file says."""


class _NoTokensError(Exception):
    """What is wrong with a line, without any value of it."""


def is_of_tokens(path: Path) -> bool:
    """Whether a file, gzipped or not, begins as one of tokens. SettingsError if unreadable."""
    return next(_lines(path), b"").lstrip().startswith(b"{")


def read_tokens(path: Path) -> dict[str, BlindRecord]:
    """Records of tokens by the names that the agency gave them.

    Raises SettingsError, which tells the line and no value of it, where one is no such record.
    """
    found: dict[str, BlindRecord] = {}
    for number, line in enumerate(_lines(path), 1):
        try:
            name, record = _record(line, found)
        except _NoTokensError as error:
            raise SettingsError(
                f"{path.name}, line {number}: {error}",
                remedy="have the file made anew with: hub identity blind",
            ) from None
        found[name] = record
    if not found:
        raise SettingsError(f"{path.name} is empty", remedy="name a file of hub identity blind")
    return found


def _lines(path: Path) -> Iterator[bytes]:
    """Lines, of which those that are too long are cut off after a byte too many."""
    with opened(path) as file:
        while line := file.readline(LINE_BYTES_MAX + 1):
            yield line


def _record(line: bytes, before: Collection[str]) -> tuple[str, BlindRecord]:
    if len(line) > LINE_BYTES_MAX:
        raise _NoTokensError(f"it is longer than {LINE_BYTES_MAX:,} bytes")
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise _NoTokensError("it is no JSON") from None
    if not isinstance(told, dict):
        raise _NoTokensError("it is no object")
    name, rules = told.pop(_RECORD_ID, None), told.pop(_RULES, None)
    if not isinstance(name, str) or not 0 < len(name) <= NAME_MAX:
        raise _NoTokensError(f"record_id is no text of 1 to {NAME_MAX} letters")
    if name in before:
        raise _NoTokensError("its record_id was there before")
    if rules != RULES:
        raise _NoTokensError(f"it is not made by the rules {RULES}, those of this hub")
    record: BlindRecord = _made(BlindRecord, told, "the record", _NOT_SENT)
    if any(not (one.given or one.surname) for one in record.names):
        raise _NoTokensError("a name has no word")
    return name, record


def _made(hint: Any, told: Any, what: str, not_told: frozenset[str] = frozenset()) -> Any:
    """A value of a declared type: a token, a list, a number of a scheme, or parts by name.

    Of a part without a default something must be told, but for lists.
    """
    if hint is str:
        return _text(_TOKEN, told, what, "a token")
    if not hasattr(hint, "_fields"):
        return _listed(get_args(hint), told, what)
    hints: Mapping[str, Any] = get_type_hints(hint)
    if not isinstance(told, dict) or told.keys() - hints.keys() or not_told & told.keys():
        raise _NoTokensError(f"{what} has other parts than {', '.join(hints)}")
    parts = {name: _made(hints[name], value, name) for name, value in told.items()}
    for name, part in hints.items():
        if name not in parts and name not in hint._field_defaults:
            if get_args(part):
                parts[name] = ()
            else:
                raise _NoTokensError(f"{what} lacks {name}")
    return hint(**parts)


def _listed(hints: tuple[Any, ...], told: Any, what: str) -> tuple[Any, ...]:
    """Several of one type; or two, of which the first is the name of a scheme."""
    if not isinstance(told, list) or len(told) > PARTS_MAX:
        raise _NoTokensError(f"{what} is no list of {PARTS_MAX} at most")
    first, second = hints
    if second is Ellipsis:
        return tuple(_made(first, one, what) for one in told)
    if len(told) != len(hints):
        raise _NoTokensError(f"{what} has a number without its scheme")
    return _text(_SCHEME, told[0], what, "the name of a scheme"), _made(second, told[1], what)


def _text(shape: re.Pattern[str], told: Any, what: str, wanted: str) -> str:
    if not isinstance(told, str) or not shape.fullmatch(told):
        raise _NoTokensError(f"in {what} is something that is not {wanted}")
    return told
