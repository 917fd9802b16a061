"""What nothing reads within the tables of a record: kept under its path, as whole fields are."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from hub.connect.drift import EACH_ITEM, as_text, extra
from hub.connect.mapping.build import TEXT_STEP

Path = tuple[str, ...]
Steps = Mapping[str, "Steps | None"]
"""Paths as a tree, by name down to TEXT_STEP for a text that is read; None: done with."""
NAMES_MAX = 500
"""Of a record with more names in its tables, what is left of a field is kept in one piece."""
_BLANK: tuple[Any, ...] = (None, "", [], {}, ())


class Tree(NamedTuple):
    """What is read of a value, whatever it is; all of it is done with where `done`.

    Of a table by `names`; of the items of a list by their place, `places` before `item`, where
    these are `listed`; a text if `text`. A value that stands alone where a list was meant, and the
    only item where none was, are read as `alone` says, if not as this.
    """

    names: Mapping[str, "Tree"] = {}
    text: bool = False
    listed: bool = False
    places: Mapping[int, "Tree"] = {}
    item: "Tree | None" = None
    alone: "Tree | None" = None
    done: bool = False


NOTHING = Tree()
"""Of which nothing is read."""
DONE = Tree(done=True)


def tree_of(reads: Iterable[Path], unused: Iterable[Path] = (), extra: Iterable[Path] = ()) -> Tree:
    """The paths that are read, those that are not passed on, and those to be kept, as a tree.

    A path that is read gives the text that stands there: what lies below it is not read by that.
    The tables on the way to what is to be kept are read in part, if only by that.
    """
    found: dict[str, Any] = {}
    for steps in extra:
        _below(found, steps[:-1])
    for steps in reads:
        _below(found, steps).setdefault(TEXT_STEP, {})
    for steps in sorted(unused, key=len, reverse=True):
        _below(found, steps[:-1])[steps[-1]] = None
    return _tree(found)


def _below(found: dict[str, Any], steps: Path) -> dict[str, Any]:
    for step in steps:
        if step != TEXT_STEP:
            found = found.setdefault(step, {})
    return found


def _tree(steps: Steps | None, *, stands_alone: bool = False) -> Tree:
    if steps is None:
        return DONE
    each = [steps[EACH_ITEM]] if EACH_ITEM in steps else []
    places = {step: below for step, below in steps.items() if _is_place(step)}
    first = [steps["0"]] if "0" in steps else []
    made = Tree(
        names={step: _tree(below) for step, below in steps.items() if step != TEXT_STEP},
        text=TEXT_STEP in steps,
        listed=bool(places or each),
        places={int(step): _tree(_joined([below, *each])) for step, below in places.items()},
        item=_tree(each[0]) if each else NOTHING,
    )
    if stands_alone or not made.listed:
        return made
    return made._replace(alone=_tree(_joined([steps, *first, *each]), stands_alone=True))


def _joined(several: Iterable[Steps | None]) -> Steps | None:
    found: dict[str, Any] = {}
    for steps in several:
        if steps is None:
            return None
        for name, below in steps.items():
            found[name] = _joined([found[name], below]) if name in found else below
    return found


def _is_place(step: str) -> bool:
    return step.isascii() and step.isdecimal()


def unread(record: Mapping[str, Any], known: AbstractSet[str], tree: Tree) -> Mapping[str, str]:
    """The fields outside `known`, and within the others what `tree` has no path to, as text.

    A table that is read in part gives each name that is not read, with dots; of an element of XML
    whose text is read, that is its attributes. What is not read at all is one field, as JSON.
    """
    found = dict(extra(record, known))
    for name, below in tree.names.items():
        value = record.get(name)
        if value is not None and not (type(value) is str and below.text):
            _add(found, value, below, name)
    return found


def _add(found: dict[str, str], value: Any, below: Tree, at: str) -> None:
    if below.done:
        return
    if isinstance(value, dict | Mapping):
        _add_of_table(found, value, below, at)
    elif not isinstance(value, list | tuple):
        if not (below.alone or below).text and not (below.alone or below).done:
            _keep(found, at, value)
    elif below.listed:
        _add_of_items(found, value, below, at)
    elif len(value) == 1 and not isinstance(value[0], list | tuple):
        _add(found, value[0], below, at)
    else:
        _keep(found, at, value)


def _add_of_table(found: dict[str, str], table: Mapping[str, Any], below: Tree, at: str) -> None:
    tree = below if "0" in table or below.alone is None else below.alone
    if tree.done:
        return
    names = tree.names
    if tree.text and not names and TEXT_STEP not in table:
        _keep(found, at, table)
        return
    for name, value in table.items():
        inner = names.get(name)
        if name == TEXT_STEP:
            _add(found, value, tree, at)
        elif inner is None:
            _keep(found, f"{at}.{name}", value)
        elif not (type(value) is str and inner.text):
            _add(found, value, inner, f"{at}.{name}")


def _add_of_items(
    found: dict[str, str], items: list[Any] | tuple[Any, ...], below: Tree, at: str
) -> None:
    for place, item in enumerate(items):
        nested = isinstance(item, list | tuple)
        if len(items) == 1 and not nested:
            tree = below.alone or below
        else:
            tree = below.places.get(place, NOTHING if nested else below.item or NOTHING)
        if tree is NOTHING:
            _keep(found, f"{at}.{place}", item)
        else:
            _add(found, item, tree, f"{at}.{place}")


def _keep(found: dict[str, str], name: str, value: Any) -> None:
    """Two of one name, such as a field with a dot in its own, stand in one after the other."""
    if value in _BLANK:
        return
    text = value if isinstance(value, str) else as_text(value)
    if len(found) >= NAMES_MAX and name not in found:
        name = f"{name.partition('.')[0]}.{EACH_ITEM}"
    found[name] = f"{found[name]}\n{text}" if name in found else text
