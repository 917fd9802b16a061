"""How often Python looks for cycles of garbage in a process that lives on small values."""

import gc

YOUNG_MAX = 100_000


def look_seldom() -> None:
    """Look for garbage in cycles after 100,000 new values, not 700.

    What the hub makes of a message are tuples without cycles, freed when they are no longer named;
    looking through them cost a third of the processor's time (measured by `bench.processor`).
    """
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 50)
