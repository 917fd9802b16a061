"""An organisation as the resolver sees one: normalised values by field."""

from typing import NamedTuple

from hub.identity.record import UNWEIGHED, Address, Name

Words = tuple[str, ...]
"""The words of a business's name: Latin letters, lower case, abbreviations written out."""


class LegalName(NamedTuple):
    """A name in law: its words, and its legal form as the forms' table calls it ("": none told)."""

    words: Words
    form: str


class OrganisationRecord(NamedTuple):
    """Normalised values of one record.

    `names` are all names it goes by, the legal ones without their form; `legal_names` and
    `trade_names` those of them that are known to be such. `owners` are its owners and officers.
    `domains` holds those of its website and e-mail addresses; where a provider's domain is
    everybody's, the whole address. `spellings` are trade name (else the legal one) and street as
    they were written: who copies a record copies its oddities. `agency` told the record; `verified`
    are those of its identifiers that are verified.
    """

    names: tuple[Words, ...] = ()
    legal_names: tuple[LegalName, ...] = ()
    trade_names: tuple[Words, ...] = ()
    owners: tuple[Name, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    addresses: tuple[Address, ...] = ()
    postcodes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    agency: str = ""
    verified: tuple[tuple[str, str], ...] = ()


FIELDS = OrganisationRecord._fields[:-UNWEIGHED]
(
    NAMES,
    LEGAL_NAMES,
    TRADE_NAMES,
    OWNERS,
    IDENTIFIERS,
    ADDRESSES,
    POSTCODES,
    PLACES,
    REGIONS,
    PHONES,
    DOMAINS,
    SPELLINGS,
) = range(len(FIELDS))
"""The places of the weighed fields."""
