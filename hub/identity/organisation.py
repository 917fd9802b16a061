"""Organisations: how their records are compared, found and judged."""

from hub.identity import (
    levels,
    name_weights,
    organisation_levels,
    organisation_names,
    organisation_rules,
    organisation_shared,
    weigh,
)
from hub.identity.kind import ByTokens, Homes, Kind, Vouched
from hub.identity.organisation_keys import STRONG, keys
from hub.identity.organisation_record import (
    ADDRESSES,
    IDENTIFIERS,
    NAMES,
    PLACES,
    POSTCODES,
    REGIONS,
    OrganisationRecord,
)

ORGANISATION = Kind(
    name="organisation",
    record=OrganisationRecord,
    fields={
        "names": ByTokens(organisation_names.tokens, organisation_names.weigh_words, is_sum=False),
        "legal_names": organisation_names.legal_level,
        "trade_names": organisation_names.words_level,
        "owners": ByTokens(weigh.name_tokens, name_weights.weigh_names),
        "identifiers": organisation_levels.identifier_level,
        "addresses": organisation_levels.address_level,
        "postcodes": levels.postcode_level,
        "places": levels.place_level,
        "regions": levels.different,
        "phones": levels.phone_level,
        "domains": organisation_levels.domain_level,
        "spellings": levels.different,
    },
    shared=(ADDRESSES, POSTCODES, PLACES, REGIONS),
    keys=keys,
    strong_keys=STRONG,
    most_of_name=organisation_names.most_of_words,
    refusal=organisation_rules.refusal,
    homes=Homes(lambda _record: None, lambda _one, _other: False),
    model="organisation-4",
    counted_once_by=NAMES,
    vouched=Vouched(IDENTIFIERS, weigh.milli(60)),
    exchanged=organisation_names.EXCHANGED,
    naming=organisation_shared.SHARED,
    values_max=8,  # names of law and trade, each of them in several spellings
    choices_max=5,
)
