"""Connectors of the licensing department."""
