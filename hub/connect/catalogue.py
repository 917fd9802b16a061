"""Which connectors there are: ours and those of other packages, found the same way.

A connector is a `Connector` value published under the entry-point group `hub.connectors`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from hub.connect.contract import Connector
from hub.errors import SettingsError

GROUP = "hub.connectors"


def connector(name: str) -> Connector:
    """One connector by name. Raises SettingsError naming those there are, or why it cannot load."""
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        raise SettingsError(
            f"there is no connector {name}", remedy=f"there are: {', '.join(sorted(found))}"
        )
    return _load(found[name])


@cache
def connectors() -> Mapping[str, Connector]:
    """All connectors that load, by name; `broken` tells of the others."""
    loaded: dict[str, Connector] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            loaded[entry.name] = _load(entry)
        except SettingsError:
            continue
    return loaded


def broken() -> Mapping[str, str]:
    """Why an installed connector cannot be used, by name."""
    reasons: dict[str, str] = {}
    for entry in entry_points(group=GROUP):
        try:
            _load(entry)
        except SettingsError as error:
            reasons[entry.name] = error.message
    return reasons


def _load(entry: EntryPoint) -> Connector:
    try:
        found = entry.load()
    except Exception as error:  # another package's import can fail in any way
        raise SettingsError(
            f"connector {entry.name} cannot be loaded ({type(error).__name__})",
            remedy=f"look at {entry.value}",
        ) from error
    if not isinstance(found, Connector) or found.name != entry.name:
        raise SettingsError(
            f"{entry.value} is not a connector named {entry.name}",
            remedy="publish a Connector value under its own name",
        )
    return found
