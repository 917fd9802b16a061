"""What holds for every test."""

import os

# Commands tell as they do into a file: xdist gives its workers the width of its own screen.
os.environ.pop("COLUMNS", None)
