"""Whether a file is of persons or of organisations: by what its columns and its names tell."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from hub.identity.columns import ADDS_NOTHING, called_so, choose
from hub.identity.columns import COLUMNS as OF_PERSONS
from hub.identity.dataset import open_table
from hub.identity.organisation_dataset import IDENTIFIERS, ORGANISATIONS
from hub.identity.organisation_normalise import GENERIC, legal_name, names_in

PERSONS_OWN = frozenset({"birth", "birth_year", "birth_month", "age", "sex", "ssn", "ssn4"})
"""What is told of persons alone."""
_AS_WELL = frozenset({"us-ein", "in-pan", "national", "bank-account", "account"})
"""Numbers whose columns are called as some of persons are."""
ORGANISATIONS_OWN = frozenset({"legal", "trade", *IDENTIFIERS}) - _AS_WELL
"""What is told of organisations alone."""
_ANYBODYS = frozenset({"name", "title"})
NAMES_READ = 2_000
SOME = 0.1
"""From this share of names on that hold a legal form or say a trade they are organisations'. Of
files of names that were measured, in sixteen languages, persons had 0.017 at most; those of
restaurants had 0.37, of companies in Latin letters 0.19 and more."""
OWNERS = ("owner_given", "owner_surname")
"""Parts of names in a file of organisations that say nothing of what the file is of."""


def is_of_organisations(path: Path) -> bool:
    """Whether a CSV or TSV file, gzipped or not, is of organisations.

    Raises SettingsError where it cannot be read.
    """
    columns, rows = open_table(path)
    persons = choose(columns, {})
    organisations = choose(columns, {}, ORGANISATIONS.columns, ORGANISATIONS.adds_nothing)
    owners = {organisations[one] for one in OWNERS if one in organisations}
    parts = {one for one in ("given", "surname") if persons.get(one, "") not in {"", *owners}}
    if PERSONS_OWN & persons.keys() or len(parts) > 1:
        return False
    if ORGANISATIONS_OWN & organisations.keys():
        return True
    column = organisations.get("name")
    if column is None or parts:
        return False
    if called_so([column], _ONLY_ORGANISATIONS, ADDS_NOTHING):
        return True
    return _say_trades(row[column] for row in islice(rows, NAMES_READ))


def _say_trades(names: Iterable[str]) -> bool:
    """Whether many of these names hold a legal form, say a trade, or one name behind another."""
    told = [_says_a_trade(one) for one in names if one]
    return sum(told) > SOME * len(told)


def _says_a_trade(text: str) -> bool:
    found = names_in(text)
    name = legal_name(found.first)
    return bool(found.others) or (name is not None and bool(name.form or GENERIC & {*name.words}))


def _not_anybodys(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in names if one not in _ANYBODYS and one not in OF_PERSONS["name"])


_ONLY_ORGANISATIONS = {"name": _not_anybodys(ORGANISATIONS.columns["name"])}
"""What columns of names are called that only organisations have."""
