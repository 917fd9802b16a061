"""Whose record is it."""
