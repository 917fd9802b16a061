"""Which connector a command means: one that is installed, one in the folder, or a path."""

from pathlib import Path
from typing import NamedTuple

from hub.connect import catalogue, mapping
from hub.connect.contract import Connector
from hub.settings import connectors_folder


class Located(NamedTuple):
    """A connector, and the folder in which it lies, its samples beside it."""

    connector: Connector
    home: Path


def located(name: str, settings: Path | None) -> Located:
    """A connector by name, or a mapping by the path of its file or folder.

    Raises SettingsError where there is none, or why it cannot be loaded.
    """
    path = Path(name)
    if path.is_dir() and (path / catalogue.MAPPING).is_file():
        path = path / catalogue.MAPPING
    if path.is_file() and path.name.endswith(catalogue.ENDING):
        return Located(mapping.load(path), path.resolve().parent)
    folder = connectors_folder(settings)
    return Located(catalogue.connector(name, folder), catalogue.home(name, folder))
