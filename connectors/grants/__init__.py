"""Connectors of the grants department."""
