"""How often Python looks for cycles of garbage in a process that lives on small values."""

import gc

YOUNG_MAX, PASSES, OLDER_PASSES = 5_000, 8, 50
"""After how many new values they are looked through; after how many such passes what these left
is, and after how many of those everything."""


def look_seldom() -> None:
    """Look for garbage in cycles after 5,000 new values, not 700.

    What the hub makes of a message are tuples without cycles, freed when they are no longer named;
    looking through them cost a third of the processor's time (measured by `bench.processor`).
    More at a time would make a pass a pause: after 20,000 the longest took 57 ms on a slow machine,
    after 5,000 15 ms, for two hundredths more of the resolver's time (decision 12).
    """
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, PASSES, OLDER_PASSES)
