"""Reads files of organisation records with a known truth, and makes records of what is told."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from hub.identity import normalise
from hub.identity import organisation_contacts as contacts
from hub.identity import organisation_normalise as own
from hub.identity.addresses import is_told_in
from hub.identity.columns import COLUMNS as OF_PERSONS
from hub.identity.dataset import (
    NATIONAL,
    Layout,
    are_of_another_register,
    are_towns_apart,
    known,
    phones_in,
    region_of_phones,
    where_in,
    worth_reading,
)
from hub.identity.organisation_record import LegalName, OrganisationRecord, Words
from hub.identity.record import Name

_ALSO_KNOWN_AS = (
    *("aka_name", "also_known_as", "business_name_2", "other_name", "aka", "alias"),
    *("other_organization_name", "second_name", "trading_name_2", "previous_name", "former_name"),
)
IDENTIFIERS: Mapping[str, Sequence[str]] = {
    "in-pan": ("pan", "pan_number", "pan_no"),
    "gstin": ("gstin", "gstin_number", "gst_number", "gst", "gst_no"),
    "us-ein": ("ein", "fein", "tax_id", "federal_tax_id", "employer_identification_number"),
    "us-uei": ("uei", "unique_entity_id"),
    "us-duns": ("duns", "duns_number"),
    "us-npi": ("npi", "npi_number"),
    "lei": ("lei", "lei_code"),
    "gb-coh": ("company_number", "companies_house_number", "crn"),
    "gb-chc": ("charity_number",),
    "vat": (
        *("vat", "vat_number", "vat_id", "vat_no", "vatin", "ust_id", "ust_idnr", "ust_id_nr"),
        *("numero_tva", "tva", "partita_iva", "btw", "btw_nummer", "tax_exempt_number"),
        *("tax_registration_number", "vat_registration_number", "stcd1", "stceg"),
    ),
    "national": (
        *("siren", "abn", "acn", "kvk", "kvk_nummer", "kvk_number", "hrb", "handelsregisternummer"),
        *("siret", "company_reg_no", "reg_no", "reg_number", "registration_no", "nzbn", "ukprn"),
        *("registernummer", "registration_number", "register_number", "cnpj", "nif", "cif", "nit"),
        *("rut", "nip", "regon", "krs", "orgnr", "org_nr", "organisasjonsnummer", "cvr"),
        *("codice_fiscale", "ico", "company_registration_number"),
    ),
    "bank-account": (
        *("bank_account_number", "bank_account", "bank_account_no", "iban", "account_iban"),
        *("bank_account_num", "bankn"),
    ),
    "account": ("account", "account_number", "licence_account", "license_account"),
    "licence": ("license_number", "licence_number", "license_no", "licence_no", "permit_number"),
}
"""What columns of identifiers are called, by their scheme."""
SCHEMES: Mapping[str, str] = {one: one for one in IDENTIFIERS} | {"gstin": "in-pan"}
"""Schemes of numbers by what their columns hold."""
OFFICES_OWN = frozenset({"account", "licence"})
"""Numbers that an office gives, perhaps another one to each row."""
COLUMNS: Mapping[str, Sequence[str]] = {
    "record": OF_PERSONS["record"],
    "entity": (
        *("entity_id", "cluster_id", "cluster", "truth", "true_id", "entity"),
        *("organisation_id", "organization_id", "business_id", "account_number"),
    ),
    "legal": (
        *("legal_name", "legal_business_name", "legal_entity_name", "registered_name"),
        *("licensee_name", "licensee", "entity_name"),
        *("legal", "legalname", "company_legal_name", "name_in_law", "corporate_name"),
        *("provider_organization_name_legal_business_name", "firmenname", "firma"),
        *("raison_sociale", "denomination", "denomination_sociale", "razon_social"),
        *("ragione_sociale", "denominazione", "razao_social", "statutaire_naam", "unvan"),
    ),
    "trade": (
        *("doing_business_as_name", "doing_business_as", "dba_name", "dba"),
        *("trade_name", "trading_name", "trading_as", "store_name"),
        *("trade", "tradename", "trading", "dba_trade_name", "brand", "dbaname"),
        *_ALSO_KNOWN_AS,
        *("handelsname", "handelsnaam"),
        *("enseigne", "nom_commercial", "nombre_comercial", "nome_fantasia", "nome_commerciale"),
        *("insegna", "geschaeftsbezeichnung"),
    ),
    "name": (
        *("business_name", "company_name", "organisation_name", "organization_name"),
        *("org_name", "company", "organisation", "organization", "facility_name"),
        *(
            "firm",
            "firm_name",
            "name1",
            "name_1",
            "business",
            "businessname",
            "companyname",
            "employer_name",
        ),
        *("employer", "supplier_name", "supplier", "vendor_name", "vendor", "merchant"),
        *("unternehmen", "betrieb", "entreprise", "empresa", "bedrijf", "bedrijfsnaam", "azienda"),
        *("restaurant", "restaurant_name", "shop", "institution", "charity_name", "account_name"),
        *("establishment", "establishment_name", "provider", "provider_name", "hotel", "store"),
        *("name", "title"),  # beside one of the others it is somebody's to write to
    ),
    "trade2": _ALSO_KNOWN_AS,
    "owner": (
        *("owner", "owner_name", "officer", "officer_name", "principal", "contact_name"),
        *("proprietor", "director", "director_name", "inhaber", "geschaeftsfuehrer", "gerant"),
        *("contact_person", "titular", "titolare"),
    ),
    "owner_given": tuple(
        f"{who}_{part}"
        for who in ("owner", "officer", "contact", "principal", "proprietor", "director")
        for part in ("first_name", "firstname", "first", "given_name", "given", "forename")
    ),
    "owner_surname": tuple(
        f"{who}_{part}"
        for who in ("owner", "officer", "contact", "principal", "proprietor", "director")
        for part in ("last_name", "lastname", "last", "surname", "family_name")
    ),
    **IDENTIFIERS,
    "number": (*OF_PERSONS["number"], "building", "building_number"),
    "street": (
        *("address", "street_address", *OF_PERSONS["street"]),
        *("premises", "address_line", "location", "stras"),
    ),
    "place": (*OF_PERSONS["place"], "locality", "post_town", "posttown"),
    "region": (*OF_PERSONS["region"], "province_or_state", "state_or_province"),
    "postcode": OF_PERSONS["postcode"],
    "place_and_postcode": OF_PERSONS["place_and_postcode"],
    "phone": (*OF_PERSONS["phone"], "business_phone", "phone_no", "contact_phone"),
    "phone2": (*OF_PERSONS["phone2"], "fax", "fax_number", "business_fax", "telefax"),
    "email": (*OF_PERSONS["email"], "contact_email"),
    "website": (
        *("website", "web_site", "url", "homepage", "web", "domain", "webseite", "internet"),
        *("site_web", "sitio_web", "sito_web", "web_address", "web_page"),
    ),
}
"""What columns are called, by what they hold; the first that a file has is taken."""
_ADDS_NOTHING = frozenset(
    (
        *("entity", "business", "company", "organisation", "organization", "firm", "corporate"),
        *("provider", "borrower", "vendor", "supplier", "merchant", "store", "facility", "charity"),
        *("licensee", "applicant", "client", "customer", "practice", "establishment", "premises"),
        *("address", "addr", "location", "site", "reg", "registered", "physical", "main", "head"),
        *("office", "headquarters", "hq", "primary", "current", "contact", "first", "line", "full"),
        *("legal", "mailing", "postal", "street", "name", "line1", "code", "text", "txt", "raw"),
        *("clean", "billing", "shipping", "support", "employer", "payer", "payee", "contractor"),
        *("operator", "farm", "factory", "plant", "enterprise", "outlet", "dealer", "trader"),
        *("permittee", "manufacturer", "retailer", "institution", "school", "hotel", "restaurant"),
        *("shop", "trading", "service", "taxpayer", "tenant", "member", "1", "hospital", "clinic"),
        *("pharmacy", "bank", "agency", "university", "college", "brewery", "recipient", "awardee"),
        *("grantee", "funder", "cust", "org", "comp", "biz", "ent", "est", "acct", "party"),
    )
)
"""As in files of persons; what stands after them says more."""
WHERE = frozenset({"number", "street", "place", "postcode"})
MANY = 0.3
"""From this share of names on that have a number behind a legal form they hold addresses."""


class Names(NamedTuple):
    """Names as they are written: in law, in trade, and those of which it is not known.

    `domains` are normalised; they say names too.
    """

    legal: Iterable[str] = ()
    trade: Iterable[str] = ()
    unsure: Iterable[str] = ()
    domains: Iterable[str] = ()


class Normalised(NamedTuple):
    """The three name fields of a record."""

    names: tuple[Words, ...]
    legal_names: tuple[LegalName, ...]
    trade_names: tuple[Words, ...]


def names(told: Names) -> Normalised:
    """The names of a record; one not known to be either is legal if it has a legal form.

    A name that it had before is one of its names in law, as long as others tell it.
    """
    legal: list[LegalName | None] = []
    trade: list[Words] = []
    named: list[LegalName | None] = []
    for text in told.legal:
        found = own.names_in(text)
        legal += map(own.legal_name, (found.first, *found.former))
        trade += map(own.name_words, found.others)
    for text in told.trade:
        found = own.names_in(text)
        trade += map(own.name_words, (found.first, *found.others, *found.former))
    for text in told.unsure:
        found = own.names_in(text)
        (legal if found.others else named).append(own.legal_name(found.first))
        named += map(own.legal_name, found.former)
        trade += map(own.name_words, found.others)
    if not any(legal):
        legal = [one for one in named if one and one.form not in ("", own.WEAK_FORM)]
    trade += [one.words for one in named if one and one not in legal]
    all_names = (one.words for one in (*legal, *named) if one)
    read = map(contacts.name_of_domain, told.domains)
    return Normalised(known(*all_names, *trade, *read), known(*legal), known(*trade))


def record(
    values: Mapping[str, str],
    *,
    address_behind_name: bool = False,
    phones_of: str = normalise.OWN_REGION,
    schemes: Mapping[str, str] = SCHEMES,
    providers: frozenset[str] = frozenset(),
    towns_apart: bool = False,
) -> OrganisationRecord:
    """A record from values as they are written, by what they hold (the keys of COLUMNS).

    `address_behind_name`: the name holds where the organisation is as well. `phones_of`,
    `schemes` and `towns_apart`: as of persons. `providers`: domains of e-mail addresses that are
    everybody's.
    """
    if address_behind_name and "name" in values:
        name, street = own.name_and_address(values["name"])
        values = {**values, "name": name, "street": street}
    get = values.get
    domains = known(
        contacts.domain(get("website", "")), contacts.domain(get("email", ""), providers)
    )
    legal, trade, unsure = (
        [values[what] for what in columns if what in values]
        for columns in (("legal",), ("trade", "trade2"), ("name",))
    )
    told = names(Names(legal, trade, unsure, domains))
    street, number = get("street", ""), get("number", "")
    if street and not is_told_in(number, street):
        street = f"{number} {street}".strip()
    at = where_in(values, street, towns_apart=towns_apart)
    return OrganisationRecord(
        *told,
        owners=known(
            owner(values["owner"])
            if "owner" in values
            else normalise.name(get("owner_given"), get("owner_surname"))
        ),
        identifiers=tuple(
            (scheme, number)
            for what, scheme in schemes.items()
            if what in values
            for number in (contacts.identifier(scheme, values[what]),)
            if number
        ),
        addresses=known(contacts.address(street) if street else None),
        postcodes=known(normalise.postcode(at.postcode)),
        places=known(*map(normalise.place, at.places)),
        regions=known(normalise.region(at.region)),
        phones=phones_in(values, phones_of),
        domains=domains,
        spellings=known(contacts.spelling(get("trade") or get("name") or get("legal", ""), street)),
    )


def of_all(told: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Whether names hold addresses, of which country telephones are, of which schemes numbers."""
    return {
        "address_behind_name": _are_addresses_behind(told),
        "phones_of": region_of_phones(told),
        "towns_apart": are_towns_apart(told),
        "schemes": _schemes(told),
        "providers": contacts.everybodys(row["email"] for row in told if "email" in row),
    }


def _schemes(told: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Schemes of the numbers that are worth reading; as of persons."""
    found = worth_reading(told, SCHEMES, OFFICES_OWN)
    if are_of_another_register(told, "us-ein", partial(contacts.identifier, "us-ein")):
        found["us-ein"] = NATIONAL
    return found


def _are_addresses_behind(told: Sequence[Mapping[str, str]]) -> bool:
    """Whether no row tells an address, and many have more behind the legal form."""
    if not told or any(not WHERE.isdisjoint(row) for row in told):
        return False
    behind = [own.name_and_address(row.get("name", ""))[1] for row in told]
    with_number = sum(1 for one in behind if any(map(str.isdigit, one)))
    return with_number > MANY * len(told)


def owner(text: str) -> Name | None:
    """The name of an owner or officer."""
    return normalise.full_name(text)


ORGANISATIONS = Layout(COLUMNS, record, _ADDS_NOTHING, of_all)
