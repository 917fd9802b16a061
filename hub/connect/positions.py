"""Where a connector goes on, with its books: one record for each connector in a compacted topic."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from hub.bus.reader import Message
from hub.connect.batches import Batch
from hub.connect.books import Books


class Position(NamedTuple):
    """What is remembered of a connector: its own opaque text, and the books up to there.

    `batches` are those that were read since the position before, oldest first.
    """

    text: str | None = None
    books: Books = Books()
    stored_at_us: int = 0
    batches: tuple[Batch, ...] = ()

    def encode(self) -> bytes:
        """The value of the position record."""
        record = {
            "position": self.text,
            "books": self.books.as_record(),
            "stored_at_us": self.stored_at_us,
            "batches": [one.as_record() for one in self.batches],
        }
        return json.dumps(record, sort_keys=True).encode()


def decode(value: bytes) -> Position:
    """The position in a record."""
    record = json.loads(value)
    batches = tuple(Batch.of_record(one) for one in record.get("batches", ()))
    books = Books.of_record(record["books"])
    return Position(record["position"], books, record["stored_at_us"], batches)


def latest(messages: Iterable[Message]) -> dict[str, Position]:
    """The last position of each connector in the positions topic."""
    found: dict[str, Position] = {}
    for message in messages:
        if message.key is None:
            continue
        name = message.key.decode()
        if message.value is None:
            found.pop(name, None)
        else:
            found[name] = decode(message.value)
    return found
