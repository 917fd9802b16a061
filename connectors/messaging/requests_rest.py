"""Service requests from an Open311 GeoReport v2 server, asked for what changed since last time."""

from pathlib import Path

from hub.connect import mapping

CONNECTOR = mapping.load(Path(__file__).with_suffix(".yaml"))
Settings = CONNECTOR.settings
translate = CONNECTOR.translate
