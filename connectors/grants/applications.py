"""Applications, awards and contacts of a grants-management system, by its database's log."""

from pathlib import Path

from hub.connect import mapping

CONNECTOR = mapping.load(Path(__file__).with_suffix(".yaml"))
FIELDS = CONNECTOR.known_fields or frozenset()
Settings = CONNECTOR.settings
translate = CONNECTOR.translate
