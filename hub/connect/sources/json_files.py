"""JSON documents dropped in a folder, each with a list of records: every record with its exact text."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hub.connect.contract import Change, Operation, Record, Unreadable
from hub.connect.sources.folder import complete, digest_of, stamp_of
from hub.connect.sources.reread import context_of
from hub.connect.strict_json import check_depth, decoder, refused
from hub.errors import ContractBreach, UnreadableRecord

FILE_BYTES_MAX = 200_000_000
_LENIENT = json.JSONDecoder()
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
) -> Iterator[Change | Unreadable]:
    """The records of each file in name order; `member` is the list's name in the document.

    A file is taken once by name and content; a later content under the same name is taken again,
    and the same record in it has the same identifier where its version is the same.
    Raises ContractBreach E-FILE for a file that is no such document as a whole.
    """
    at = At(*json.loads(after)) if after else None
    for path in complete(folder, pattern):
        if at is not None and path.name < at.file:
            continue
        digest = digest_of(path)
        skip = 0
        if at is not None and (path.name, digest) == (at.file, at.digest):
            if at.whole:
                continue
            skip, ordinal = at.done, at.ordinal
        else:
            ordinal = at.ordinal + 1 if at else 1
        here = At(path.name, digest, ordinal, 0, whole=False)
        yield from _file(path, member, here, skip)
        at = here._replace(whole=True)


def _file(path: Path, member: str, here: At, skip: int) -> Iterator[Change | Unreadable]:
    text = _text(path)
    version = stamp_of(path.name) or here.ordinal
    context = context_of(path.name, "json")
    held: Change | Unreadable | None = None
    number = 0
    for number, (raw, value) in enumerate(_items(text, member, path.name), 1):
        if held is not None:
            yield held
            held = None
        if number <= skip:
            continue
        position = here._replace(done=number).text()
        place = {**context, "line": number}
        if isinstance(value, UnreadableRecord):
            held = Unreadable(raw.encode(), value, position, place)
        elif not isinstance(value, dict):
            held = Unreadable(raw.encode(), refused("E-JSON", "an object"), position, place)
        else:
            held = Change(
                Record(value), raw.encode(), position, version, Operation.READ, None, place
            )
    if held is not None:
        yield held._replace(position=here._replace(done=number, whole=True).text())


def _text(path: Path) -> str:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise _refuse(path.name, f"has more than {FILE_BYTES_MAX} bytes")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        check_depth(text)
    except UnicodeDecodeError:
        raise _refuse(path.name, "is not UTF-8") from None
    except UnreadableRecord as error:
        raise _refuse(path.name, f"is {error.message}") from None
    return text


def _items(text: str, member: str, file: str) -> Iterator[tuple[str, Any]]:
    """Each item's exact text and its value, or the error that refuses it."""
    try:
        place = _list_start(text, member)
        place = _skip(text, place + 1)
        while text[place] != "]":
            _, end = _LENIENT.raw_decode(text, place)
            raw = text[place:end]
            yield raw, _strict(raw)
            place = _skip(text, end)
            if text[place] == ",":
                place = _skip(text, place + 1)
    except (json.JSONDecodeError, IndexError, ValueError):
        raise _refuse(file, f"is no JSON document with a list {member!r}") from None


def _strict(raw: str) -> Any:
    try:
        return decoder().decode(raw)
    except UnreadableRecord as error:
        return error


def _list_start(text: str, member: str) -> int:
    place = _skip(text, 0)
    if text[place] != "{":
        raise ValueError(place)
    place = _skip(text, place + 1)
    while text[place] == '"':
        name, place = _LENIENT.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != ":":
            raise ValueError(place)
        place = _skip(text, place + 1)
        if name == member and text[place] == "[":
            return place
        _, place = _LENIENT.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] == ",":
            place = _skip(text, place + 1)
    raise ValueError(place)


def _skip(text: str, place: int) -> int:
    while text[place] in _SPACE:
        place += 1
    return place


def _refuse(file: str, what: str) -> ContractBreach:
    return ContractBreach(f"file {file} {what}", code="E-FILE", remedy="ask for the file again")
