"""What holds for every test."""

import os

from hypothesis import settings

# Commands tell as they do into a file: xdist gives its workers the width of its own screen.
os.environ.pop("COLUMNS", None)

# A test that is timed fails on a busy machine.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")
