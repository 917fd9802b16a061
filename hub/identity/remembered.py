"""Records, links, entities and possible links by number, as rows of a state.

A record's number is given when it is put and never again; a corrected record has another.
"""

import json
import marshal
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from hub.identity.cluster import Twosome
from hub.identity.kind import Kind
from hub.identity.record import Record
from hub.identity.state import Blind, Rows, State

NUMBER_BYTES = 4
RecordOf = Callable[[int], Record]
"""Finds a record by its number."""
DECODED_MAX = 2_000
"""How many records are held ready at most."""
PASSED_MAX = 250
"""How many records are written down at most that were compared with one and are no links."""
_TOO_MANY = [0]
_NO_LINKS = bytes(2 * NUMBER_BYTES)
PROGRESS = b"progress"


class Known(NamedTuple):
    """A record and its name."""

    name: str
    record: Record


class Links(NamedTuple):
    """The records a record is linked with, and the weights in millibits.

    `freeze`: under which frozen weights all the record's own pairs were looked at last.
    `passed`: the older records that were compared and weigh too little for a link, so that they can
    be compared under other weights without being looked for. It may have records that are gone
    since; None where there were too many to write down.
    """

    freeze: int
    weights: dict[int, int]
    passed: frozenset[int] | None = frozenset()


Build = Callable[[Any], Any]


class Doubt(NamedTuple):
    """A possible link by numbers, as `cluster.Possible`; both have it in a row."""

    a: int
    b: int
    weight: int
    refusal: str | None


def _doubts(row: bytes | None) -> list[Doubt]:
    if row is None:
        return []
    parts = row.decode().split(" ")
    return [
        Doubt(int(a), int(b), int(weight), why or None)
        for a, b, weight, why in zip(*(parts[part::4] for part in range(4)), strict=True)
    ]


def _row_of(doubts: Iterable[Doubt]) -> bytes:
    """The parts of all with a space between; what a refusal is called has none."""
    return " ".join([f"{a} {b} {weight} {why or ''}" for a, b, weight, why in doubts]).encode()


class Codec:
    """Records of one kind as bytes."""

    def __init__(self, kind: Kind) -> None:
        """The record's class says which values are made of parts with names."""
        # not by the constructor, which looks whether all parts are there: they were encoded here
        self._make: Callable[[Any], Record] = partial(tuple.__new__, kind.record)
        hints = get_type_hints(kind.record)
        self._built = tuple(
            (place, build)
            for place, field in enumerate(kind.record._fields)
            if (build := _builder(hints[field])) is not None
        )

    def encode(self, name: str, record: Record) -> bytes:
        """A record with its name."""
        fields = list(record)
        for place, _ in self._built:
            fields[place] = _plain(fields[place])
        return marshal.dumps((name, fields), 2)

    def name(self, row: bytes) -> str:
        """The name of an encoded record alone."""
        found: str = marshal.loads(row)[0]  # noqa: S302 - as in decode
        return found

    def decode(self, row: bytes) -> Known:
        """What was encoded."""
        # a row is what this class made: from this process, or sealed
        name, fields = marshal.loads(row)  # noqa: S302
        for place, build in self._built:
            if fields[place]:
                fields[place] = build(fields[place])
        return Known(name, self._make(fields))


def _plain(value: Any) -> Any:
    """A value without the names of its parts."""
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value


def _builder(hint: Any) -> Build | None:
    """What gives the parts of plain values of a type their names; None where there are none."""
    parts = get_args(hint)
    if get_origin(hint) is tuple and parts[1:] == (...,):
        build = _builder(parts[0])
        return None if build is None else lambda held: tuple(map(build, held))
    if get_origin(hint) is tuple:
        return _of_parts(tuple, parts)
    if hasattr(hint, "_make"):
        make: Build = partial(tuple.__new__, hint)
        return _of_parts(make, tuple(get_type_hints(hint).values())) or make
    return None


def _of_parts(make: Build, hints: tuple[Any, ...]) -> Build | None:
    builds = tuple(_builder(one) for one in hints)
    if not any(builds):
        return None
    return lambda held: make(
        [part if build is None else build(part) for build, part in zip(builds, held, strict=True)]
    )


def key_of(number: int) -> bytes:
    """The key of a number's rows."""
    return number.to_bytes(NUMBER_BYTES, "big")


class Remembered:
    """Typed access to the rows of a state."""

    def __init__(self, kind: Kind, state: State, blind: Blind) -> None:
        """Of what the state holds."""
        self._codec = Codec(kind)
        self._blind = blind
        self._records = state.records
        self._numbers: Rows = state.tables["numbers"]
        self._links: Rows = state.tables["links"]
        self._entities: Rows = state.tables["entities"]
        self._possible: Rows = state.tables["possible"]
        self._facts: Rows = state.tables["facts"]
        self._decoded: dict[int, Known] = {}
        self.last = 0
        """The last number given."""

    # records

    def number(self, name: str) -> int | None:
        """The number of a record; None where it is not known."""
        row = self._numbers.get(self._blind.token((name,)))
        for number in array("I", row or b""):
            if self.known(number).name == name:
                return number
        return None

    def known(self, number: int) -> Known:
        """A record and its name. Raises KeyError where there is none."""
        found = self._decoded.get(number)
        if found is None:
            row = self._records.get(key_of(number))
            if row is None:
                raise KeyError(number)
            found = self._decode(number, row)
        return found

    def name(self, number: int) -> str:
        """A record's name. Raises KeyError where there is none."""
        found = self._decoded.get(number)
        if found is not None:
            return found.name
        row = self._records.get(key_of(number))
        if row is None:
            raise KeyError(number)
        return self._codec.name(row)

    def token_of(self, record: Record) -> bytes:
        """A token of all that a record tells."""
        return self._blind.token_of(self._codec.encode("", record))

    def _decode(self, number: int, row: bytes) -> Known:
        if len(self._decoded) >= DECODED_MAX:
            for old in list(self._decoded)[: DECODED_MAX // 2]:
                del self._decoded[old]
        found = self._decoded[number] = self._codec.decode(row)
        return found

    def holds(self, number: int) -> bool:
        """Whether there is a record of this number."""
        return self._links.get(key_of(number)) is not None

    def add(self, name: str, record: Record) -> int:
        """Give a record a number; it has no links yet."""
        self.last += 1
        number = self.last
        self._records.put(key_of(number), self._codec.encode(name, record))
        token = self._blind.token((name,))
        same = self._numbers.get(token) or b""
        self._numbers.put(token, same + array("I", (number,)).tobytes())
        return number

    def drop(self, number: int) -> None:
        """Forget a record and all that is said of its number alone."""
        token = self._blind.token((self.known(number).name,))
        same = array("I", self._numbers.get(token) or b"")
        same.remove(number)
        if same:
            self._numbers.put(token, same.tobytes())
        else:
            self._numbers.remove(token)
        key = key_of(number)
        for rows in (self._records, self._links, self._entities, self._possible):
            rows.remove(key)
        self._decoded.pop(number, None)

    def numbers(self) -> Iterator[int]:
        """All numbers in use."""
        return (int.from_bytes(key, "big") for key, _ in self._links.items())

    def forget_decoded(self, above: int) -> None:
        """Numbers above one were never given."""
        for number in [one for one in self._decoded if one > above]:
            del self._decoded[number]
        self.last = above

    # links

    def links(self, number: int) -> Links:
        """A record's links."""
        row = self._links.get(key_of(number))
        if row is None:
            return Links(0, {})
        freeze, end, *held = array("i", row).tolist()
        passed = None if held[end:] == _TOO_MANY else frozenset(held[end:])
        return Links(freeze, dict(zip(held[:end:2], held[1:end:2], strict=True)), passed)

    def linked(self, number: int) -> list[int]:
        """The records a record is linked with."""
        _, end, *held = array("i", self._links.get(key_of(number)) or _NO_LINKS).tolist()
        return held[:end:2]

    def freeze_of(self, number: int) -> int:
        """Under which frozen weights a record was looked at last."""
        row = self._links.get(key_of(number))
        return int.from_bytes(row[:NUMBER_BYTES], "little") if row else 0

    def put_links(self, number: int, links: Links) -> None:
        """Put a record's own side of its links."""
        flat = [part for pair in links.weights.items() for part in pair]
        if links.passed is None or len(links.passed) > PASSED_MAX:
            passed = _TOO_MANY
        else:
            passed = sorted(links.passed)
        row = array("i", (links.freeze, len(flat), *flat, *passed))
        self._links.put(key_of(number), row.tobytes())

    # entities and possible links

    def entity(self, number: int) -> tuple[int, ...]:
        """The records of a record's entity in the order of their names. Raises KeyError."""
        row = self._entities.get(key_of(number))
        if row is None:
            raise KeyError(number)
        return tuple(array("I", row)) or (number,)

    def entities(self) -> Iterator[tuple[int, ...]]:
        """Each entity once."""
        for key, row in self._entities.items():
            number = int.from_bytes(key, "big")
            members = tuple(array("I", row)) or (number,)
            if number == min(members):
                yield members

    def put_entity(self, members: tuple[int, ...]) -> bool:
        """Put records, in the order of their names, together; whether they were not before."""
        row = array("I", members).tobytes() if len(members) > 1 else b""
        changed = False
        for number in members:
            key = key_of(number)
            if self._entities.get(key) != row:
                self._entities.put(key, row)
                changed = True
        return changed

    def possible(self) -> Iterator[Doubt]:
        """All possible links."""
        for key, row in self._possible.items():
            number = int.from_bytes(key, "big")
            yield from (doubt for doubt in _doubts(row) if doubt.a == number)

    def possible_of(self, number: int) -> list[Doubt]:
        """The possible links of which a record is the one or the other."""
        return _doubts(self._possible.get(key_of(number)))

    def add_possible(self, doubt: Doubt) -> None:
        """Add a possible link."""
        for number in (doubt.a, doubt.b):
            self._put_possible(number, [*self.possible_of(number), doubt])

    def remove_possible(self, doubt: Doubt) -> None:
        """Remove a possible link."""
        for number in (doubt.a, doubt.b):
            self._put_possible(number, [one for one in self.possible_of(number) if one != doubt])

    def _put_possible(self, number: int, held: list[Doubt]) -> None:
        if held:
            self._possible.put(key_of(number), _row_of(held))
        else:
            self._possible.remove(key_of(number))

    # facts

    def decisions(self) -> dict[Twosome, bool]:
        """What was decided on pairs of records."""
        found: dict[Twosome, bool] = {}
        for key, row in self._facts.items():
            if key != PROGRESS:
                a, b, verdict = json.loads(row)
                found[a, b] = verdict
        return found

    def put_decision(self, pair: Twosome, verdict: bool | None) -> None:
        """Put a decision; None takes it back."""
        token = self._blind.token(pair)
        if verdict is None:
            self._facts.remove(token)
        else:
            self._facts.put(token, json.dumps([*pair, verdict]).encode())

    def progress(self) -> Mapping[str, Any]:
        """Where the resolver was; empty where nothing was committed."""
        row = self._facts.get(PROGRESS)
        return dict(json.loads(row)) if row else {}

    def put_progress(self, told: Mapping[str, Any]) -> None:
        """Put where the resolver is."""
        self._facts.put(PROGRESS, json.dumps(told).encode())
