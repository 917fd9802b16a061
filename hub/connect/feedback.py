"""What a sender is told of refused records: where, which field, which rule, what to do.

Pure. Made from the quarantine topic of the sender's own connector, so it is the same for every kind
of source. It holds no value of a record: only names of files, fields and rules, and positions.
"""

import csv
import io
import json
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, Self

from hub.bus.reader import Message
from hub.connect.quarantine import Quarantined, State, parse

FINDINGS_MAX = 100_000
PAGE_MAX = 1_000
TEXT_MAX = 300
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these a spreadsheet takes a cell for a formula, or for what it is not."""
HINT = "mend the record in the source and send it again"
HINT_OF_FILE = "mend the file and send it again as a whole"
OURS = frozenset({"E-TRANSLATE", "E-RECEIVE", "E-CONTRACT"})
HINT_OF_OURS = "nothing: the connector is at fault, the record is kept until it is mended"
STATES = {State.PARKED: "refused", State.REPLAYED: "resolved", State.DISCARDED: "discarded"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Finding(NamedTuple):
    """One record that was refused, or one file as a whole: then `row` is empty.

    `row` is the line of a text file, or the number of the record where there are no lines. `state`
    is refused, resolved (it could be read after a fix) or discarded (a person gave it up).
    """

    file: str
    row: str
    field: str
    code: str
    rule: str
    hint: str
    state: str
    refused_at: str
    batch: str
    entry: str

    @classmethod
    def of(cls, entry: Quarantined) -> Self:
        """The finding of a quarantine record."""
        row = str(entry.context.get("line") or "")
        file = str(entry.context.get("file") or "")
        hint = entry.hint or (HINT if row or not file else HINT_OF_FILE)
        hint = HINT_OF_OURS if entry.code in OURS else hint
        at = EPOCH + timedelta(microseconds=entry.first_at_us)
        return cls(
            _plain(file),
            row,
            _plain(entry.field),
            entry.code,
            _plain(entry.rule),
            _plain(hint),
            STATES[entry.state],
            at.isoformat().replace("+00:00", "Z"),
            entry.batch_id,
            entry.entry_id,
        )


COLUMNS = Finding._fields


def _plain(text: str) -> str:
    """A text of bounded length on one line."""
    shown = "".join(c if c.isprintable() else " " for c in text[: TEXT_MAX + 1])
    return shown if len(shown) <= TEXT_MAX else f"{shown[: TEXT_MAX - 1]}…"


def csv_line(cells: tuple[str, ...]) -> str:
    """One row of CSV whose cells no spreadsheet takes for formulas."""
    out = io.StringIO()
    csv.writer(out).writerow([_no_formula(cell) for cell in cells])
    return out.getvalue()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell


def json_line(finding: Finding) -> str:
    """One finding as a line of JSON."""
    return json.dumps(finding._asdict(), ensure_ascii=False) + "\n"


class Page(NamedTuple):
    """Some findings, oldest change first.

    `next` is the cursor to go on from; `more` says that there are more now; `kept_from` is the
    cursor before which findings are no longer kept, 0 where all are.
    """

    findings: list[Finding]
    next: int
    more: bool
    kept_from: int

    def as_record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self._asdict(), "findings": [one._asdict() for one in self.findings]}


class Ledger:
    """The findings of one connector, each once in its latest state, in the order of their changes.

    Bounded: the oldest go first. May be shared between threads.
    """

    def __init__(self) -> None:
        """Empty."""
        self._found: OrderedDict[str, tuple[int, Finding]] = OrderedDict()
        self._end = 0
        self._kept_from = 0
        self._lock = threading.Lock()

    def take(self, message: Message) -> None:
        """A message of the quarantine topic, in the order of the topic; what is none is left."""
        entry = _parsed(message)
        with self._lock:
            self._end = message.offset + 1
            if entry is None:
                return
            _, known = self._found.pop(entry.entry_id, (0, None))
            finding = Finding.of(entry)
            if known is not None:
                # a record refused again says nothing new; one that is done stays done
                done = finding.state if entry.state is not State.PARKED else known.state
                finding = known._replace(state=done)
            self._found[entry.entry_id] = (message.offset, finding)
            if len(self._found) > FINDINGS_MAX:
                _, (gone, _) = self._found.popitem(last=False)
                self._kept_from = gone + 1

    def page(self, since: int = 0, limit: int = PAGE_MAX) -> Page:
        """At most `limit` findings that changed at the cursor `since` or after it."""
        with self._lock:
            later = (one for one in self._found.values() if one[0] >= since)
            found = list(islice(later, limit + 1))
            more = len(found) > limit
            upto = found[limit - 1][0] + 1 if more else max(self._end, since)
            return Page([finding for _, finding in found[:limit]], upto, more, self._kept_from)


def _parsed(message: Message) -> Quarantined | None:
    try:
        return parse(message)
    except (KeyError, ValueError):
        return None
