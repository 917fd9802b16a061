"""The connectors that come with the hub."""
