"""Which connectors there are: ours, those of other packages, and mappings in a folder.

A package publishes a `Connector` value, or a mapping that lies in it, under the entry-point group
`hub.connectors`: `permits = "permits.connector:CONNECTOR"` or `permits = "permits:mapping.yaml"`.
The folder that the settings name holds mappings alone, `NAME.yaml` or `NAME/mapping.yaml`: nothing
is installed for them, and no Python is needed.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from hub.connect import mapping
from hub.connect.contract import Connector
from hub.errors import MappingError, SettingsError

GROUP = "hub.connectors"
MAPPING = "mapping.yaml"
ENDING = ".yaml"
Load = Callable[[], Connector]


def connector(name: str, folder: Path | None = None) -> Connector:
    """One connector by name. Raises SettingsError naming those there are, or why it cannot load."""
    found = _found(folder)
    if name not in found:
        raise SettingsError(
            f"there is no connector {name}", remedy=f"there are: {', '.join(sorted(found))}"
        )
    return found[name]()


@cache
def connectors(folder: Path | None = None) -> Mapping[str, Connector]:
    """All connectors that load, by name; `broken` tells of the others."""
    return _all(folder)[0]


def broken(folder: Path | None = None) -> Mapping[str, str]:
    """Why a connector that is there cannot be used, by name."""
    return _all(folder)[1]


def _all(folder: Path | None) -> tuple[dict[str, Connector], dict[str, str]]:
    loaded: dict[str, Connector] = {}
    reasons: dict[str, str] = {}
    for name, load in sorted(_found(folder).items()):
        try:
            loaded[name] = load()
        except SettingsError as error:
            reasons[name] = error.message
    return loaded, reasons


def _found(folder: Path | None) -> dict[str, Load]:
    """How each connector is loaded. Raises SettingsError where the folder cannot be read."""
    found: dict[str, Load] = {}
    for entry in entry_points(group=GROUP):
        found[entry.name] = _entry(entry)
    for path in _mappings(folder) if folder is not None else ():
        name = path.parent.name if path.name == MAPPING else path.stem
        found[name] = _twice(name) if name in found else _file(path, name)
    return found


def _mappings(folder: Path) -> list[Path]:
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise SettingsError(
            f"the connectors_folder cannot be read ({error.strerror})",
            remedy="make it, or leave out connectors_folder in the settings",
        ) from error
    files = [path for path in inside if path.name.endswith(ENDING) and path.name != MAPPING]
    return files + [path / MAPPING for path in inside if (path / MAPPING).is_file()]


def _twice(name: str) -> Load:
    def load() -> Connector:
        raise SettingsError(f"there are two connectors {name}", remedy="give one another name")

    return load


def _file(path: Path, name: str) -> Load:
    return lambda: _named(mapping.load(path), name, path.name)


def _named(found: Connector, name: str, where: str) -> Connector:
    if found.changes is None and found.receive is None:
        raise MappingError(
            f"{where} has its source in code of its own",
            remedy="publish the Connector value that this code makes",
        )
    if found.name == name:
        return found
    raise MappingError(
        f"{where} is the mapping of {found.name}, and it lies there as {name}",
        remedy="name the file, or its folder, after the connector",
    )


def _entry(entry: EntryPoint) -> Load:
    return lambda: _load(entry)


def _load(entry: EntryPoint) -> Connector:
    try:
        if entry.attr.endswith(ENDING):
            text = (resources.files(entry.module) / entry.attr).read_bytes()
            return _named(mapping.connector_of(text, entry.attr), entry.name, entry.value)
        found = entry.load()
    except SettingsError:
        raise
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
