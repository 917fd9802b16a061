"""YAML as a tree in which every piece knows its place, and nothing else of YAML.

Every scalar is text as it is written: `NO`, `1.10` and `2024-01-01` stay what they are, and whoever
reads a key decides what is wanted there. Anchors, aliases, tags, merge keys, several documents and
a key twice are refused; so is what is too long, too deep or has too many pieces.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import yaml

from hub.connect.mapping.problem import Mark, Report, shown

BYTES_MAX = 256_000
DEPTH_MAX = 24
PIECES_MAX = 20_000
MERGE = "<<"


class Text(NamedTuple):
    """A scalar as written."""

    value: str
    at: Mark


class Items(NamedTuple):
    """A list."""

    items: "tuple[Node, ...]"
    at: Mark


class Table(NamedTuple):
    """Keys with values, in the order of the document."""

    pairs: "tuple[tuple[Text, Node], ...]"
    at: Mark

    def get(self, key: str) -> "Node | None":
        """The value of a key; None where it is not there."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def keys(self) -> Iterator[str]:
        """The keys."""
        return (name.value for name, _ in self.pairs)


Node = Text | Items | Table
START = Mark(1, 1)


def alike(node: Node) -> Hashable:
    """What a node says without its place: equal for nodes that say the same."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Items):
        return tuple(alike(item) for item in node.items)
    return frozenset((key.value, alike(value)) for key, value in node.pairs)


def read(data: str | bytes, report: Report) -> Node | None:
    """The document's root; None where it cannot be read, which is reported."""
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            report.error(START, "it is not UTF-8", "save it as UTF-8")
            return None
    if len(data) > BYTES_MAX:
        report.error(START, f"it has more than {BYTES_MAX} characters", "make it shorter")
        return None
    try:
        return _Reader(report).root(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = Mark(mark.line + 1, mark.column + 1) if mark else START
        what = getattr(error, "problem", None) or "it holds a character that YAML does not allow"
        report.error(at, f"it is no YAML: {what}", "mend it there; mind the indentation")
    except _Refused:
        pass
    return None


class _Refused(Exception):
    """The reading ends; why is in the report."""


class _Open(NamedTuple):
    """A list or table that is being read; in a table, keys and values take turns."""

    table: bool
    at: Mark
    held: "list[Node]"


class _Reader:
    """Builds the tree from YAML's events, without recursion."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._pieces = 0

    def root(self, text: str) -> Node | None:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            self._take(event)
        if self._root is None:
            self._report.error(START, "it is empty", "begin with name, owner, system")
        return self._root

    def _take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        at = Mark(mark.line + 1, mark.column + 1) if mark else START
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(at, "anchors and aliases are not taken", "name it under parts: and use it")
        if getattr(event, "tag", None):
            self._refuse(at, "tags are not taken", "leave out what begins with !")
        if isinstance(event, yaml.DocumentStartEvent) and self._root is not None:
            self._refuse(at, "there is a second document", "one file is one mapping")
        if isinstance(event, yaml.ScalarEvent):
            self._add(Text(event.value, at))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Open(isinstance(event, yaml.MappingStartEvent), at, []))
            if len(self._open) > DEPTH_MAX:
                self._refuse(at, f"it is nested deeper than {DEPTH_MAX}", "make it flatter")
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            if done.table:
                self._add(Table(self._pairs(done.held), done.at))
            else:
                self._add(Items(tuple(done.held), done.at))

    def _add(self, node: Node) -> None:
        self._pieces += 1
        if self._pieces > PIECES_MAX:
            self._refuse(node.at, f"it has more than {PIECES_MAX} pieces", "make it shorter")
        if self._open:
            self._open[-1].held.append(node)
        else:
            self._root = node

    def _pairs(self, held: Sequence[Node]) -> tuple[tuple[Text, Node], ...]:
        pairs: list[tuple[Text, Node]] = []
        seen: set[str] = set()
        for key, value in zip(held[::2], held[1::2], strict=True):
            if not isinstance(key, Text):
                self._report.error(key.at, "a key is not plain text", "write key: value")
            elif key.value == MERGE:
                self._report.error(key.at, "merge keys are not taken", "name it under parts:")
            elif key.value in seen:
                self._report.error(
                    key.at, f"the key {shown(key.value)} is there twice", "leave one of them out"
                )
            else:
                seen.add(key.value)
                pairs.append((key, value))
        return tuple(pairs)

    def _refuse(self, at: Mark, what: str, remedy: str) -> None:
        self._report.error(at, what, remedy)
        raise _Refused
