"""Grant awards: JSON files in the shape of the 360Giving standard, dropped in a folder."""

from pathlib import Path

from hub.connect import mapping

CONNECTOR = mapping.load(Path(__file__).with_suffix(".yaml"))
Settings = CONNECTOR.settings
translate = CONNECTOR.translate
