"""Events as they are recorded beside samples: JSON, what is empty left away."""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub.connect.contract import Draft


def plain_draft(draft: Draft) -> dict[str, Any]:
    """A draft as JSON values."""
    said: dict[str, Any] = {"event": type(draft.body).__name__, **draft._asdict()}
    return {name: found for name, value in said.items() if (found := plain(value)) is not None}


def plain(value: Any) -> Any:
    """A value of the model as JSON; None where it holds nothing."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        pairs: Iterator[tuple[str, Any]] = zip(value._fields, value, strict=True)
        return {name: found for name, part in pairs if (found := plain(part)) is not None} or None
    if isinstance(value, tuple):
        return [plain(part) for part in value] or None
    if isinstance(value, Mapping):
        return dict(value) or None
    return str(value) if isinstance(value, Decimal) else value


def write(path: Path, drafts: Iterable[Draft]) -> int:
    """Record these as the expected events; how many there are."""
    told = [plain_draft(draft) for draft in drafts]
    text = json.dumps(told, ensure_ascii=False, indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")
    return len(told)
