"""Measurements beside the bare libraries: `python -m bench.NAME`, JSON to standard output."""
