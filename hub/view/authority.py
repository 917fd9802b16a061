"""Which agency is believed about which field: the earlier in the list, the sooner.

Agencies not named come after those that are. Among equals a verified value comes before a claimed
one, a later one before an earlier one.
"""

from collections.abc import Mapping

BELIEVED: Mapping[str, tuple[str, ...]] = {
    "name": ("Licensing Office", "Grants Office"),
    "born": ("Licensing Office",),
    "legal_name": ("Grants Office", "Licensing Office"),
    "trading_name": ("Licensing Office",),
    "identifier": ("Grants Office", "Licensing Office"),
    "address": ("Licensing Office", "Grants Office"),
    "email": ("Contact Centre", "Grants Office"),
    "phone": ("Contact Centre", "Licensing Office"),
}


def rank(field: str, agency: str) -> int:
    """0 for the agency believed first about a field."""
    believed = BELIEVED.get(field, ())
    return believed.index(agency) if agency in believed else len(believed)
