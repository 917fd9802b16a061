"""JSON documents, each with a list of records: every record with its exact text."""

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.connect.strict_json import check_depth
from hub.errors import ContractBreach, UnreadableRecord

FILE_BYTES_MAX = 200_000_000
FILE_DEPTH_MAX = 500
"""Deeper, and the parser could run out of stack; an item alone may not be as deep as that."""
_LENIENT = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=len)
"""Finds where values end; what they hold is read strictly afterwards."""
_SPACE = " \t\n\r"


def texts(path: Path, member: str, name: str) -> Iterator[str]:
    """The exact text of each item of the list at the dotted path `member`, or of the document.

    Raises ContractBreach E-FILE, which calls the file `name`, before the first one.
    """
    text = _text(path, name)
    places = _items(text, member, name)
    for place in range(0, len(places), 2):
        yield text[places[place] : places[place + 1]]


def _text(path: Path, name: str) -> str:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise _refuse(name, f"has more than {FILE_BYTES_MAX} bytes")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        check_depth(text, FILE_DEPTH_MAX)
    except UnicodeDecodeError:
        raise _refuse(name, "is not UTF-8") from None
    except UnreadableRecord as error:
        raise _refuse(name, f"is {error.message}") from None
    return text


def _items(text: str, member: str, file: str) -> "array[int]":
    """Where each item begins and ends, one after the other, in characters."""
    places = array("q")
    try:
        start = _list_start(text, member) if member else _skip(text, 0)
        place = _skip(text, _expect(text, start, "["))
        while text[place] != "]":
            if places:
                place = _skip(text, _expect(text, place, ","))
            _, end = _LENIENT.raw_decode(text, place)
            places.extend((place, end))
            place = _skip(text, end)
        if member:
            _end(text, _skip(text, place + 1), member.count(".") + 1)
        elif text[place + 1 :].strip(_SPACE):
            raise ValueError(place)  # noqa: TRY301 - caught with the decoder's own
    except (IndexError, ValueError):  # JSONDecodeError is a ValueError
        raise _refuse(file, f"is no JSON document with a list {member!r}") from None
    return places


def _end(text: str, place: int, levels: int) -> None:
    """So many objects go on with other members and end, and then the document does."""
    for level in range(levels, 0, -1):
        while text[place] != "}":
            place = _skip(text, _expect(text, place, ","))
            _, place = _member(text, place)
            _, place = _LENIENT.raw_decode(text, place)
            place = _skip(text, place)
        place = _skip(text, place + 1) if level > 1 else place
    if text[place + 1 :].strip(_SPACE):
        raise ValueError(place)


def _list_start(text: str, member: str) -> int:
    """Where the list begins that stands at a dotted path of members."""
    place = _skip(text, 0)
    *outer, last = member.split(".")
    for name in outer:
        place = _value_of(text, place, name, "{")
    return _value_of(text, place, last, "[")


def _value_of(text: str, place: int, wanted: str, mark: str) -> int:
    """Where the value of a member begins, which begins with a mark."""
    place = _skip(text, _expect(text, place, "{"))
    while True:
        name, place = _member(text, place)
        if name == wanted and text[place] == mark:
            return place
        _, place = _LENIENT.raw_decode(text, place)
        place = _skip(text, _expect(text, _skip(text, place), ","))


def _member(text: str, place: int) -> tuple[Any, int]:
    """The name at a place, and where its value begins."""
    if text[place] != '"':
        raise ValueError(place)
    name, place = _LENIENT.raw_decode(text, place)
    return name, _skip(text, _expect(text, _skip(text, place), ":"))


def _expect(text: str, place: int, mark: str) -> int:
    if text[place] != mark:
        raise ValueError(place)
    return place + 1


def _skip(text: str, place: int) -> int:
    while text[place] in _SPACE:
        place += 1
    return place


def _refuse(file: str, what: str) -> ContractBreach:
    return ContractBreach(f"file {file} {what}", code="E-FILE", remedy="ask for the file again")
