"""Connectors: the contract, the runtime, quarantine."""
