"""Persons: how their records are compared, found and judged."""

from hub.identity import dates, homes, levels, name_weights, repeats, rules, spoilt, weigh
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
        "middles": levels.middle_level,
        "suffixes": levels.different,
        "births": dates.level,
        "identifiers": levels.identifier_level,
        "addresses": levels.address_level,
        "postcodes": levels.postcode_level,
        "places": levels.place_level,
        "regions": levels.different,
        "phones": levels.phone_level,
        "emails": levels.email_level,
        "sexes": levels.different,
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
