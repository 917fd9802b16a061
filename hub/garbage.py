"""How often Python looks for cycles of garbage in a process that lives on small values."""

import gc

YOUNG_MAX = 20_000
PASSES_MAX = 5
"""After so many looks at new values those left are looked at once more, then never again."""


def look_seldom() -> None:
    """Look for garbage in cycles after 20,000 new values, not 700, and at each value twice at most.

    What the hub makes of a message are tuples without cycles, freed when they are no longer named;
    looking through them cost a third of the processor's time (measured by `bench.processor`). What
    has lived through two looks is what the resolver remembers: to go through all of it again
    stopped everything for 0.1 to 0.3 seconds (`bench.identity_resolver`).
    """
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, PASSES_MAX, 1_000_000)
    if _keep not in gc.callbacks:
        gc.callbacks.append(_keep)


def _keep(phase: str, told: dict[str, int]) -> None:
    if phase == "stop" and told["generation"] > 0:
        gc.freeze()
