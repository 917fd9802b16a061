"""What the resolver remembers: rows of bytes in a few tables, in memory or in a file.

Changes are pending until `commit` makes them one with a position (how far of what the state follows
it has followed), or `rollback` forgets them. A state holds values of persons only in `records`.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Protocol

from hub import clock

TOKEN_BYTES = 8
KEY_BYTES = 32
TOKENS = b"tokens"
"""What the key of tokens is derived for."""
TABLES = (
    "postings",
    "crowds",
    "counts",
    "groups",
    "homes",
    "repeats",
    "numbers",
    "links",
    "entities",
    "possible",
    "contents",
    "copies",
    "facts",
)
"""Tables of rows by token or number: `postings` and `crowds` belong to the index, `counts` and
`groups` to the frequencies, `homes` to the households, `repeats` to the prior, `contents` and
`copies` to the records that tell the same, `numbers` finds a record by its name; the others are
what was found out about records.
"""


class Rows(Protocol):
    """One table. Reads see what is pending."""

    def get(self, key: bytes) -> bytes | None:
        """A row; None where there is none."""

    def put(self, key: bytes, row: bytes) -> None:
        """Put a row in the place of the one there may be."""

    def remove(self, key: bytes) -> None:
        """Remove a row that may be there."""

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All rows, in the order of their keys."""

    def some(self, after: bytes, count: int) -> list[tuple[bytes, bytes]]:
        """So many rows or some more, in an order of the table's own; fewer are the last ones.

        `after` is the last key of the rows before, empty where there are none.
        """


class State(Protocol):
    """Tables that change together."""

    @property
    def key(self) -> bytes:
        """The secret under which values become tokens."""

    @property
    def records(self) -> Rows:
        """Records by number: the only table with values of persons in it."""

    @property
    def tables(self) -> Mapping[str, Rows]:
        """The others, as `TABLES` names them."""

    def commit(self) -> None:
        """Make what is pending last."""

    def rollback(self) -> None:
        """Forget what is pending."""

    def clear(self) -> None:
        """Forget everything."""


class Blind:
    """Makes tokens of values: eight bytes that give nothing away to who does not have the key."""

    def __init__(self, key: bytes) -> None:
        """`key` is at most 64 bytes."""
        self._keyed = blake2b(digest_size=TOKEN_BYTES, key=key)

    def token(self, parts: Iterable[str]) -> bytes:
        """The token of some texts in their order."""
        return self.token_of("\x1f".join(parts).encode())

    def token_of(self, data: bytes) -> bytes:
        """The token of some bytes."""
        made = self._keyed.copy()
        made.update(data)
        return made.digest()


def derived(secret: bytes, purpose: bytes) -> bytes:
    """A key for one purpose. States of one secret make the same tokens, wherever their rows are."""
    return blake2b(purpose, digest_size=KEY_BYTES, key=secret).digest()


class MemoryRows:
    """A table in memory: rows by the last byte of their key, for a large dictionary grows long."""

    def __init__(self) -> None:
        """Empty."""
        self._rows: tuple[dict[bytes, bytes], ...] = tuple({} for _ in range(256))
        self._before: dict[bytes, bytes | None] = {}

    def get(self, key: bytes) -> bytes | None:
        """A row; None where there is none."""
        return self._rows[key[-1]].get(key)

    def put(self, key: bytes, row: bytes) -> None:
        """Put a row in the place of the one there may be."""
        rows = self._rows[key[-1]]
        if key not in self._before:
            self._before[key] = rows.get(key)
        rows[key] = row

    def remove(self, key: bytes) -> None:
        """Remove a row that may be there."""
        row = self._rows[key[-1]].pop(key, None)
        if key not in self._before:
            self._before[key] = row

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """All rows, in the order of their keys."""
        return iter(sorted(row for rows in self._rows for row in rows.items()))

    def some(self, after: bytes, count: int) -> list[tuple[bytes, bytes]]:
        """So many rows or some more, by the last byte of their key."""
        found: list[tuple[bytes, bytes]] = []
        for rows in self._rows[after[-1] + 1 if after else 0 :]:
            found += rows.items()
            if len(found) >= count:
                break
        return found

    def commit(self) -> None:
        """What was changed cannot be undone any more."""
        self._before.clear()

    def rollback(self) -> None:
        """Undo what was changed since the last commit."""
        for key, row in self._before.items():
            if row is None:
                self._rows[key[-1]].pop(key, None)
            else:
                self._rows[key[-1]][key] = row
        self._before.clear()

    def clear(self) -> None:
        """Forget all rows."""
        for rows in self._rows:
            rows.clear()
        self._before.clear()


class MemoryState:
    """A state that ends with its process."""

    def __init__(self, secret: bytes | None = None) -> None:
        """Empty; `secret` is drawn where it is not given."""
        self.key = derived(secret or bytes.fromhex(clock.random_token(KEY_BYTES)), TOKENS)
        self.records = MemoryRows()
        self.tables = {name: MemoryRows() for name in TABLES}

    def commit(self) -> None:
        """Make what is pending last."""
        for rows in (self.records, *self.tables.values()):
            rows.commit()

    def rollback(self) -> None:
        """Forget what is pending."""
        for rows in (self.records, *self.tables.values()):
            rows.rollback()

    def clear(self) -> None:
        """Forget everything."""
        for rows in (self.records, *self.tables.values()):
            rows.clear()
