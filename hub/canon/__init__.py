"""Canonical events: classes, codec, evolution, registry."""
