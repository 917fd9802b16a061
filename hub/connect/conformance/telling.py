"""Checks of what becomes known outside the events: log lines, error texts, headers, signals."""

import base64
import dataclasses
import hashlib
import html
import io
import json
import re
import threading
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from hub.canon.model import Claims
from hub.connect.conformance import reading
from hub.connect.conformance.outcome import fail
from hub.connect.conformance.stand import Source, Subject
from hub.connect.contract import Change, Connector, Unreadable
from hub.connect.positions import Position
from hub.connect.publish import Publisher, Tally
from hub.connect.runtime import Links, Run, run
from hub.errors import HubError
from hub.telemetry.logs import captured

CANARY = "Zqcanary7Wv"
CHANGES_LOOKED_AT = 40
VARIANTS_MAX = 2_000
VALUE_CHARACTERS_MIN = 6
RULES_MAX = 12
DEPTH_MAX = 6
CODE = re.compile(r"E-[A-Z0-9]+(-[A-Z0-9]+)*")
REMEDY = "name fields and rules, never values; put nothing of a record into context or logs"
_DIGESTS: tuple[Callable[[bytes], Any], ...] = (hashlib.md5, hashlib.sha1, hashlib.sha256)


def forms(value: str) -> frozenset[str]:
    """A value as it may show: as it is, escaped, encoded, or as a digest without a key."""
    data = value.encode()
    found = {value, value.lower(), value.upper(), value[::-1], html.escape(value)}
    found |= {json.dumps(value)[1:-1], urllib.parse.quote(value), urllib.parse.quote_plus(value)}
    found |= {data.hex(), base64.b64encode(data).decode().rstrip("=")}
    found |= {base64.urlsafe_b64encode(data).decode().rstrip("=")}
    found |= {digest(data).hexdigest() for digest in _DIGESTS}
    return frozenset(found)


def privacy(subject: Subject) -> None:
    """Nothing of a record shows in logs, error texts, keys or headers, on any path."""
    connector = subject.connector
    with _watched() as told, subject.stand() as source:
        said = reading.read(connector, source)
        secrets = _secrets(source.settings)
        errors = list(_away_texts(source))
    _look([*told, *errors], secrets, "settings", "a secret shows")
    for one in said:
        if one.error is not None:
            told.append(f"{one.error} {getattr(one.error, 'remedy', '')}")
    claimed = [value for one in said for value in _personal(one.drafts)]
    named = " ".join(one.where for one in said)
    hidden = {form for value in claimed for form in forms(value) if form not in named}
    _look(told, hidden, "a reading", "a value shows")
    changed = [one for one in reading.changes(said) if one.drafts] or reading.changes(said)
    tried = 0
    for one in changed[:CHANGES_LOOKED_AT]:
        told_by_place = {form for value in _personal(one.drafts) for form in forms(value)}
        # a file is named in quarantine, and a day in its name may be a day of the record as well
        hidden = {form for form in told_by_place if form not in one.where}
        for where, record in _canaries(one.change.record):
            tried += 1
            if tried > VARIANTS_MAX:
                return
            lines = _published(connector, reading.fresh(one.change, record))
            _look(lines, hidden | forms(CANARY), f"{one.where}, field {where}", "a value shows")


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What is logged or printed inside, as texts."""
    found: list[str] = []
    out = io.StringIO()
    with captured() as lines, redirect_stdout(out), redirect_stderr(out):
        yield found
    found += [str(dict(line)) for line in lines]
    found.append(out.getvalue())


def _look(texts: Iterable[str], hidden: Iterable[str], where: str, what: str) -> None:
    text = "\n".join(texts)
    if any(value in text for value in hidden):
        fail(f"{what} in a log line, an error text, a key or a header", where, REMEDY)


def _secrets(settings: Any) -> set[str]:
    if not dataclasses.is_dataclass(settings):
        return set()
    named = {field.name for field in dataclasses.fields(settings) if field.metadata.get("secret")}
    values = (str(getattr(settings, name)) for name in named)
    return {form for value in values if len(value) >= VALUE_CHARACTERS_MIN for form in forms(value)}


def _away_texts(source: Source) -> Iterator[str]:
    """What a reading says while the system is away."""
    if source.away is None:
        return
    with source.away():
        try:
            for _ in source.read(None):
                pass
        except HubError as error:
            yield f"{error} {error.remedy}"
        except Exception:  # noqa: BLE001 - another check's
            return


def _personal(drafts: Iterable[Any]) -> Iterator[str]:
    """What events say of persons and organisations, long enough to be theirs alone."""
    for draft in drafts:
        if isinstance(draft.claims, Claims):
            for value in _leaves(draft.claims._replace(roles=())):
                if len(value) >= VALUE_CHARACTERS_MIN:
                    yield value


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for inner in value.values() for text in _leaves(inner))
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        named = zip(value._fields, value, strict=True)
        skipped = ("ref", "scheme", "assurance", "name", "precision")
        yield from (text for name, v in named if name not in skipped for text in _leaves(v))
    elif isinstance(value, tuple | list):
        yield from (text for inner in value for text in _leaves(inner))


def _canaries(record: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The record with a canary in each of its texts and numbers, one after the other."""
    if depth > DEPTH_MAX:
        return
    if isinstance(record, dict):
        for name, value in record.items():
            at = f"{path}.{name}" if path else str(name)
            for inner, other in _canaries(value, at, depth + 1):
                yield inner, {**record, name: other}
    elif isinstance(record, list) and record:
        for inner, other in _canaries(record[0], f"{path}[0]", depth + 1):
            yield inner, [other, *record[1:]]
    elif isinstance(record, str | int | float | None):
        yield path, CANARY


def _published(connector: Connector, change: Change) -> list[str]:
    """What becomes known of a change beside the value of its event or quarantine record."""
    sender = reading.Kept()
    made = Publisher(connector, reading.KEY, reading.CODEC, sender)
    with _watched() as told:
        made.take(change, Tally(), 0, "b0")
    for message in sender.messages:
        told.append(f"{message.topic} {message.key!r}")
        told += [f"{name}: {value.decode(errors='replace')}" for name, value in message.headers]
    return told


def signals(subject: Subject) -> None:
    """Run for real, it tells what it read, published, left out and refused; the books balance."""
    connector, kept = subject.connector, reading.Kept()
    links = Links(kept, reading.CODEC, reading.KEY, Position)  # type: ignore[arg-type] # keeps instead
    with subject.stand() as source, captured() as lines:
        if connector.changes is None:
            at = Run(connector, links, threading.Event())
            items = [item for item in source.read(None) if isinstance(item, Change | Unreadable)]
            at.push(items)
            books = at.position.books
        else:
            served = dataclasses.replace(connector, changes=lambda _, after: source.read(after))
            forget = dataclasses.replace(served, acknowledge=None)
            books = run(forget, source.settings, links, stop=threading.Event(), once=True)
    given = Counter[str]()
    for line in lines:
        given[str(line["event"])] += int(line.get("count", 1))
    wanted = {
        "records_read": books.read,
        "events_published": books.events,
        "record_quarantined": books.quarantined,
        "records_filtered": sum(books.filtered.values()),
    }
    for name, count in wanted.items():
        if given[name] != count:
            fail(f"signal {name} tells {given[name]}, not {count}", "the run", "leave logs alone")
    if not books.balanced or not given["books_told"] or not given["batch_confirmed"]:
        fail("the books do not balance, or are not told", "the run", "leave logs alone")
    _few_labels(lines, books.filtered)


def _few_labels(lines: Iterable[Mapping[str, Any]], rules: Mapping[str, int]) -> None:
    if len(rules) > RULES_MAX:
        fail(
            f"records are left out by {len(rules)} rules, more than {RULES_MAX}",
            "LeftOut",
            "a rule is one of a few fixed names: it is counted by name",
        )
    codes = {str(line["code"]) for line in lines if line["event"] == "record_quarantined"}
    for code in codes:
        if not CODE.fullmatch(code):
            fail("an error's code is no code", "UnreadableRecord", "such as E-FIELD-MISSING")
