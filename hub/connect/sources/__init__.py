"""Sources: how changes are read from kinds of systems."""
