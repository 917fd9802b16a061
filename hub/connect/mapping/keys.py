"""Keys of a document: declared once, checked by what is declared, and told in the reference."""

from collections.abc import Mapping
from typing import NamedTuple

from hub.connect.mapping.document import Items, Node, Table, Text
from hub.connect.mapping.problem import Mark, Report, near, shown

YES, NO = ("yes", "true"), ("no", "false")
NOTHING: frozenset[str] = frozenset()
DIGITS_MAX = 9


class Key(NamedTuple):
    """What a key is for, and whether it must be there."""

    doc: str
    required: bool = False


def table_of(node: Node, what: str, report: Report) -> Table | None:
    """The node as a table; None where it is none, which is reported."""
    if isinstance(node, Table):
        return node
    report.error(node.at, f"{what} is no table", f"write {what} with keys below it, key: value")
    return None


def check_keys(
    table: Table,
    known: Mapping[str, Key],
    what: str,
    report: Report,
    also: frozenset[str] = NOTHING,
) -> None:
    """Report keys that are not known, and those that are missing; a misspelt one only once."""
    given = set(table.keys())
    lacking = [name for name, key in known.items() if key.required and name not in given]
    for name, _ in table.pairs:
        if name.value not in known and name.value not in also:
            report.unknown(name.at, name.value, f"key of {what}", {*known, *also})
            lacking = [one for one in lacking if one != near(name.value, lacking)]
    for one in lacking:
        report.error(table.at, f"{what} has no {one}", f"add {one}: {known[one].doc}")


def text_at(table: Table, key: str, report: Report, default: str = "") -> str:
    """The plain text of a key; the default where it is not there."""
    node = table.get(key)
    return default if node is None else text_of(node, key, report) or default


def text_of(node: Node, what: str, report: Report) -> str:
    """The node as plain text; empty where it is none, which is reported."""
    if isinstance(node, Text) and node.value.strip():
        return node.value
    report.error(node.at, f"{what} must be plain text", f"write {what}: text")
    return ""


def texts_of(node: Node, what: str, report: Report) -> tuple[str, ...]:
    """The node as a list of plain texts; one text is a list of one."""
    items = node.items if isinstance(node, Items) else (node,)
    if not items:
        report.error(node.at, f"{what} is empty", "name at least one")
    return tuple(text for item in items if (text := text_of(item, what, report)))


def flag_of(node: Node, what: str, report: Report) -> bool:
    """The node as yes or no."""
    word = node.value.lower() if isinstance(node, Text) else ""
    if word not in (*YES, *NO):
        report.error(node.at, f"{what} must be yes or no", f"write {what}: yes")
    return word in YES


def whole_of(node: Node, what: str, report: Report, least: int = 0) -> int:
    """The node as a whole number."""
    word = node.value if isinstance(node, Text) else ""
    if word.isascii() and word.isdecimal() and len(word) <= DIGITS_MAX and int(word) >= least:
        return int(word)
    report.error(node.at, f"{what} must be a whole number from {least}", f"write {what}: {least}")
    return least


def one_key(table: Table, known: Mapping[str, object], what: str, report: Report) -> Text | None:
    """The one key of the table that is known; None where there is none or several, reported."""
    found = [key for key, _ in table.pairs if key.value in known]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(shown(key.value) for key in found)
        report.error(found[1].at, f"{names} stand beside each other", f"one {what} at a time")
    else:
        name = next(table.keys(), "")
        at = table.pairs[0][0].at if table.pairs else table.at
        report.unknown(at, name, what, known)
    return None


def mark_of(table: Table, key: str) -> Mark:
    """Where a key stands, or the table where it is not there."""
    return next((name.at for name, _ in table.pairs if name.value == key), table.at)
