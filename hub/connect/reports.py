"""Report files: what was refused of a batch, written once it is read, where its sender finds them.

Two files for each batch of which anything was refused, named after the file it is about: CSV for
people, JSON lines for programs. They appear whole or not at all, and writing them again after a
crash writes the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from hub.bus.reader import Message
from hub.connect.batches import Batch
from hub.connect.feedback import COLUMNS, Finding, csv_line, json_line
from hub.connect.quarantine import State, parse
from hub.errors import Unavailable
from hub.telemetry.signals_connect import FeedbackFailed, FeedbackWritten

ROWS_MAX = 100_000
"""A report holds so many; the rest is in `hub connector feedback` and on the endpoint."""
SLACK_US = 60_000_000
NAME_CHARACTERS_MAX = 80
_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")


class Reporter:
    """Writes the reports of one connector.

    `read` gives the messages of its quarantine topic from an instant on, microseconds since 1970.
    """

    def __init__(self, folder: Path, read: Callable[[int], Iterator[Message]]) -> None:
        """The folder is made where it is not there."""
        self._folder = folder
        self._read = read

    def __call__(self, batch: Batch) -> None:
        """Write what was refused of a batch; a fault is told in the log and stops nothing."""
        if not batch.books.quarantined:
            return
        try:
            rows = write(self._folder, batch, refused(batch, self._read))
        except (OSError, Unavailable) as error:
            reason = error.strerror if isinstance(error, OSError) else error.message
            FeedbackFailed(batch.connector, str(reason)).emit()
        else:
            FeedbackWritten(batch.connector, rows).emit()


def refused(batch: Batch, read: Callable[[int], Iterator[Message]]) -> Iterator[Finding]:
    """What was refused of a batch, each record once, in the order it was refused."""
    seen: set[str] = set()
    for message in read(max(1, batch.began_us - SLACK_US)):
        entry = parse(message)
        mine = entry.batch_id == batch.batch_id and entry.state is State.PARKED
        if mine and entry.entry_id not in seen:
            seen.add(entry.entry_id)
            yield Finding.of(entry)


def write(folder: Path, batch: Batch, findings: Iterable[Finding]) -> int:
    """Write both files of a batch; how many rows they hold. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    name = report_name(batch)
    paths = [folder / f"{name}.feedback.csv", folder / f"{name}.feedback.jsonl"]
    parts = [path.with_name(f".{path.name}.part") for path in paths]
    count = 0
    with ExitStack() as stack:
        table, lines = (
            stack.enter_context(part.open("w", encoding="utf-8", newline="")) for part in parts
        )
        table.write(csv_line(COLUMNS))
        for count, finding in enumerate(findings, 1):
            table.write(csv_line(tuple(finding)))
            lines.write(json_line(finding))
            if count == ROWS_MAX:
                break
    for part, path in zip(parts, paths, strict=True):
        part.replace(path)
    return count


def report_name(batch: Batch) -> str:
    """The name of a batch's reports: that of its file, made harmless, and the batch's."""
    file = _OTHERS.sub("_", batch.file)[-NAME_CHARACTERS_MAX:].lstrip(".")
    return f"{file}.{batch.batch_id}" if file else batch.batch_id
