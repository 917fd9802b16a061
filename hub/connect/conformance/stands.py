"""The stands a samples folder can name: files in a folder, a REST server, calls, bare records."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.connect import lint
from hub.connect.conformance.http_stand import Lists, serving
from hub.connect.conformance.stand import Source, Stand
from hub.connect.contract import Change, Connector, Item, Record, Request, Unreadable
from hub.errors import SettingsError

LONG_AGO_S = 1_700_000_000.0
DAY_S = 86_400.0
URL = "{url}"
_NOT_CELLS = 3
NO_TEXT = b"\x81\xff"
"""Bytes that are text in none of the encodings that files may be in."""


def folder(
    connector: Connector, samples: Path, files: list[Path], settings: Mapping[str, Any]
) -> Stand:
    """The files as copies in a folder; paths in the settings are below it."""

    @contextmanager
    def stand() -> Iterator[Source]:
        with tempfile.TemporaryDirectory(prefix="civic-hub-samples-") as name:
            place = Path(name) / "samples"
            place.mkdir()
            copies = [_copied(path, place / path.relative_to(samples)) for path in files]
            own = lint.settings_of(connector, _with_secrets(settings, samples), place)
            yield Source.asked(
                connector,
                own,
                away=lambda: _moved(place),
                spoil=lambda change, way: _spoil(copies, change, way),
                repeat=lambda: _repeat(copies),
            )

    return stand


def _with_secrets(settings: Mapping[str, Any], samples: Path) -> dict[str, Any]:
    """Secret files stay beside the samples; everything else is below the copy."""
    return {
        key: str((samples / str(value)).resolve()) if key.endswith("_file") else value
        for key, value in settings.items()
    }


def _copied(path: Path, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, copy)
    os.utime(copy, (LONG_AGO_S, LONG_AGO_S))  # nobody is still writing it
    return copy


@contextmanager
def _moved(place: Path) -> Iterator[None]:
    elsewhere = place.with_name("elsewhere")
    place.rename(elsewhere)
    try:
        yield
    finally:
        elsewhere.rename(place)


def _repeat(copies: list[Path]) -> None:
    """The last file of each suffix comes again under a later name."""
    last = {path.suffix: path for path in sorted(copies)}
    for path in last.values():
        later = path.with_name(f"{path.stem}~again{path.suffix}")
        shutil.copyfile(path, later)
        os.utime(later, (LONG_AGO_S + DAY_S, LONG_AGO_S + DAY_S))


def _spoil(copies: list[Path], change: Change, way: int) -> bytes | None:
    """Break the record of a change in the one file that has it."""
    raw, context = change.raw, change.context
    holding = [path for path in copies if raw and path.read_bytes().count(raw) == 1]
    if len(holding) != 1:
        found = _line(copies, context)
        if found is None:
            return None
        holding, raw = [found[0]], found[1]
    ways = _ways(raw, {"format": "csv", **context} if holding[0].suffix == ".csv" else context)
    if way >= len(ways):
        return None
    path, data = holding[0], holding[0].read_bytes()
    path.write_bytes(data.replace(raw, ways[way], 1))
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    return ways[way]


def _line(copies: list[Path], context: Mapping[str, Any]) -> tuple[Path, bytes] | None:
    """The line that a context names, for records made of more than one piece of the source."""
    for path in copies:
        if path.name == context.get("file") and isinstance(context.get("line"), int):
            lines = path.read_bytes().splitlines(keepends=True)
            raw = lines[context["line"] - 1] if context["line"] <= len(lines) else b""
            return (path, raw) if raw and lines.count(raw) == 1 else None
    return None


def _ways(raw: bytes, context: Mapping[str, Any]) -> list[bytes]:
    """Broken forms of a record, each of which leaves the file around it whole."""
    form = context.get("format")
    if form in ("csv", "delimited"):
        body = raw.rstrip(b"\r\n")
        end = raw[len(body) :]
        surplus = str(context.get("delimiter", ",")).encode() * _NOT_CELLS
        return [body + surplus + end, body + NO_TEXT + end]
    if form == "json":
        return [b'"no object"']
    if form == "xml":
        name = str(context.get("record", "record")).encode()
        tag = raw[1 : raw.index(b">")].split()[0].rstrip(b"/") if raw.startswith(b"<") else name
        return [b"<%s><broken/></%s>" % (tag, tag)]
    return []


def http(
    connector: Connector, files: list[Path], settings: Mapping[str, Any], lists: Lists
) -> Stand:
    """The records of JSON files as a REST list on loopback; `{url}` in settings is its address."""
    records = [record for path in files for record in _json(path)]

    @contextmanager
    def stand() -> Iterator[Source]:
        with serving(records, lists) as server:
            table = {
                key: value.replace(URL, server.url) if isinstance(value, str) else value
                for key, value in settings.items()
            }
            own = lint.settings_of(connector, table, files[0].parent)
            yield Source.asked(connector, own, away=server.away, spoil=server.spoil)

    return stand


def calls(
    connector: Connector,
    files: list[Path],
    settings: Mapping[str, Any],
    headers: Mapping[str, str],
) -> Stand:
    """The calls in JSON files (`path`, `body`, perhaps `headers`), made one after the other."""
    receive = connector.receive
    if receive is None:
        raise SettingsError(f"{connector.name} is not pushed to", remedy="serve its samples else")
    own = lint.settings_of(connector, settings, files[0].parent)

    @contextmanager
    def stand() -> Iterator[Source]:
        requests = [
            Request(call["path"], {**headers, **call.get("headers", {})}, _body(call["body"]))
            for path in files
            for call in _json(path)
        ]

        def read(_after: str | None) -> Iterator[Change | Unreadable]:
            for request in requests:
                yield from receive(own, request)

        def spoil(change: Change, way: int) -> bytes | None:
            ways = [change.raw[:-1], change.raw + b"\xff"]
            if way >= len(ways):
                return None
            places = [n for n, one in enumerate(requests) if one.body == change.raw]
            requests[places[0]] = requests[places[0]]._replace(body=ways[way])
            return ways[way]

        yield Source(own, read, spoil=spoil)

    return stand


def _body(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def records(files: list[Path]) -> Stand:
    """The records of JSON files, as if a source had told them: for sources that need a server."""
    found = [record for path in files for record in _json(path)]

    def read(after: str | None) -> Iterator[Item]:
        for number, record in enumerate(found, 1):
            if number > int(after or 0):
                raw = json.dumps(record).encode()
                context = {"format": "json", "line": number}
                yield Change(Record(record), raw, str(number), number, context=context)

    @contextmanager
    def stand() -> Iterator[Source]:
        yield Source(None, read, real=False)

    return stand


def _json(path: Path) -> list[Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, list):
        raise SettingsError(f"{path.name} is no JSON list", remedy="put the samples into a list")
    return value
