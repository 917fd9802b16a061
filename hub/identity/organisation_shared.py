"""Whether names of businesses are shared: by shops of chains, or by firms that know of no other.

Of two records with one name most are of one business, at one site or with one telephone, owner or
number; some have moved. Where in two of three pairs nothing of that is the same, a name is no
business's own: told alone elsewhere, it is another's.
"""

from math import comb

from hub.identity.kind import Beside, Naming, Sharing
from hub.identity.organisation_names import is_of_domain
from hub.identity.organisation_record import OrganisationRecord

PAIRS_MIN = 50
"""With fewer pairs of one name it is taken to be one's own."""
OWN_ONE_OF = 3
"""From this part on of the pairs of one name that have a site or contact in common it is."""
RECORDS_MAX = 20
"""So many records of one name count."""


def site_and_contact(record: OrganisationRecord) -> Beside | None:
    """The first name that is written, and where and how it is reached; None where that is not told.

    Where: the first address, else the postcode. How: a telephone, an owner, or a number.
    """
    name = next((words for words in record.names if not is_of_domain(words)), None)
    site = record.addresses[:1] or record.postcodes[:1]
    if name is None or not site:
        return None
    contact = (record.phones or record.owners or record.identifiers)[:1]
    others = [f"site {site}", *(f"contact {one}" for one in contact)]
    return Beside(tuple(sorted(name)), tuple(others))


def _pairs(records: int) -> int:
    return comb(min(records, RECORDS_MAX), 2)


def are_shared(sharing: Sharing) -> bool:
    """Whether of the pairs of one name fewer than a third have site or contact in common."""
    own = sharing.with_one - sharing.with_both
    return sharing.pairs >= PAIRS_MIN and own * OWN_ONE_OF < sharing.pairs


SHARED = Naming(site_and_contact, _pairs, are_shared)
