"""What weights were frozen on, as bytes that give no name away.

Only counts that make a weight differ from its cap are kept: few, however many records there are.
Values are keyed blind tokens, so that neither a store nor a backup of it tells whom they name.
"""

import struct
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from hub.errors import ContractBreach
from hub.identity.resolver import Frozen
from hub.identity.weigh import Counts, Model, same_weight

LAYOUT = 1
TOKEN_BYTES = 8
_HEAD = struct.Struct(">BQH")
_FIELD = struct.Struct(">QI")
_ENTRY = struct.Struct(f">{TOKEN_BYTES}sI")


def token(key: bytes, field: int, value: Any) -> bytes:
    """The blind token of a value of a field."""
    return blake2b(f"{field}\x1f{value!r}".encode(), digest_size=TOKEN_BYTES, key=key[:64]).digest()


class BlindCounts(Mapping[Any, int]):
    """Counts that are asked by value and held by token."""

    def __init__(self, key: bytes, field: int, held: Mapping[bytes, int]) -> None:
        """Of one field."""
        self.held = held
        self._key = key
        self._field = field

    def __getitem__(self, value: Any) -> int:
        return self.held[token(self._key, self._field, value)]

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("the values are blind")

    def __len__(self) -> int:
        return len(self.held)


def pack(frozen: Frozen, model: Model, key: bytes) -> bytes:
    """The bytes of what weights were frozen on."""
    counts = frozen.counts
    parts = [_HEAD.pack(LAYOUT, frozen.records, len(counts.values))]
    for field, values in enumerate(counts.values):
        if isinstance(values, BlindCounts):
            held = dict(values.held)
        else:
            told, total = model.fields[field], counts.totals[field]
            held = {
                token(key, field, value): often
                for value, often in values.items()
                if same_weight(told, often, total) < told.cap
            }
        parts.append(_FIELD.pack(counts.totals[field], len(held)))
        parts += [_ENTRY.pack(*one) for one in sorted(held.items())]
    return b"".join(parts)


def unpack(data: bytes, key: bytes) -> Frozen:
    """The inverse of pack. Raises ContractBreach for a layout this version does not know."""
    layout, records, fields = _HEAD.unpack_from(data)
    if layout != LAYOUT:
        raise ContractBreach(
            "stored weights have an unknown layout",
            code="E-STATE",
            remedy="they were written by a newer hub; or: hub view rebuild",
        )
    values: list[Mapping[Any, int]] = []
    totals: list[int] = []
    at = _HEAD.size
    for field in range(fields):
        total, entries = _FIELD.unpack_from(data, at)
        end = at + _FIELD.size + entries * _ENTRY.size
        held = dict(_ENTRY.iter_unpack(data[at + _FIELD.size : end]))
        values.append(BlindCounts(key, field, held))
        totals.append(total)
        at = end
    return Frozen(records, Counts(tuple(values), tuple(totals)))
