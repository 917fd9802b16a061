"""What is kept of a piece of a source, so that it can be read again after a fix."""

from typing import Any

from hub.connect.contract import Unreadable
from hub.errors import ContractBreach, UnreadableRecord

WHOLE = "a file that is whole"


def context_of(file: str, format_: str, columns: tuple[str, ...] | None = None) -> dict[str, Any]:
    """What is needed to read a piece of this file again; copy it and add the line."""
    context: dict[str, Any] = {"file": file, "format": format_}
    if columns is not None:
        context["columns"] = columns
    return context


def refused_file(
    name: str,
    size: int,
    head: bytes,
    digest: str,
    error: ContractBreach,
    rule: str = WHOLE,
    position: str | None = None,
) -> Unreadable:
    """A whole file in quarantine: its beginning, its size in bytes, and the one reason."""
    told = UnreadableRecord(error.message, code=error.code, rule=rule, remedy=error.remedy)
    context = {**context_of(name, "file"), "bytes": size, "digest": digest}
    return Unreadable(head, told, position, context)
