"""JSON documents in a folder, each with a list of records: every record with its exact text."""

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hub.connect.contract import Change, Operation, Record, Unchanged, Unreadable
from hub.connect.sources.context import context_of
from hub.connect.sources.folder import complete, digest_of, reachable, stamp_of
from hub.connect.strict_json import check_depth, loads_text, refused
from hub.errors import ContractBreach, UnreadableRecord

FILE_BYTES_MAX = 200_000_000
FILE_DEPTH_MAX = 500
"""Deeper, and the parser could run out of stack; an item alone may not be as deep as that."""
_LENIENT = json.JSONDecoder(parse_int=len, parse_float=len, parse_constant=len)
"""Finds where values end; what they hold is read strictly afterwards."""
_SPACE = " \t\n\r"


class At(NamedTuple):
    """A place: `done` records of a file are told."""

    file: str
    digest: str
    ordinal: int
    done: int
    whole: bool

    def text(self) -> str:
        """The position as text."""
        return json.dumps(self, separators=(",", ":"))


def changes(
    folder: Path, pattern: str, member: str, after: str | None
) -> Iterator[Change | Unreadable | Unchanged]:
    """The records of each file in name order; `member` is where the list is: names, by dots.

    A file is taken once by name and content; a later content under the same name is taken again,
    and the same record in it has the same identifier where its version is the same. The content
    taken last, come again under a later name, is unchanged. A file whose name comes before one that
    was taken came too late.
    Raises ContractBreach E-FILE for a file that is no such document as a whole, before any record
    of it is told; SourceUnavailable where the folder or a file cannot be read.
    """
    with reachable():
        yield from _changes(folder, pattern, member, At(*json.loads(after)) if after else None)


def _changes(
    folder: Path, pattern: str, member: str, at: At | None
) -> Iterator[Change | Unreadable | Unchanged]:
    for path in complete(folder, pattern):
        if at is not None and path.name < at.file:
            continue
        digest = digest_of(path)
        if at is not None and (path.name, digest) == (at.file, at.digest):
            if not at.whole:
                yield from _file(path, member, at)
        elif at is not None and at.whole and digest == at.digest:
            at = at._replace(file=path.name)  # the same delivery under a later name
            yield Unchanged(sum(1 for _ in texts(path, member, path.name)), at.text())
        else:
            ordinal = max(stamp_of(path.name) or 0, at.ordinal + 1 if at else 1)
            at = At(path.name, digest, ordinal, 0, whole=False)
            yield from _file(path, member, at)
        at = at._replace(whole=True)


def texts(path: Path, member: str, name: str) -> Iterator[str]:
    """The exact text of each item of the list at the dotted path `member`, or of the document.

    Raises ContractBreach E-FILE, which calls the file `name`, before the first one.
    """
    text = _text(path, name)
    places = _items(text, member, name)
    for place in range(0, len(places), 2):
        yield text[places[place] : places[place + 1]]


def _file(path: Path, member: str, at: At) -> Iterator[Change | Unreadable | Unchanged]:
    context = {**context_of(path.name, "json"), "version": at.ordinal}
    count = 0
    for number, raw in enumerate(texts(path, member, path.name), 1):
        count = number
        if number <= at.done:
            continue
        position = at._replace(done=number).text()
        place = {**context, "line": number}
        try:
            value = loads_text(raw)
            if not isinstance(value, dict):
                raise refused("E-JSON", "an object")
        except UnreadableRecord as error:
            yield Unreadable(raw.encode(), error, position, place)
        else:
            record = Record(value)
            yield Change(record, raw.encode(), position, at.ordinal, Operation.READ, None, place)
    yield Unchanged(0, at._replace(done=count, whole=True).text())


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
