"""Connectors of the messaging department."""
