"""Fields nobody has mapped yet: kept, told once, never lost."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any


def extra(record: Mapping[str, Any], known: AbstractSet[str]) -> Mapping[str, str]:
    """The fields of a record outside `known` that hold something, as text.

    Tables and lists are JSON, so that another program can read what was kept.
    """
    if record.keys() <= known:
        return _NOTHING
    return {
        str(name): value if isinstance(value, str) else _text(value)
        for name, value in record.items()
        if name not in known and value not in (None, "", [], {})
    }


def drifted(record: Mapping[str, Any], known: frozenset[str] | None) -> frozenset[str]:
    """The names of fields outside `known`; none where a connector declares no fields."""
    if known is None or record.keys() <= known:
        return frozenset()
    return frozenset(str(name) for name in record.keys() - known)


def _text(value: Any) -> str:
    if not isinstance(value, Mapping | list | tuple):
        return str(value)
    said = json.dumps(value, ensure_ascii=False, default=str)
    # Half a surrogate pair cannot be encoded; escaped it is the same JSON.
    return said.encode("utf-8", "backslashreplace").decode("utf-8")


_NOTHING: Mapping[str, str] = {}
