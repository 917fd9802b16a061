"""What is kept of a piece of a source, so that it can be read again after a fix."""

from typing import Any


def context_of(file: str, format_: str, columns: tuple[str, ...] | None = None) -> dict[str, Any]:
    """What is needed to read a piece of this file again; copy it and add the line."""
    context: dict[str, Any] = {"file": file, "format": format_}
    if columns is not None:
        context["columns"] = columns
    return context
