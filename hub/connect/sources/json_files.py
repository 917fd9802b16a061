"""JSON documents, each with a list of records: every record with its exact text."""

import json
from array import array
from collections.abc import Callable, Iterator
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


def texts(path: Path, member: str, name: str, *, pages: bool = False) -> Iterator[str]:
    """The exact text of each item of the list at the dotted path `member`, or of the document.

    With `pages` the document is a list, and each of its items has such a list of its own.
    Raises ContractBreach E-FILE, which calls the file `name`, before the first one.
    """
    text = _text(path, name)
    places = _items(text, member, name, pages=pages)
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


def _items(text: str, member: str, file: str, *, pages: bool) -> "array[int]":
    """Where each item begins and ends, one after the other, in characters."""
    places = array("q")

    def page(place: int) -> int:
        return _page(text, place, member, places)

    try:
        start = _skip(text, 0)
        end = _each(text, start, page) if pages else page(start)
        if text[end:].strip(_SPACE):
            raise ValueError(end)  # noqa: TRY301 - caught with the decoder's own
    except (IndexError, ValueError):  # JSONDecodeError is a ValueError
        what = f"pages with a list {member!r} in each" if pages else f"a list {member!r}"
        raise _refuse(file, f"is no JSON document with {what}") from None
    return places


def _page(text: str, place: int, member: str, places: "array[int]") -> int:
    """Note the items of the list of a document that begins at a place; where the document ends."""

    def item(at: int) -> int:
        _, end = _LENIENT.raw_decode(text, at)
        places.extend((at, end))
        return end

    end = _each(text, _list_start(text, place, member) if member else place, item)
    return _end(text, end, member.count(".") + 1) if member else end


def _each(text: str, place: int, take: Callable[[int], int]) -> int:
    """Take each item of the list that begins at a place; where the list ends.

    `take` is given where an item begins and tells where it ends.
    """
    place = _skip(text, _expect(text, place, "["))
    first = True
    while text[place] != "]":
        if not first:
            place = _skip(text, _expect(text, place, ","))
        first = False
        place = _skip(text, take(place))
    return place + 1


def _end(text: str, place: int, levels: int) -> int:
    """Where so many objects end that go on with other members."""
    for _ in range(levels):
        place = _skip(text, place)
        while text[place] != "}":
            place = _skip(text, _expect(text, place, ","))
            _, place = _member(text, place)
            _, place = _LENIENT.raw_decode(text, place)
            place = _skip(text, place)
        place += 1
    return place


def _list_start(text: str, place: int, member: str) -> int:
    """Where the list begins that stands at a dotted path of members of the object at a place."""
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
