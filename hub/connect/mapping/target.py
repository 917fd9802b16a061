"""What a mapping can fill: the classes of the schemas, field by field."""

import types
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from hub.canon import model
from hub.canon.model import EVENT_NAMES, Moment, Money


class Kind(StrEnum):
    """What kind of value a field takes or a function gives."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    MOMENT = "a date or time"
    MONEY = "an amount of money"
    FLAG = "yes or no"
    WHOLE = "a whole number"
    CODE = "one of a fixed set of codes"
    RECORD = "a table of fields"
    RECORDS = "a list of tables"


class Target(NamedTuple):
    """One field: its kind, the class where it is a code or a record, and whether it must be given.

    A field that must be given is one without which the record says nothing: it has no default and
    takes no blank.
    """

    name: str
    kind: Kind
    type: Any = str
    required: bool = False


TEXT = Target("a text", Kind.TEXT)
MOMENT = Target("a date or time", Kind.MOMENT, Moment)
_PLAIN = {
    str: Kind.TEXT,
    bool: Kind.FLAG,
    int: Kind.WHOLE,
    Moment: Kind.MOMENT,
    Money: Kind.MONEY,
}
EVENTS = {body.__name__: body for body in EVENT_NAMES}


@cache
def targets(record: type) -> dict[str, Target]:
    """The fields of a class of the schemas."""
    hints = get_type_hints(record, vars(model))
    defaults = getattr(record, "_field_defaults", {})
    return {name: _target(name, hint, name in defaults) for name, hint in hints.items()}


def _target(name: str, hint: Any, has_default: bool) -> Target:
    nullable = False
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
        nullable = True
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return Target(name, Kind.TEXTS if item is str else Kind.RECORDS, item)
    required = not (nullable or has_default)
    if hint in _PLAIN:
        return Target(name, _PLAIN[hint], hint, required)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Target(name, Kind.CODE, hint, required)
    return Target(name, Kind.RECORD, hint, required)
