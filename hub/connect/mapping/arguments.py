"""Arguments of functions: how each kind is read out of a document and checked."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import phonenumbers

from hub.connect.mapping import functions
from hub.connect.mapping.build import Build
from hub.connect.mapping.document import Node, Table, Text
from hub.connect.mapping.keys import flag_of, text_of, texts_of, whole_of
from hub.connect.mapping.problem import shown

DIRECTIVES = frozenset("YmdjbByHIMSfzp")
TIME_DIRECTIVES = frozenset("HIMSfzp")
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
YEARS_FROM = range(1850, 2000)
ORDERS = ("family first", "given first")
CHARACTERS = ("digits", "letters and digits")


class Argument(NamedTuple):
    """One argument: what it is for, how it is read, and whether it must be given."""

    doc: str
    read: Callable[[Node, str, Build], Any]
    required: bool = False


def text(node: Node, what: str, build: Build) -> str:
    """A text; blanks count, so that a space may part words."""
    return node.value if isinstance(node, Text) else text_of(node, what, build.report)


def texts(node: Node, what: str, build: Build) -> tuple[str, ...]:
    """One text or a list of them."""
    return texts_of(node, what, build.report)


def flag(node: Node, what: str, build: Build) -> bool:
    """Yes or no."""
    return flag_of(node, what, build.report)


def part(node: Node, what: str, build: Build) -> int:
    """A number from 1."""
    return whole_of(node, what, build.report, 1) or 1


def one_of(*words: str) -> Callable[[Node, str, Build], str]:
    """One of a few words."""

    def read(node: Node, what: str, build: Build) -> str:
        word = text_of(node, what, build.report)
        if word and word not in words:
            build.report.unknown(node.at, word, what, words)
        return word if word in words else words[0]

    return read


def zone(node: Node, what: str, build: Build) -> str | Table:
    """A time zone of the IANA data base, or how it is found in the record."""
    if isinstance(node, Table):
        return node
    name = text_of(node, what, build.report)
    if name and name not in functions.zones():
        build.report.unknown(node.at, name, "time zone", functions.zones())
        return functions.UTC_ZONE
    return name


def mark(node: Node, what: str, build: Build) -> str:
    """A text that parts others: not empty."""
    found = text(node, what, build)
    if not found:
        build.report.error(node.at, f"{what} is empty", "name the mark, for example '|'")
    return found or "\0"


def year(node: Node, what: str, build: Build) -> int:
    """The first of the hundred years that years of two digits are in."""
    found = whole_of(node, what, build.report)
    if found not in YEARS_FROM:
        limits = f"{YEARS_FROM.start} to {YEARS_FROM.stop - 1}"
        build.report.error(node.at, f"{what} must be {limits}", "for example 1930")
        return 0
    return found


def formats(node: Node, what: str, build: Build) -> tuple[str, ...]:
    """Formats of dates or times."""
    found = texts_of(node, what, build.report)
    for one in found:
        wrong = _wrong_format(one)
        if wrong:
            build.report.error(node.at, f"format {shown(one)}: {wrong}", "for example %m/%d/%Y")
    return found


def _wrong_format(pattern: str) -> str:
    """What is wrong with a format; the first rule that does not hold."""
    names = _DIRECTIVE.findall(pattern)
    some = frozenset(names)
    unknown = sorted(some - DIRECTIVES - {"%"})
    clock = some & TIME_DIRECTIVES
    rules = (
        (not unknown, f"%{''.join(unknown)[:1]} is none of %{' %'.join(sorted(DIRECTIVES))}"),
        (len(some) == len(names), "a directive is there twice"),
        (bool(some & {"Y", "y"}), "it has no year"),
        ("d" not in some or bool(some & {"m", "b", "B"}), "it has a day and no month"),
        (not clock or bool(some & {"H", "I"}), "it has no hour"),
        (not clock or bool(some & {"d", "j"}), "it has a time and no day"),
        (("I" in some) == ("p" in some), "%I and %p need each other"),
    )
    return next((told for holds, told in rules if not holds), "")


def units(node: Node, what: str, build: Build) -> Decimal:
    """What one of a number is worth: 1, 0.1, 0.01, 0.001 or 1000."""
    try:
        found = Decimal(text_of(node, what, build.report) or "1")
    except InvalidOperation:
        found = Decimal(0)
    if not found.is_finite() or found not in UNITS:
        build.report.error(node.at, f"{what} must be 1, 0.1, 0.01, 0.001 or 1000", "0.01 for cents")
        return Decimal(1)
    return found


UNITS = tuple(map(Decimal, ("1", "0.1", "0.01", "0.001", "1000")))


def region(node: Node, what: str, build: Build) -> str:
    """A country as ISO 3166 has it, two letters."""
    found = text_of(node, what, build.report)
    if found and found not in phonenumbers.SUPPORTED_REGIONS:
        build.report.unknown(node.at, found, "country", phonenumbers.SUPPORTED_REGIONS)
        return "US"
    return found


def table(node: Node, what: str, build: Build) -> Mapping[str, str]:
    """A table of codes, or the name of one."""
    if isinstance(node, Table):
        return codes_of(node, build)
    named = text_of(node, what, build.report)
    if named and named not in build.tables:
        build.report.unknown(node.at, named, "table", build.tables)
    build.used_tables.add(named)
    return build.tables.get(named, {})


def codes_of(node: Table, build: Build) -> dict[str, str]:
    """A table of the document: the source's code and what it stands for."""
    found: dict[str, str] = {}
    for key, value in node.pairs:
        meant = text_of(value, f"code {shown(key.value)}", build.report)
        if meant:
            found[key.value.strip()] = meant
    return found
