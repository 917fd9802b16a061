"""Fields nobody has mapped yet: kept, told once, never lost."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any


def extra(record: Mapping[str, Any], known: AbstractSet[str]) -> Mapping[str, str]:
    """The fields of a record outside `known` that hold something, as text."""
    if record.keys() <= known:
        return _NOTHING
    return {
        str(name): value if isinstance(value, str) else str(value)
        for name, value in record.items()
        if name not in known and value not in (None, "", [], {})
    }


def drifted(record: Mapping[str, Any], known: frozenset[str] | None) -> frozenset[str]:
    """The names of fields outside `known`; none where a connector declares no fields."""
    if known is None or record.keys() <= known:
        return frozenset()
    return frozenset(str(name) for name in record.keys() - known)


_NOTHING: Mapping[str, str] = {}
