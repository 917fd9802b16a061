"""Licensing: full CSV snapshots of business and professional licences, dropped in a folder."""

from pathlib import Path

from hub.connect import mapping

CONNECTOR = mapping.load(Path(__file__).with_name("mapping.yaml"))
Settings = CONNECTOR.settings
translate = CONNECTOR.translate
