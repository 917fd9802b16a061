"""Messaging: the callbacks of a notification service in the shape of GOV.UK Notify."""

from pathlib import Path

from hub.connect import mapping

CONNECTOR = mapping.load(Path(__file__).with_suffix(".yaml"))
Settings = CONNECTOR.settings
receive = CONNECTOR.receive
translate = CONNECTOR.translate
