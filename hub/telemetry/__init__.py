"""Signals: what the hub tells, as log lines and metrics."""
