"""Comparing two full snapshots: time and peak memory.

Two generated CSV files of licence rows; in the second every `--change` th row differs, as many are
gone and as many are new. Measured each in a process of its own: the first snapshot (all rows are
told) and the comparison. Beside it, in the same way: csv.reader alone over the same two files.
Results as one JSON object on standard output.

    python bench/snapshot.py --rows 1000000
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from hub.connect.contract import Change, Unchanged
from hub.connect.sources import csv_snapshots

KEYS = {"ID": ("ID",)}
HEADER = "ID,ACCOUNT NUMBER,LEGAL NAME,DOING BUSINESS AS NAME,ADDRESS,CITY,STATE,STATUS,DATE ISSUED"


def write(path: Path, rows: int, change: int, *, second: bool) -> None:
    """A snapshot; the second has every n-th row changed, the next gone, and new ones at its end."""
    with path.open("w") as file:
        file.write(HEADER + "\n")
        for number in range(rows):
            if second and number % change == 1:
                continue
            status = "AAC" if second and number % change == 0 else "AAI"
            file.write(_row(number, status))
        if second:
            for number in range(rows, rows + rows // change):
                file.write(_row(number, "AAI"))


def _row(number: int, status: str) -> str:
    return (
        f'{number}-20260101,{number % 99_991},"HOLDER {number}, INC.",SHOP {number},'
        f"{number % 9_000} W MAIN ST,CHICAGO,IL,{status},01/{number % 28 + 1:02}/2026\n"
    )


def measure(part: str, folder: Path, position: str | None) -> dict[str, Any]:
    """One part of the benchmark, in this process."""
    counts: Counter[str] = Counter()
    began = time.perf_counter()
    last = position
    if part == "csv_reader":
        for path in sorted(folder.glob("*.csv")):
            with path.open(newline="") as file:
                counts["rows"] += sum(1 for _ in csv.reader(file))
    else:
        for item in csv_snapshots.changes(folder, "*.csv", KEYS, position):
            last = item.position or last
            if isinstance(item, Unchanged):
                counts["unchanged"] += item.count
            else:
                counts[item.operation if isinstance(item, Change) else item.error.code] += 1
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "counts": dict(counts),
        "position": last,
    }


def apart(part: str, folder: Path, position: str | None) -> dict[str, Any]:
    """The same in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder)]
    command += ["--position", position] if position else []
    told: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return told


def main() -> None:
    """Run it and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--change", type=int, default=50)
    arguments.add_argument("--part")
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--position")
    chosen = arguments.parse_args()
    if chosen.part:
        json.dump(measure(chosen.part, chosen.folder, chosen.position), sys.stdout)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "licences-2026-01-01.csv", chosen.rows, chosen.change, second=False)
        first = apart("first", folder, None)
        write(folder / "licences-2026-01-02.csv", chosen.rows, chosen.change, second=True)
        compared = apart("comparison", folder, first.pop("position"))
        peer = apart("csv_reader", folder, None)
    compared.pop("position"), peer.pop("position")
    ratio = round(compared["seconds"] / peer["seconds"], 2)
    parts = {"first": first, "comparison": compared, "beside": {"csv_reader": peer}}
    json.dump({**parts, "ratios": {"comparison_to_csv_reader": ratio}}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
