"""Checks of what a connector says: translation, identifiers, events."""

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from hub.canon.model import EVENT_NAMES
from hub.connect import lint
from hub.connect.conformance import reading
from hub.connect.conformance.outcome import fail, skip
from hub.connect.conformance.recorded import plain_draft
from hub.connect.conformance.stand import Subject
from hub.connect.contract import Change, LeftOut, Unchanged
from hub.errors import RecordError

SAMPLES_MIN = 12
RECORDS_LOOKED_AT = 60
VARIANTS_MAX = 4_000
DEPTH_MAX = 6
UNMAPPED, UNMAPPED_VALUE = "civic_unmapped", "kept in extra"
_ABSENT: Any = object()


def settings(subject: Subject) -> None:
    """The value is sound, and no secret of its settings shows."""
    found = lint.problems(subject.connector)
    if found:
        fail(found[0].what, found[0].where, found[0].remedy)


def samples(subject: Subject) -> None:
    """Enough records are recorded for an order by text to show where one by number is meant."""
    items = [told.item for told in reading.whole(subject)]
    count = sum(
        item.count if isinstance(item, Unchanged) else hasattr(item, "raw") for item in items
    )
    if count < SAMPLES_MIN:
        fail(
            f"there are {count} sample records, fewer than {SAMPLES_MIN}",
            "samples",
            "record more: some that are refused, and two states of one record, among them",
        )


def recorded(subject: Subject) -> None:
    """The samples mean the events recorded beside them."""
    if subject.expected is None:
        fail(
            "no events are recorded beside the samples",
            f"{subject.connector.name}.expected.json",
            "look at `hub connector test NAME --record` and at what it wrote",
        )
    said = reading.whole(subject)
    drafts = [draft for told in said for draft in told.drafts]
    found = Counter(_text(plain_draft(draft)) for draft in drafts)
    wanted = Counter(_text(event) for event in subject.expected)
    if found == wanted:
        return
    lost, new = wanted - found, found - wanted
    kinds = sorted({json.loads(text)["event"] for text in (*lost, *new)})
    refused = reading.refusals(said)
    fail(
        f"{lost.total()} recorded events are not told, {new.total()} others are",
        ", ".join(kinds) + (f"; refused: {refused}" if refused else ""),
        "where the new ones are right: hub connector test NAME --record",
    )


def _text(event: Any) -> str:
    return json.dumps(event, sort_keys=True, ensure_ascii=False)


def repeatable(subject: Subject) -> None:
    """The same change means the same, in any order and time, and is left as it was."""
    said = reading.changes(reading.whole(subject))
    made = reading.publisher(subject.connector)
    for told in reversed(said):
        change = told.change
        again = reading.fresh(change)
        before = (deepcopy(again.record), deepcopy(again.before))
        second = reading.tell(made, again)
        if (again.record, again.before) != before:
            fail("translate changes its input", told.where, "copy what you change")
        if (second.drafts, second.rule, _kind(second.error)) != (
            told.drafts,
            told.rule,
            _kind(told.error),
        ):
            fail(
                "translated again, the same change means something else",
                told.where,
                "use nothing but the change: no clock, no chance, no memory of other records",
            )


def _kind(error: Exception | None) -> tuple[str, str] | None:
    if error is None:
        return None
    return type(error).__name__, error.code if isinstance(error, RecordError) else ""


def identities(subject: Subject) -> None:
    """Read anew, events have the same identifiers; different events never share one."""
    first, second = reading.whole(subject), reading.whole(subject)
    if reading.events(first).keys() != reading.events(second).keys():
        fail(
            "a second reading gives other identifiers",
            "record_key, record_version",
            "take key and version from the record, never from the time of reading",
        )
    seen: dict[str, tuple[bytes, str]] = {}
    for told in first:
        for identifier, value in told.events:
            last, where = seen.setdefault(identifier, (value, told.where))
            if last != value:
                fail(
                    "two different events have one identifier",
                    f"{where} and {told.where}",
                    "a record_key of its own for each record, a version for each of its states",
                )


def declared(subject: Subject) -> None:
    """The events declared in `emits` are those the samples give, all of them and no other."""
    connector = subject.connector
    said = reading.whole(subject)
    for told in said:
        change = told.item
        if isinstance(change, Change) and change.record and not told.drafts:
            for name in _undeclared(subject, change):
                fail(f"{name} is not declared in emits", told.where, "declare it")
    missing = set(connector.emits) - {type(draft.body) for told in said for draft in told.drafts}
    if missing:
        names = ", ".join(sorted(body.__name__ for body in missing))
        refused = reading.refusals(said)
        fail(
            f"no sample gives {names}",
            f"emits; refused: {refused}" if refused else "emits",
            "record one that does, or take it out of emits",
        )


def _undeclared(subject: Subject, change: Change) -> list[str]:
    try:
        said = list(subject.connector.translate(reading.fresh(change)))
    except Exception:  # noqa: BLE001 - refused records are another check's
        return []
    bodies = {type(one.body) for one in said if not isinstance(one, LeftOut)}
    return [body.__name__ for body in bodies - set(subject.connector.emits)]


def roundtrip(subject: Subject) -> None:
    """Every event fits its schema, and is the same after encoding and decoding."""
    made = reading.publisher(subject.connector)
    for told in reading.changes(reading.whole(subject)):
        change = told.change
        try:
            drafts = made.drafts(reading.fresh(change))
        except Exception:  # noqa: BLE001, S112 - refused records are another check's
            continue
        if isinstance(drafts, LeftOut) or any(type(d.body) not in EVENT_NAMES for d in drafts):
            continue
        try:
            prepared = made.prepare(drafts, 0, "b0")
        except RecordError as error:
            if error.code in ("E-CONTRACT", "E-ID"):
                continue  # another check's
            fail(f"an event does not fit: {error.message}", told.where, "give what the field asks")
        for one, draft in zip(prepared, drafts, strict=False):  # superseding ones follow
            event = reading.CODEC.decode(one.value)
            if (event.body, event.claims) != (draft.body, draft.claims):  # type: ignore[union-attr] # an event
                fail(
                    f"{type(draft.body).__name__} is not the same after encoding",
                    told.where,
                    "use the model's own types: tuples, StrEnum members, Decimal",
                )


def fields(subject: Subject) -> None:
    """A record that lacks any one field is understood, or refused by a field's name."""
    made = reading.publisher(subject.connector)
    tried = 0
    for told in _looked_at(subject):
        change = told.change
        for path, record in _without_one(change.record):
            tried += 1
            if tried > VARIANTS_MAX:
                return
            error = reading.tell(
                made, change._replace(record=reading.fresh(change, record).record)
            ).error
            if error is not None and not reading.by_name(error):
                what = error.code if isinstance(error, RecordError) else type(error).__name__
                fail(
                    f"without field {path} it fails with {what}, naming no field",
                    told.where,
                    "read fields with hub.connect.values, or raise UnreadableRecord(field=...)",
                )


def _looked_at(subject: Subject) -> list[reading.Told]:
    """Records that are understood, every kind of them first."""
    understood = [told for told in reading.changes(reading.whole(subject)) if told.error is None]
    first: dict[Any, reading.Told] = {}
    for told in understood:
        kinds = tuple(type(draft.body) for draft in told.drafts)
        first.setdefault((kinds, told.rule, frozenset(told.change.record)), told)
    rest = [told for told in understood if told not in first.values()]
    return [*first.values(), *rest][:RECORDS_LOOKED_AT]


def _without_one(record: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The record without each of its fields, and with each of them null; inner ones likewise."""
    if depth > DEPTH_MAX:
        return
    if isinstance(record, list) and record:
        for inner, value in _without_one(record[0], f"{path}[0]", depth + 1):
            yield inner, [value, *record[1:]]
    if not isinstance(record, dict):
        return
    for name in list(record):
        at = f"{path}.{name}" if path else str(name)
        yield at, {key: value for key, value in record.items() if key != name}
        yield at, {**record, name: None}
        for inner, value in _without_one(record[name], at, depth + 1):
            yield inner, {**record, name: value}


def drift(subject: Subject) -> None:
    """A field nobody mapped is kept in the event's `extra`, and known to be new."""
    connector = subject.connector
    if connector.known_fields is None:
        fail(
            "known_fields is not declared, so a new field is never told",
            "known_fields",
            "declare the names of all fields the source sends today",
        )
    made = reading.publisher(connector)
    seen: set[type] = set()
    for told in reading.changes(reading.whole(subject)):
        new = {type(draft.body) for draft in told.drafts} - seen
        if not new:
            continue
        change = told.change
        record = {**change.record, UNMAPPED: UNMAPPED_VALUE}
        again = reading.tell(made, reading.fresh(change, record)._replace(before=None))
        for draft in again.drafts:
            kept = draft.claims.extra if draft.claims is not None else {}
            if kept.get(UNMAPPED) != UNMAPPED_VALUE:
                fail(
                    f"{type(draft.body).__name__} loses a field nobody has mapped",
                    told.where,
                    "give Claims(extra=extra(record, KNOWN)) of hub.connect.drift",
                )
        if not again.drafts:
            fail("a new field makes the record unusable", told.where, "ignore what you do not know")
        seen |= new
    if not seen:
        skip("no sample gives an event")
