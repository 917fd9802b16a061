"""Fields nobody has mapped yet: kept, told once, never lost."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

EACH_ITEM = "*"
"""The step of a path that stands for every item of a list."""
_NOTHING: Mapping[str, str] = {}


def extra(record: Mapping[str, Any], known: AbstractSet[str]) -> Mapping[str, str]:
    """The fields of a record outside `known` that hold something, as text.

    Tables and lists are JSON, so that another program can read what was kept.
    """
    if record.keys() <= known:
        return _NOTHING
    return {
        str(name): value if isinstance(value, str) else as_text(value)
        for name, value in record.items()
        if name not in known and value not in (None, "", [], {})
    }


def drifted(
    record: Mapping[str, Any], known: frozenset[str] | None, kept: Mapping[str, str] = _NOTHING
) -> frozenset[str]:
    """The names of fields outside `known`; none where a connector declares no fields.

    `kept` are the extra fields of what came of the record: of its tables those that nothing reads
    have names with dots, in which EACH_ITEM stands for any place in a list.
    """
    if known is None:
        return frozenset()
    new = frozenset(str(name) for name in record.keys() - known)
    if not kept:
        return new
    inner = {anywhere(name) for name in kept if name not in record} - known
    return new | {name for name in inner if name.partition(".")[0] in known}


def anywhere(name: str) -> str:
    """A path with EACH_ITEM for the places in its lists."""
    return ".".join(EACH_ITEM if step.isdecimal() else step for step in name.split("."))


def as_text(value: Any) -> str:
    """A value as text, a table or list as JSON."""
    if not isinstance(value, Mapping | list | tuple):
        return str(value)
    said = json.dumps(value, ensure_ascii=False, default=str)
    # Half a surrogate pair cannot be encoded; escaped it is the same JSON.
    return said.encode("utf-8", "backslashreplace").decode("utf-8")
