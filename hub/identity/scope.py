"""Which agencies' records may be linked: one function over a settings file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hub.errors import SettingsError

KEYS = ("groups", "apart")


class Scope(NamedTuple):
    """Agencies of one of the `groups` may link their records; where there is no group, all may.

    Two agencies that one of the `apart` names together may not.
    """

    groups: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()

    @property
    def is_everyone(self) -> bool:
        """Whether any agency's records may be linked with any other's."""
        return not self.groups and not self.apart

    def may_link(self, a: str, b: str) -> bool:
        """Whether records of two agencies may be linked. An agency's own always may."""
        if a == b:
            return True
        together = not self.groups or any(a in group and b in group for group in self.groups)
        return together and not any(a in pair and b in pair for pair in self.apart)

    def as_text(self) -> str:
        """The same text for the same scope."""
        return repr([sorted(map(sorted, sets)) for sets in self])


EVERYONE = Scope()


def load_scope(path: Path | None) -> Scope:
    """The scope in a TOML file; without one everyone. Raises SettingsError where it is wrong."""
    if path is None:
        return EVERYONE
    try:
        return scope_of(tomllib.loads(path.read_text()), str(path))
    except OSError as error:
        raise SettingsError(
            f"the scope file {path} cannot be read ({error.strerror})",
            remedy="name another with scope_file, or leave it out to link all agencies",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}", remedy="mend the TOML there") from error


def scope_of(table: Mapping[str, Any], where: str) -> Scope:
    """The scope in a parsed table. Raises SettingsError where it is wrong."""
    for key in table:
        if key not in KEYS:
            raise SettingsError(f"{where}: {key} is not known", remedy=f"use {' and '.join(KEYS)}")
    return Scope(*(_sets(table.get(key, []), f"{where}: {key}") for key in KEYS))


def _sets(told: Any, where: str) -> tuple[frozenset[str], ...]:
    good = isinstance(told, list) and all(
        isinstance(group, list) and len(group) > 1 and all(isinstance(one, str) for one in group)
        for group in told
    )
    if not good:
        raise SettingsError(
            f"{where} must be lists of two agencies or more",
            remedy='for example groups = [["Licensing Office", "Grants Office"]]',
        )
    return tuple(frozenset(group) for group in told)
