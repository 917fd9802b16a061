"""Lists of e-mail addresses and telephone numbers in a sample: of one kind, or told apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hub.connect.mapping.build import TEXT_STEP
from hub.connect.scaffold.kinds import Kind, comes_again, look
from hub.connect.scaffold.roles import Role

KINDS: Mapping[Kind, Role] = {Kind.EMAIL: Role.EMAIL, Kind.PHONE: Role.PHONE}


class Entries(NamedTuple):
    """What the entries of a list are: all of one role, or by what a field of each says.

    `path` leads to the list, `value` from an entry to the address or number; `kind` is the field
    that tells entries apart, `roles` what each of its values stands for.
    """

    path: tuple[str, ...]
    value: tuple[str, ...]
    kind: str
    roles: Mapping[str, Role]

    def of(self, role: Role) -> dict[str, Any]:
        """The function of a mapping that reads the entries of a role."""
        told: dict[str, Any] = {"each": ".".join(self.path)}
        if self.value:
            told["value"] = ".".join(self.value)
        if self.kind:
            named = [name for name, one in self.roles.items() if one is role]
            told["where"] = {"equals": self.kind, "to": named}
        return told


def entries(records: Sequence[Mapping[str, Any]], steps: tuple[str, ...]) -> Entries | None:
    """What is known of the list in which a field lies; None where not all entries are contacts."""
    if steps.count("0") != 1 or any("." in step for step in steps):
        return None
    place = steps.index("0")
    path, value = steps[:place], steps[place + 1 :]
    items = [item for record in records for item in _items(record, path)]
    told = [(item, text) for item in items if (text := _text(item, value))]
    role = KINDS.get(look([text for _, text in told]).kind)
    if role is not None:
        return Entries(path, value, "", {"": role})
    for name in dict.fromkeys(key for item, _ in told if isinstance(item, Mapping) for key in item):
        roles = _roles(told, name) if name not in value else None
        if roles is not None:
            return Entries(path, value, name, roles)
    return None


def _roles(told: Sequence[tuple[Any, str]], name: str) -> dict[str, Role] | None:
    """What each value of a field stands for; None where it does not tell all entries apart."""
    kinds = [_text(item, (name,)) for item, _ in told]
    if "." in name or not all(kinds) or not comes_again(kinds):
        return None
    roles = {}
    for kind in dict.fromkeys(kinds):
        values = [text for (_, text), one in zip(told, kinds, strict=True) if one == kind]
        role = KINDS.get(look(values).kind)
        if role is None:
            return None
        roles[kind] = role
    return roles


def _items(value: Any, path: Sequence[str]) -> Iterator[Any]:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, list | tuple):
        yield from value
    elif value is not None:
        yield value


def _text(value: Any, steps: Sequence[str]) -> str:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else value if step == "0" else None
    if isinstance(value, Mapping):
        value = value.get(TEXT_STEP)
    return "" if value is None or isinstance(value, list | tuple) else str(value).strip()
