"""Sets of businesses on which identity resolution is measured, and their damaged variants."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import businesses
from corruption import DAMAGES, Row

from hub.identity.columns import choose
from hub.identity.dataset import MISSING, Dataset, rows
from hub.identity.organisation_dataset import COLUMNS, record

CHICAGO = (
    Path(__file__).parents[3] / "shared" / "data" / "licensing" / "chicago-business-licenses.csv"
)
VERIFIED_BY = {"tax": "us-ein", "registry": "gb-coh"}
"""Which department's word about which number is checked."""
SEED = 7
Told = businesses.Told


def chicago() -> list[Told] | None:
    """Licences of one street; the account is the truth, and no number of the licence is told."""
    if not CHICAGO.is_file():
        return None
    columns, found = rows(CHICAGO.read_text())
    named = choose(columns, {}, COLUMNS)
    truth = named.pop("entity")
    del named["record"], named["licence"]
    return [
        Told(
            {what: row[column] for what, column in named.items() if row[column] not in MISSING},
            "licensing",
            row[truth],
        )
        for row in found
    ]


def made() -> list[Told]:
    """The made town."""
    return businesses.records(SEED)


def variants(told: Iterable[Told]) -> Iterator[tuple[str, list[Told]]]:
    """The records as they are, and damaged in each way."""
    whole = list(told)
    yield "as it is", whole
    for name, damage in DAMAGES.items():
        chance = Random(f"{SEED} {name}")
        yield name, [one._replace(values=damage(dict(one.values), chance)) for one in whole]


def dataset(told: Iterable[Told]) -> Dataset:
    """Records under names that say nothing, with who told them and what of it is verified."""
    whole = list(told)
    places = [f"{place:05}" for place in range(len(whole))]
    Random(SEED).shuffle(places)
    records, truth = {}, {}
    for place, one in zip(places, whole, strict=True):
        made = record(schemes(one.values))
        verified = tuple(
            held for held in made.identifiers if held[0] == VERIFIED_BY.get(one.agency)
        )
        records[place] = made._replace(agency=one.agency, verified=verified)
        truth[place] = one.truth
    return Dataset(records, truth)


def schemes(values: Row) -> Row:
    """Values with the registry's number under its scheme."""
    return {("gb-coh" if what == "company" else what): value for what, value in values.items()}
