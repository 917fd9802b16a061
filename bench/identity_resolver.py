"""What the pure resolver needs for a record, in memory and in a file, at any size.

    python -m bench.identity_resolver [--records N] [--state memory|lmdb] [--folder DIR] [--sample]

Feeds an invented register one record at a time, with the share of renewing the weights that goes
with it, and commits every BATCH records. Prints one JSON document for each STEP, measured over the
last LAST records before it: milliseconds of CPU a record, memory and file, and `slowness`, which is
how long a fixed piece of work took against a quiet machine, so that figures taken under other load
can be read.

With --sample one household of SAMPLE is resolved, last; the records of the others are only put into
the state, so that they are found as candidates and weighed, which takes a fraction of the time.
"""

import argparse
import gc
import json
import tempfile
import time
from array import array
from collections.abc import Iterable
from pathlib import Path

from bench.identity_register import HOME_SIZE, Register
from hub import garbage
from hub.identity import normalise
from hub.identity.record import PersonRecord
from hub.identity.remembered import Links
from hub.identity.resolver import Resolver
from hub.identity.state import MemoryState
from hub.identity.state_lmdb import LmdbState

SAMPLE = 50
BATCH, LAST, STEPS = 500, 5_000, (10_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
SWEEP_PER_RECORD = 4
SECRET = b"a secret for benchmarks"
QUIET_S = 0.008
"""How long the work of `slowness` takes on the machine the figures are from, when it is quiet."""


def slowness() -> float:
    """How much longer a fixed piece of work takes than on a quiet machine, in CPU time."""
    took: list[float] = []
    for _ in range(5):
        began = time.process_time()
        held = {number: str(number) for number in range(100_000)}
        sum(len(held[number]) for number in range(0, 100_000, 3))
        took.append(time.process_time() - began)
    return min(took) / QUIET_S


class Collector:
    """The longest pass of Python's collector of garbage in cycles."""

    def __init__(self) -> None:
        """From now on."""
        self.max_ms = 0.0
        self._began = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _told: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.process_time()
        else:
            self.max_ms = max(self.max_ms, (time.process_time() - self._began) * 1000)


def forget_normalised() -> None:
    """Empty the caches of normalising, which is the work of another process."""
    for found in vars(normalise).values():
        if hasattr(found, "cache_clear"):
            found.cache_clear()


def memory_bytes() -> dict[str, int]:
    """What the process holds: its own, and pages of files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split(":")[1] for line in lines}
    return {name: int(found[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile")}


def spread(ms: array) -> dict[str, float]:
    """Mean, median, 99th percentile and greatest."""
    held = sorted(ms)
    picked = {"p50": held[len(held) // 2], "p99": held[len(held) * 99 // 100], "max": held[-1]}
    return {name: round(one, 3) for name, one in {"mean": sum(held) / len(held), **picked}.items()}


def in_sample(name: str) -> bool:
    """Whether a record's household is in the sample."""
    return int(name[1:8]) // HOME_SIZE % SAMPLE == 0


def fill(resolver: Resolver, records: Iterable[tuple[str, PersonRecord]]) -> int:
    """Put records into the state, each an entity of its own; how many."""
    made = telling = 0
    for name, record in records:
        made += 1
        number = resolver._held.add(name, record)  # noqa: SLF001 - what apply does, without links
        resolver._held.put_links(number, Links(1, {}))  # noqa: SLF001
        resolver._held.put_entity((number,))  # noqa: SLF001
        if resolver._copies.put(number, record) == number:  # noqa: SLF001
            telling += 1
            resolver._occurrences.add(record)  # noqa: SLF001
            resolver.index.put(number, resolver.index.tokens(resolver.kind.keys(record)))
        if made % BATCH == 0:
            resolver.commit(made)
    resolver._progress = resolver._progress._replace(  # noqa: SLF001
        known=made, telling=telling
    )
    resolver.begin_settling()
    resolver._progress = resolver._progress._replace(swept=made)  # noqa: SLF001
    return made


def run(records: int, state: MemoryState | LmdbState, folder: Path, *, sample: bool) -> None:
    """Feed so many records and print."""
    resolver = Resolver(state=state)
    before = memory_bytes()["RssAnon"]
    garbage.look_seldom()
    collector = Collector()
    applied, swept, committed = array("d"), array("d"), array("d")
    others = (one for one in Register(records) if not in_sample(one[0]))
    made = fill(resolver, others) if sample else 0
    for name, record in Register(records):
        if sample and not in_sample(name):
            continue
        made += 1
        began = time.process_time()
        resolver.apply({name: record})
        middle = time.process_time()
        if resolver.wants_settling(under_load=True):
            resolver.begin_settling()
        if resolver.is_settling:
            resolver.settle_some(SWEEP_PER_RECORD)
        end = time.process_time()
        applied.append((middle - began) * 1000)
        swept.append((end - began) * 1000)
        if made % BATCH == 0:
            began = time.process_time()
            resolver.commit(made)
            committed.append((time.process_time() - began) * 1000)
        if made in STEPS or made == records:
            forget_normalised()
            memory = memory_bytes()
            files = sum(one.stat().st_blocks * 512 for one in folder.rglob("*") if one.is_file())
            told = {
                "records": made,
                "state": type(state).__name__,
                "apply_ms": spread(applied[-LAST:]),
                "apply_and_sweep_ms": spread(swept[-LAST:]),
                "apply_and_sweep_mean_of_all_ms": round(sum(swept) / len(swept), 3),
                "commit_ms_a_record": round(sum(committed[-10:]) / 10 / BATCH, 3),
                "commit_max_ms": round(max(committed[-10:]), 1),
                "memory_bytes_a_record": (memory["RssAnon"] - before) // made,
                "file_bytes_a_record": files // made,
                "memory": memory,
                "collector_max_ms": round(collector.max_ms, 1),
                "keys_cut": resolver.index.cut,
                "slowness": round(slowness(), 2),
            }
            print(json.dumps(told), flush=True)


def reopen(folder: Path) -> None:
    """How long a restart takes until the resolver answers."""
    began = time.monotonic()
    state = LmdbState(folder, SECRET)
    resolver = Resolver(state=state)
    ready_s = round(time.monotonic() - began, 3)
    print(json.dumps({"restart_ready_s": ready_s, "records": resolver.known}))
    state.close()


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--state", choices=("memory", "lmdb"), default="memory")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--sample", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=told.folder) as made:
        folder = Path(made)
        if told.state == "memory":
            run(told.records, MemoryState(SECRET), folder, sample=told.sample)
            return
        state = LmdbState(folder, SECRET)
        run(told.records, state, folder, sample=told.sample)
        state.close()
        reopen(folder)


if __name__ == "__main__":
    main()
