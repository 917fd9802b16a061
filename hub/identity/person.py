"""Persons: how their records are compared, found and judged."""

from hub.identity import dates, homes, name_weights, repeats, rules, spoilt, weigh
from hub.identity.keys import STRONG, keys
from hub.identity.kind import ByTokens, Homes, Kind
from hub.identity.record import PersonRecord

PERSON = Kind(
    name="person",
    record=PersonRecord,
    fields={
        "names": ByTokens(
            weigh.name_tokens, name_weights.weigh_names, name_weights.less_in_long_names
        ),
        "middles": weigh.middle_level,
        "suffixes": weigh.different,
        "births": dates.level,
        "identifiers": weigh.identifier_level,
        "addresses": weigh.address_level,
        "postcodes": weigh.postcode_level,
        "places": weigh.place_level,
        "regions": weigh.different,
        "phones": weigh.phone_level,
        "emails": weigh.email_level,
        "sexes": weigh.different,
    },
    shared=rules.HOUSEHOLD,
    keys=keys,
    strong_keys=STRONG,
    most_of_name=name_weights.most_of_name,
    refusal=rules.refusal,
    homes=Homes(homes.home, homes.apart),
    told_again=repeats.name_birth_contact,
    naming=spoilt.SPOILT,
    are_strangers=rules.are_strangers,
    model="person-7",
)
