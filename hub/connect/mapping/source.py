"""The kinds of sources a mapping can name.

What belongs to the system stands in the mapping (columns that make a key, the shape of a file, the
way a list is paged); what belongs to a deployment (folder, address, secrets) in the hub's settings.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from hub.connect.contract import Change, Item, Request, Unreadable
from hub.connect.mapping.document import Table
from hub.connect.mapping.keys import Key
from hub.connect.mapping.problem import Report


class Source(NamedTuple):
    """A source set up by a mapping, as a connector takes it.

    `flat` records have columns; `columns` are their names where the mapping itself says them;
    `versioned` is whether the source knows the order of a record's states.
    """

    settings: type
    changes: Callable[[Any, str | None], Iterator[Item]] | None = None
    receive: Callable[[Any, Request], Iterable[Change | Unreadable]] | None = None
    acknowledge: Callable[[Any, str], None] | None = None
    flat: bool = True
    columns: tuple[str, ...] | None = None
    versioned: bool = True
    reads: tuple[str, ...] = ()
    """Fields the source itself reads or adds."""
    place_field: str = ""
    """A field that translation adds: the path or file that the change's context names."""


class SourceKind(NamedTuple):
    """A kind: what it is for, its options, its settings, and how a mapping's options set it up."""

    doc: str
    options: Mapping[str, Key]
    settings: type
    example: str
    make: Callable[[Table, Report, str], Source | None]
