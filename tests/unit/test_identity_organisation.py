"""Organisations: names normalised and compared, rules that keep apart, order without influence."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.identity import organisation_contacts as contacts
from hub.identity import organisation_normalise as normalise
from hub.identity import vetoes
from hub.identity.kind import ByTokens, Kind
from hub.identity.name_weights import weigh_names
from hub.identity.organisation import ORGANISATION
from hub.identity.organisation_dataset import record
from hub.identity.organisation_levels import address_level
from hub.identity.organisation_names import agreement, alike, legal_level, weigh_words
from hub.identity.organisation_record import OrganisationRecord
from hub.identity.person import PERSON
from hub.identity.record import Address, Name
from hub.identity.resolver import Resolver
from hub.identity.weigh import load_model

NAMES = (
    "Acme Foods Inc",
    "ACME FOODS, LLC",
    "Zorn & Sons",
    "Zorn and Son Ltd",
    "Ivo Kral",
    "Acme",
    "Petrov Grill LLC",
    "Kral Bakery",
    "",
)
TRADES = ("", "Acme Market", "The Blue Door", "Blue Door Cafe", "Nine Lives")
STREETS = ("12 Oak Street", "140 Oak St # 2", "900 W Lake Ave", "7 Elm Rd", "")
AURORA = {"street": "12 Oak St", "postcode": "60505", "place": "Aurora", "region": "IL"}
TULSA = {"street": "99 Elm Ave", "postcode": "74103", "place": "Tulsa", "region": "OK"}


def org(**values: str) -> OrganisationRecord:
    """A record from values as they are written; `ein`, `phone` and the like by their columns."""
    told = {("us-ein" if what == "ein" else what): value for what, value in values.items()}
    return record({what: value for what, value in told.items() if value})


def verified(one: OrganisationRecord) -> OrganisationRecord:
    """The record with all its identifiers verified."""
    return one._replace(verified=one.identifiers)


def account(number: str, one: OrganisationRecord) -> OrganisationRecord:
    """The record with the account that the licensing office keeps of it."""
    held = (("licensing-account", number),)
    return one._replace(identifiers=held, verified=held)


def together(*records: OrganisationRecord) -> Resolver:
    """A resolver that knows these, called a, b, c ..., and a town of others."""
    others = {
        f"z{number}": org(legal=f"Other{number} Name{number * 7} Inc", street=f"{number} Far Rd")
        for number in range(100)
    }
    resolver = Resolver(kind=ORGANISATION)
    resolver.apply({**dict(zip("abcdefghi", records, strict=False)), **others})
    resolver.settle()
    return resolver


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_normalising_again_changes_nothing(text: str) -> None:
    """Words, domains and spellings give what they were given again."""
    for word in normalise.name_words(text):
        assert normalise.canonical(word) == word
    domain = contacts.domain(text)
    assert domain is None or contacts.domain(domain) == domain


@pytest.mark.parametrize(
    ("text", "words", "form"),
    [
        ("The Ave Food Mart, Inc.", ("ave", "food", "mart"), "inc"),
        ("H & R BLOCK L.L.C.", ("hr", "block"), "llc"),
        ("J AND B TAVERN", ("jb", "tavern"), ""),
        ("Müller & Söhne GmbH & Co. KG", ("muller", "sohne"), "kg"),
        ("\u041e\u041e\u041e \u0420\u043e\u043c\u0430\u0448\u043a\u0430", ("romashka",), "ooo"),
        ("Taco Two Services Company", ("taco", "2", "service"), "co"),
        ("Store No. 25 Limited", ("store", "25"), "ltd"),
        ("Peeples Taco' s", ("peeple", "taco"), ""),
        ("Ave Food Mart,I nc.", ("ave", "food", "mart"), "inc"),
        ("Ventodomo Sp\u00f3\u0142ka z o.o.", ("ventodomo",), "zoo"),
        ("VENTODOMO SP. Z O. O.", ("ventodomo",), "zoo"),
        ("Kanto Gesellschaft mit beschraenkter Haftung", ("kanto",), "gmbh"),
        ("Lumo Soci\u00e9t\u00e9 par actions simplifi\u00e9e", ("lumo",), "sarl"),
        ("Berg Pharmacy limited liabiity company", ("berg", "pharmacy"), "llc"),
        ("Zorn limited liability compnay", ("zorn",), "llc"),
        ("Maple ncorporated", ("maple",), "inc"),
        ("Maple Cooperation", ("maple", "cooperation"), ""),
        ("Stop Market 1NC.", ("stop", "market"), "inc"),
        ("Stop Market 10", ("stop", "market", "10"), ""),
        ("FPUH Kuder-Nowak Sp.j.", ("kuder", "nowak"), "zoo"),
        ("Kuder i Syn sp. z o.o. sp. k.", ("kuder", "syn"), "zoo"),
        ("T\u00f3th \u00e9s t\u00e1rsa Kht.", ("toth", "tarsa"), "nonprofit"),
        ("\u682a\u5f0f\u4f1a\u793e\u4e2d\u6751", ("zhongcun",), "kk"),
        ("\u4e2d\u6751 \u682a\u5f0f\u4f1a\u793e", ("zhongcun",), "kk"),
        ("\u0410\u041e \u0421\u043c\u0438\u0440\u043d\u043e\u0432", ("smirnov",), "ooo"),
        ("A.O. Smith", ("ao", "smith"), ""),
        ("Kuba Imports spol.", ("kuba", "import"), "sro"),
        ("Kuba Imports, O.P.S.", ("kuba", "import"), "sro"),
        ("Jensen Security IPS", ("jensen", "security"), "cic"),
        ("Ayotte Consulting GIE", ("ayotte", "consulting"), "sarl"),
        ("Landin Stiftelse", ("landin",), "as"),
        ("Rio Verde S. en C.", ("rio", "verde"), "lp"),
        ("Ceeam Sp.p.", ("ceeam",), "zoo"),
        ("\u5317\u4eac\u79d1\u6280\u516c\u53f8", ("beijingkeji",), "co"),
        ("\u0634\u0631\u0643\u0629 \u0627\u0644\u0646\u0648\u0631", ("lnwr",), "co"),
        ("Sweet Scoop", ("sweet", "scoop"), ""),
        ("Happy Or Sad", ("happy", "or", "sad"), ""),
        ("I 55 Motors", ("i", "55", "motor"), ""),
        ("Smith E", ("smith", "e"), ""),
        ("Zorn Pat", ("zorn", "pat"), ""),
        ("OOO", (), None),
        ("PT", ("pt",), ""),
        ("n/a", (), None),
    ],
)
def test_legal_names(text: str, words: tuple[str, ...], form: str | None) -> None:
    """Forms apart, articles gone, letters glued, numbers in digits, plurals and marks away."""
    found = normalise.legal_name(text)
    assert (found.words if found else ()) == words
    assert (found.form if found else None) == form


def test_forms_in_other_letters_are_read_in_records_and_in_names_of_trade() -> None:
    """A record's names are read as they are written; what stands between two is found as well."""
    ershov = "\u041d\u041f\u041e \u0415\u0440\u0448\u043e\u0432"
    nakamura = "\u682a\u5f0f\u4f1a\u793e\u4e2d\u6751"
    made = org(name=f"{ershov} dba {nakamura}")
    assert [(one.words, one.form) for one in made.legal_names] == [(("ershov",), "nonprofit")]
    assert made.trade_names == (("zhongcun",),)


@pytest.mark.parametrize(
    "between", [" dba ", " D/B/A ", " d.b.a. ", " t/a ", " doing business as "]
)
def test_a_trade_name_behind_a_legal_one_is_taken_apart(between: str) -> None:
    """What stands between two names says which is which."""
    made = org(name=f"Smart Tax Inc{between}Jackson Hewitt")
    assert [one.words for one in made.legal_names] == [("smart", "tax")]
    assert made.trade_names == (("jackson", "hewitt"),)


@pytest.mark.parametrize(
    "text",
    [
        "5752-5754 W CHICAGO AVE 1",
        "5752 West Chicago Avenue",
        "5752 W CHICAGO AVE  1ST",
        "5752 W Chicago Ave1st",
        "5752 - 5754 W CHICAGO AVE # STORE",
        "c/o Manager, 5752 W Chicago Ave",
    ],
)
def test_addresses_without_units_and_ranges(text: str) -> None:
    """A unit behind the street, glued or not, and a range of numbers are left away."""
    assert contacts.address(text) == Address("5752", "w chicago ave")


def test_identifiers_are_checked_and_domains_are_ones_own() -> None:
    """A prefix no EIN has is refused; everybody's mail domain is no domain."""
    assert contacts.identifier("us-ein", "36-1234567") == "361234567"
    assert contacts.identifier("us-ein", "07-1234567") is None
    assert contacts.domain("info@acme.example") == contacts.domain("http://www.acme.example/x")
    assert contacts.domain("acme@gmail.com") == "acme@gmail.com"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("VN1AJFAD19J9", True),
        ("vn1a jfad 19j9", True),
        ("99999999F995", True),
        ("VN1AJFAD19J8", False),
        ("VN1AJFDA19J9", False),
        ("0N1AJFAD19J9", False),
        ("ON1AJFAD19J9", False),
        ("ABCDEFGHJKL1", False),
        ("A1234567890B", False),
    ],
)
def test_the_last_character_of_a_uei_is_a_sum_of_the_others(text: str, *, is_one: bool) -> None:
    """One with another sum, in another order, with O or I, or with nine digits is none."""
    found = contacts.identifier("us-uei", text)
    assert (found is not None) == is_one


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("Acme Foods Inc", "Foods Acme", "same_words"),
        ("Acme Foods Inc", "Acme Foods LLC", "form"),
        ("Stop-n-Save Market", "StopNSave Market", "near"),
        ("Rossi Construction", "Rossi Constrction Inc", "near"),
        ("Acme Liquors Store", "Acme Liquors", "near"),
        ("Acme Inc", "Acme Holdings Inc", "part"),
        ("Acme Dental Inc", "Acme Dental Logmistics Inc", "part"),
        ("Zorn Song", "Zorn", "short"),
        ("Urban Legends Inc", "Urban Legends 2 Inc", "number"),
        ("Chicago Quick Mart", "Rossi Grill", "other"),
        ("Gula Beauty Supply Inc", "Bata Beauty Supply Inc", "part"),
        ("Joe Bolls", "Joe Lols", "close"),
        ("Bemis Lester", "Besm Lester", "close"),
        ("Lystra C Beecham", "Lystra Carol Beecham", "near"),
        ("Lystra C Beecham", "Lystra Donna Beecham", "part"),
        ("Young Soon Rosier", "Young Soon", "short"),
        ("Zaban F0od Mart", "Zaban Food Mart", "same"),
        ("Bemis Grill", "8emis Grill", "near"),
        ("Ftex Liquor Inc", "Ftex 1iqu0r Inc", "near"),
        ("Marvin Med10ck", "Marvin Medlock", "number"),
        ("Pier 5", "Piers", "number"),
        ("Ave Food Mart", "Avenuef Ood Mart", "close"),
        ("Zanso Auto Repair", "Zanso Auqto Repair", "near"),
        ("The Neri Market", "Hte Neri Market", "same_words"),
        ("Zaban Grill Corp", "Zaban Grill Crop", "same_words"),
        ("Zaban Grill Ltb", "Zaban Grill lnc", "same_words"),
        ("Zabarn Grill", "Zabam Grill", "near"),
        ("Zaban Grill 92", "Zaban Grill", "number"),
        ("Zaban 6rill", "Zaban Brill", "near"),
        ("ZKG", "Zaban Kettle Grill", "near"),
        ("ZK", "Zaban Kettle Grill", "near"),
        ("ZK", "Zaban Kettle Lapin", "short"),
        ("ZaKeLa", "Zaban Kettle Holdings", "other"),
        ("ZaKe", "Zaban Kettle Holdings", "short"),
        ("Z", "Zaban Grill", "other"),
        ("Zab", "Zaban Grill", "short"),
        ("ZaG", "Zaban Kettle Grill", "short"),
        ("Kettle", "Zaban Kettle Grill", "short"),
        ("KG", "Zaban Kettle Grill", "other"),
        ("Zg", "Zaban Lapin Inc", "other"),
    ],
)
def test_levels_of_legal_names(a: str, b: str, level: str) -> None:
    """From the same words to another person."""
    left, right = sorted(filter(None, (normalise.legal_name(a), normalise.legal_name(b))))
    assert ("same" if left == right else legal_level(left, right)) == level


LEVELS = load_model(ORGANISATION).fields[OrganisationRecord._fields.index("names")].levels
SHOP = {"trade": "Blue Heron Cafe", "street": "12 Oak St", "postcode": "60601"}


def test_one_business_under_both_names() -> None:
    """Legal and trade name, mistyped and without form, at other sites, are one."""
    resolver = together(
        org(legal="Zarnow Fisheries Inc", **SHOP),
        org(legal="ZARNOW FISHERIES", street="77 Elm Ave", postcode="60699"),
        org(**SHOP),
    )
    assert resolver.entities["a"] == ("a", "b", "c")


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (
            org(legal="Zarnow Inc", phone="312-867-5301", **SHOP),
            org(legal="Petrov LLC", phone="312-867-5301", **SHOP),
            "other_legal_name",
        ),
        (
            org(legal="Zarnow Inc", phone="312-867-5301", street="12 Oak St"),
            org(legal="Zarnow Holdings Inc", phone="312-867-5301", street="12 Oak St"),
            "other_legal_name",
        ),
        (
            org(trade="Blue Heron Cafe", street="12 Oak St"),
            org(trade="Blue Heron Cafe", street="99 Elm Ave"),
            "only_a_trade_name",
        ),
        (
            org(legal="Zarnow Inc", trade="Red Door", street="12 Oak St"),
            org(trade="Red Door Cafe", street="99 Elm Ave"),
            "only_a_trade_name",
        ),
        (
            org(legal="Zarnow Fisheries Inc", ein="36-1234567", street="12 Oak St"),
            org(legal="Zarnow Fisheries Inc", ein="36-7654321", street="99 Elm Ave"),
            "other_identifier",
        ),
        (
            org(legal="Zarnow Grill LLC", phone="312-867-5301", street="12 Oak St"),
            org(trade="Zarnow Grill Holdings", phone="312-867-5301", street="12 Oak St"),
            "other_name",
        ),
        (
            org(legal="Joe Bolls", street="12 Oak St"),
            org(legal="Joe Lols", street="99 Elm Ave"),
            "other_legal_name",
        ),
        (
            org(trade="Heron Shoes", street="12 Oak St"),
            org(trade="Heron Lamps", street="12 Oak St"),
            "other_name",
        ),
        (
            org(legal="Ivo Kralik", trade="Blue Heron", street="12 Oak St"),
            org(legal="Ivo Kralik", trade="Red Door", street="99 Elm Ave"),
            "only_a_namesake",
        ),
        (
            org(legal="Zarnow Fisheries Inc", street="12 Oak St"),
            org(legal="Zarnow Fisheries LLC", street="99 Elm Ave"),
            "other_legal_form",
        ),
        (
            org(legal="Zarnow Fisheries Inc", **AURORA),
            org(legal="Zarnow Fisheries Inc", **TULSA),
            "same_name_far_away",
        ),
        (
            org(legal="Zarnow Fisheries Inc", trade="Zarnow Fisheries", **AURORA),
            org(legal="Zarnow Fisheries Inc", trade="Zarnow Fisheries", **TULSA),
            "same_name_far_away",
        ),
        (
            account("1", org(legal="Zarnow Fisheries Inc", street="12 Oak St")),
            account("2", org(legal="Zarnow Fisheries Inc", street="99 Elm Ave")),
            "other_account",
        ),
        (
            org(legal="Zarnow Fisheries Inc", owner="Ana Obrien", **AURORA),
            org(legal="Zarnow Fisheries Inc", owner="Raul Obrien", **TULSA),
            "same_name_far_away",
        ),
        (
            verified(org(legal="Zarnow Inc", ein="36-1234567", **SHOP)),
            verified(org(legal="Zarnow Inc", ein="36-7654321", **SHOP)),
            "other_verified_identifier",
        ),
        (
            org(legal="Zarnow Inc", ein="36-1234567", street="12 Oak St"),
            org(legal="Petrov LLC", ein="36-1234567", street="99 Elm Ave"),
            "only_a_number",
        ),
    ],
)
def test_rules_keep_apart(one: OrganisationRecord, other: OrganisationRecord, rule: str) -> None:
    """Successors, companies of a group, franchises, namesakes, numbers: each has its rule."""
    resolver = together(one, other)
    found = resolver.explain("a", "b")
    assert not found.together
    assert found.refusal == rule
    assert set(found.fields) <= set(ORGANISATION.fields)


def test_a_name_alone_that_suits_firms_in_two_towns_is_neithers() -> None:
    """It waits for a steward beside both; where one of them is known alone it is that one's."""
    name = {"name": "Zarnow Fisheries Ltd"}
    bare, aurora = org(**name), org(**name, **AURORA)
    assert together(bare, aurora).entities["a"] == ("a", "b")
    both = together(bare, aurora, org(**name, **TULSA))
    assert {*map(both.entities.get, "abc")} == {("a",), ("b",), ("c",)}
    waiting = {(one.a, one.b): one.refusal for one in both.possible()}
    assert waiting[("a", "b")] == waiting[("a", "c")] == "as_well_another"


def test_a_postcode_says_where_where_no_town_does() -> None:
    """Another postcode of another state is as far away as another town."""
    name = {"legal": "Zarnow Fisheries Inc"}
    places = ({"postcode": "60505", "region": "IL"}, {"postcode": "74103", "region": "OK"})
    found = together(*(org(**name, **one) for one in places))
    assert found.explain("a", "b").refusal == "same_name_far_away"
    near = together(*(org(**name, **(one | {"region": "IL"})) for one in places))
    assert near.explain("a", "b").refusal != "same_name_far_away"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Local 827 827", "Local 827"),
        ("Falcon Pkg Co", "Falcon Packaging Co"),
        ("Rege Incorporated Clinic", "Rege Inc Clinic"),
        ("Star Engg", "Star Engineering"),
    ],
)
def test_words_told_twice_or_short_are_the_same(one: str, other: str) -> None:
    """Also a legal form within a name."""
    assert normalise.name_words(one.lower()) == normalise.name_words(other.lower())


@pytest.mark.parametrize(
    ("short", "word", "is_one"),
    [("zgd", "zigguratod", False), ("zgd", "zagreland", True), ("zgdr", "zagrelander", True),
     ("zgn", "zagreland", False)],
)  # fmt: skip
def test_a_word_is_abbreviated_to_its_consonants(short: str, word: str, *, is_one: bool) -> None:
    """To less than a half of its letters only where its last one is left."""
    assert alike(short, word) == is_one


def test_a_houses_number_told_in_two_columns_is_one() -> None:
    """Before the street as well as apart."""
    found = org(name="Zarnow", street="273 King Street", number="273")
    assert found.addresses == (Address("273", "king st"),)
    apart = org(name="Zarnow", street="12 Mile Road", number="500")
    assert apart.addresses == (Address("500", "12 mile rd"),)


@pytest.mark.parametrize("more", [{"trade": "Red Door"}, {"phone": "312-867-5301"}])
def test_a_firm_far_away_that_has_more_in_common_has_moved(more: dict[str, str]) -> None:
    """Another state alone keeps nobody apart: a trade name of its own or a telephone joins."""
    legal = "Zarnow Fisheries Inc"
    resolver = together(org(legal=legal, **AURORA, **more), org(legal=legal, **TULSA, **more))
    assert resolver.entities["a"] == ("a", "b")


def test_a_name_cut_off_is_ones_own_where_two_contacts_agree() -> None:
    """Premises and telephone; not premises alone, which are a landlord's or a group's."""
    house = {"street": "12 Oak St", "postcode": "60601"}
    phone = {"phone": "312-867-5301"}
    whole, cut = "Zarnow Kral Petrov Inc", "Zarnow Kral Inc"
    alone = together(org(legal=whole, **house), org(legal=cut, **house))
    assert alone.explain("a", "b").refusal == "other_legal_name"
    both = together(org(legal=whole, **house, **phone), org(legal=cut, **house, **phone))
    assert both.entities["a"] == ("a", "b")


@pytest.mark.parametrize(
    ("begun", "where", "joined"),
    [
        ("Zarnow Kral", {}, True),
        ("Zarnow &", {}, True),
        ("Zarnow Petrov", {}, False),
        ("Zarnow Kral", {"postcode": ""}, False),
        ("Zarnow Kral", {"street": "99 Elm Ave"}, False),
    ],
)
def test_a_name_that_begins_the_other_of_one_house_is_cut_short(
    begun: str, where: dict[str, str], joined: bool
) -> None:
    """Where one tells no legal form, premises and postcode are enough; neither alone is."""
    house = {"street": "12 Oak St", "postcode": "60601"}
    resolver = together(
        org(legal="Zarnow & Kral Lapin Inc", **house), org(trade=begun, **{**house, **where})
    )
    found = resolver.explain("a", "b")
    assert found.together is joined, found


@pytest.mark.parametrize(
    ("told", "joined"),
    [
        ({"street": "Oak St"}, True),
        ({"number": "12"}, True),
        ({"street": "900 Oak St"}, False),
        ({"street": "Elm Ave"}, False),
    ],
)
def test_a_house_number_that_is_not_told_may_be_the_others(
    told: dict[str, str], joined: bool
) -> None:
    """A shop of the same name on the same street, not one at another number or on another street.

    A number without a street says no address.
    """
    resolver = together(
        org(trade="Red Kettle", street="12 Oak St"), org(trade="Red Kettle", **told)
    )
    assert resolver.explain("a", "b").together is joined


@pytest.mark.parametrize(
    ("short", "where", "joined"),
    [
        ("Zar", {}, True),
        ("ZF", {}, True),
        ("ZarF", {}, True),
        ("Kra", {}, False),
        ("Zar", {"street": "900 Elm Ave"}, False),
        ("Zar", {"postcode": "74103"}, False),
    ],
)
def test_a_name_cut_off_to_a_few_letters_is_ones_own_at_the_same_premises(
    short: str, where: dict[str, str], *, joined: bool
) -> None:
    """Its beginning, its initials or beginnings of its words; not elsewhere, nor of another."""
    house = {"street": "12 Oak St", "postcode": "60505", "place": "Aurora"}
    resolver = together(
        org(trade="Zarnow Fisheries", **house), org(trade=short, **{**house, **where})
    )
    assert resolver.explain("a", "b").together is joined


@pytest.mark.parametrize(
    ("more", "joined"),
    [
        ({}, True),
        ({"trade": "Blue Heron"}, False),
        ({"website": "www.blueheron.ch"}, False),
        ({"phone": "9074101234"}, False),
        ({"place": "Aurora", "phone": "9074101234"}, True),
        ({"place": "Aurora", "trade": "Blue Heron"}, True),
    ],
)
def test_where_regions_are_not_told_a_firm_elsewhere_that_is_reached_otherwise_is_another(
    more: dict[str, str], *, joined: bool
) -> None:
    """Or of another domain or telephone; who stays in one town, or tells no more, has moved."""
    own = {"trade": "Red Kettle", "website": "www.redkettle.ch", "phone": "3128675301"}
    one = org(legal="Zarnow Fisheries Inc", street="12 Oak St", place="Aurora", **own)
    told = {"legal": "Zarnow Fisheries Inc", "street": "99 Elm Ave", "place": "Tulsa", **more}
    assert together(one, org(**told)).explain("a", "b").together is joined


@pytest.mark.parametrize(
    ("more", "joined"),
    [
        ({"place": "Aurora", "phone": "3128675301"}, True),
        ({"place": "Aurora", "phone": "9074101234"}, False),
        ({"place": "Aurora"}, True),
        ({"place": "Tulsa"}, False),
        ({"place": "Tulsa", "phone": "9074101234"}, False),
        ({"place": "Tulsa", "phone": "3128675301"}, True),
    ],
)
def test_a_domain_is_all_of_a_chains(more: dict[str, str], *, joined: bool) -> None:
    """One trade name and domain at other premises: two in another town, or of another line."""
    own = {"trade": "Red Kettle", "website": "www.redkettle.example", "street": "12 Oak St"}
    one = org(**own, place="Aurora", phone="3128675301")
    assert (
        together(one, org(**{**own, "street": "99 Elm Ave", **more})).explain("a", "b").together
        is joined
    )


def test_a_domain_that_says_the_name_again_is_no_second_evidence() -> None:
    """A rare name may have moved, with a usual one it may not; nor because of its domain."""
    told = {"website": "www.redkettle.example", "place": "Aurora"}
    one = org(legal="Red Kettle Inc", street="12 Oak St", phone="3128675301", **told)
    other = org(trade="Red Kettle", street="99 Elm Ave", phone="9074101234", **told)
    resolver = together(one, other)
    assert resolver.explain("a", "b").together
    usual = {
        f"{name}{n}": org(trade=f"{name} Bay{n}") for name in ("Red", "Kettle") for n in range(30)
    }
    resolver.apply(usual)
    resolver.settle()
    assert resolver.explain("a", "b").refusal == "only_a_trade_name"


@pytest.mark.parametrize(
    ("place", "joined"),
    [
        ({"place": "Tulsa", "postcode": "74103"}, False),
        ({"place": "Tulsa", "region": "OK"}, False),
        ({"place": "Tulsa"}, True),  # it may be a part of the other
        ({"place": "Tulsa", "postcode": "60601"}, True),
    ],
)
def test_each_town_has_a_main_street(place: dict[str, str], *, joined: bool) -> None:
    """The same house and street in another town are other premises."""
    house = {"trade": "Red Kettle", "street": "12 Main St"}
    one = org(**house, place="Chicago", postcode="60601", region="IL")
    assert together(one, org(**house, **place)).explain("a", "b").together is joined


def namesakes(share: int) -> Resolver:
    """Thirty names, each of a business told twice at its place, and of `share` others elsewhere."""
    records = {
        f"{name}/{site}/{again}": org(
            legal=f"Zarnow{name} Fisheries Inc", street=f"{100 * site + name} Oak St",
            postcode=f"{60500 + site}",
            phone=f"312{2000000 + 977 * (31 * site + name)}" if again else "",
        )
        for name in range(30)
        for site in range(share + 1)
        for again in range(2)
    }  # fmt: skip
    records |= {
        "a": org(legal="Kralik Bakers Inc", street="12 Oak St", postcode="60501"),
        "b": org(legal="Kralik Bakers Inc", street="99 Elm Ave", postcode="60502"),
        "c": org(
            legal="Kralik Bakers Inc", street="12 Oak St", postcode="60501", phone="3129998877"
        ),
    }
    resolver = Resolver(kind=ORGANISATION)
    resolver.apply(records)
    resolver.settle()
    return resolver


def test_where_many_share_a_name_it_is_nobodys_own() -> None:
    """A firm of one name elsewhere has moved where names are one's own; else it is another."""
    own, shared = namesakes(0), namesakes(3)
    assert own.entities["a"] == ("a", "b", "c")
    assert shared.entities["a"] == ("a", "c")
    assert shared.explain("a", "b").refusal == "only_a_namesake"
    copies = {f"copy {number}": shared.records["3/1/1"] for number in range(5)}
    names, progress = shared._names_told.sharing, shared.known
    shared.apply(copies)
    shared.apply(dict.fromkeys(copies))
    assert (shared._names_told.sharing, shared.known) == (names, progress)


def test_where_many_share_a_name_it_suits_each_of_them_alone() -> None:
    """It waits beside all of them, though two of them are but what it knows apart."""
    shared = namesakes(3)
    shared.apply({"bare": org(legal="Kralik Bakers Inc")})
    shared.settle()
    assert shared.entities["bare"] == ("bare",)
    assert {one.refusal for one in shared.possible() if "bare" in one} == {"as_well_another"}
    own = namesakes(0)
    own.apply({"bare": org(legal="Kralik Bakers Inc")})
    own.settle()
    assert own.entities["bare"] != ("bare",)


def test_names_in_law_that_are_nearly_the_same_are_two_elsewhere_and_reached_otherwise() -> None:
    """With the same telephone, or none, it may be a mistyped one that moved."""
    one = org(legal="Juniper Staffing Inc", street="12 Oak St", phone="3128675301", place="Aurora")
    told = {"legal": "Jupiter Staffing Inc", "street": "99 Elm Ave", "place": "Aurora"}
    assert not together(one, org(**told, phone="9074101234")).explain("a", "b").together
    assert together(one, org(**told, phone="3128675301")).explain("a", "b").together


def test_a_part_of_a_house_is_next_door() -> None:
    """Whatever letter it has; not far down the street."""
    street = "oak st"
    assert address_level(Address("12", street), Address("12a", street)) == "door"
    assert address_level(Address("12a", street), Address("16", street)) == "door"
    assert address_level(Address("12a", street), Address("36b", street)) == "part"


def test_a_name_that_says_the_trade_is_no_persons_and_may_have_moved() -> None:
    """Without a legal form, at another address: a firm; where it might be a person, two."""
    name, elsewhere = "Zarnow Fisheries Restaurant", {"street": "99 Elm Ave"}
    firm = together(org(legal=name, street="12 Oak St"), org(legal=name, **elsewhere))
    assert firm.entities["a"] == ("a", "b")
    person = together(
        org(legal="Ivo Zarnow", street="12 Oak St"), org(legal="Ivo Zarnow", **elsewhere)
    )
    assert person.explain("a", "b").refusal == "only_a_namesake"


def test_names_of_law_and_trade_may_be_exchanged() -> None:
    """Each one's legal name is the other's trade name, at one address: nothing contradicts."""
    house = {"street": "12 Oak St", "postcode": "60601"}
    one = org(legal="Ivo Kralik", trade="Unique Epoxy Flooring", **house)
    other = org(legal="Unique Epoxy Flooring Inc", trade="Ivo Kralik", **house)
    resolver = together(one, other)
    assert resolver.entities["a"] == ("a", "b")
    assert resolver.explain("a", "b").fields["legal_names"] == 0
    half = org(legal="Unique Epoxy Flooring Inc", trade="Red Door", **house)
    assert together(one, half).entities["a"] == ("a",)


def test_two_accounts_at_one_address_may_be_one_business() -> None:
    """An office that opened a second account is no reason to keep a business apart."""
    one, other = (account(number, org(legal="Zarnow Inc", **SHOP)) for number in "12")
    assert together(one, other).entities["a"] == ("a", "b")


@pytest.mark.parametrize("how_many", [1, 2])
def test_a_name_alone_joins_no_two_firms_of_that_name(how_many: int) -> None:
    """However many records tell a name and nothing else, they suit two firms, and join neither."""
    legal = "Zarnow Fisheries Inc"
    firms = [
        org(legal=legal, trade=trade, **where)
        for trade, where in (("Blue Heron", AURORA), ("Red Door", TULSA))
        for _ in range(3)
    ]
    resolver = together(*firms, *(org(legal=legal) for _ in range(how_many)))
    assert resolver.entities["a"] == ("a", "b", "c")
    assert resolver.entities["d"] == ("d", "e", "f")


def test_a_number_verified_on_both_sides_joins_under_a_new_name() -> None:
    """A company that changed its name is the same one by its verified number."""
    one = {"ein": "36-1234567", "phone": "312-867-5301", "street": "12 Oak St"}
    resolver = together(
        verified(org(legal="Zarnow Inc", **one)), verified(org(legal="Petrov LLC", **one))
    )
    assert resolver.entities["a"] == ("a", "b")


def test_a_name_mistyped_twice_is_forgiven_where_all_else_agrees() -> None:
    """A person's name with two errors, the same trade name and premises: one business."""
    resolver = together(org(legal="Joe Bolls", **SHOP), org(legal="Joe Lols", **SHOP))
    assert resolver.entities["a"] == ("a", "b")


def test_a_rare_trade_name_may_have_moved_and_one_with_many_shops_has_not() -> None:
    """Elsewhere a name is one business's where few addresses are known, and it is clear."""
    name = "Wondrous Epoxy Flooring"
    known = org(legal="Zarnow Inc", trade=name, street="12 Oak St")
    shops = [org(trade=name, street=f"{number}00 Elm Ave") for number in range(1, 5)]
    assert together(known, shops[0]).entities["a"] == ("a", "b")
    together_with_many = together(known, *shops).entities["a"]
    assert len(together_with_many) < 5
    streets = ("12 Oak St", "12 Oka Street", "12 Okstreet", "12 Oac St", "12 Ohk St")
    mistyped = [org(legal="Zarnow Inc", trade=name, street=street) for street in streets]
    assert len(together(*mistyped, shops[0]).entities["a"]) == 6


def test_a_trade_name_that_is_not_among_the_frequent_ones_is_compared() -> None:
    """Spelt otherwise in each record, names of one business are many; one told once counts."""
    legal = ("Barnow Grill", "Barnwo Grill", "Barnow Gril", "Barrnow Grill", "Barnow Gdill")
    known = [org(legal=f"{one} Inc", street="12 Oak St", phone="312-755-0101") for one in legal]
    both = org(legal=f"{legal[0]} Inc", trade="Wondrous Heron Cafe", phone="312-755-0101")
    resolver = together(*known, both, org(trade="Wondrous Heron Cafe", street="12 Oak St"))
    assert len(resolver.entities["a"]) == 7


RELATED = st.lists(st.text("abt", min_size=1, max_size=7), min_size=1, max_size=4)


@settings(max_examples=2_000)
@given(RELATED, RELATED, RELATED)
@example(["btaba", "bbt", "aabat"], ["a", "ab"], [])
def test_whatever_names_have_in_common_it_is_words_of_both(
    common: list[str], before: list[str], after: list[str]
) -> None:
    """A word here and several there, closed up or not, or more words on one side alone."""
    for one in (tuple(common), ("".join(common),), (common[0],)):
        for other in ((*before, *common), (*common, *after), (*before, "".join(common))):
            how = agreement(one, other)
            assert all(ours and theirs for ours, theirs in how.alike)
            assert isinstance(weigh_words(lambda _: 5_000, LEVELS, one, other), int)


def test_a_providers_domain_is_nothing_in_common() -> None:
    """Also where nobody knows that it is one: the names say whether they are one, and the address.

    In a file the domain of many addresses is a provider's, so that of these the whole is compared.
    """
    told = {"phone": "3128675301", "place": "Aurora", "name": "Kral Group"}
    others = {
        f"{number}": org(name=f"{chr(97 + number)}orn{number} Foods", email=f"a{number}@hostica.ch")
        for number in range(20)
    }
    resolver = Resolver(kind=ORGANISATION)
    one = org(**told, email="ann@hostica.ch")
    two = org(**{**told, "name": "Petrov Grill"}, email="bo@hostica.ch")
    resolver.apply({**others, "a": one, "b": two})
    resolver.settle()
    assert resolver.explain("a", "b").refusal == "other_name"
    emails = [f"a{number}@hostica.ch" for number in range(14)]
    assert contacts.everybodys(emails) == frozenset()
    providers = contacts.everybodys([*emails, "a1@hostica.ch", "ann@hostica.ch", "bo@kral.ch"])
    assert providers == {"hostica.ch"}
    assert contacts.domain("ann@hostica.ch", providers) == "ann@hostica.ch"
    assert contacts.domain("www.hostica.ch", providers) == "hostica.ch"
    assert contacts.domain("ann@hostica.ch") == "hostica.ch"
    assert contacts.domain("ann@example.org") == "ann@example.org"


def test_a_domain_says_a_name() -> None:
    """A trade name alone goes with the legal name of which its e-mail address is made."""
    house = {"street": "12 Oak St", "postcode": "60601", "place": "Chicago"}
    made = org(trade="Red Door", email="info@zarnow-fisheries.co.uk", **house)
    assert ("@zarnowfisheries",) in made.names
    resolver = together(made, org(legal="Zarnow Fisheries Inc", **house))
    assert resolver.entities["a"] == ("a", "b")
    assert org(trade="Red Door", email="zarnowfisheries@gmail.com").names == (("red", "door"),)


def test_a_telephone_of_many_names_says_nothing() -> None:
    """An agent's number, given for twenty businesses, is no evidence for any two of them."""
    clients = {
        f"c{number}": org(legal=f"Client{number} Name{number * 7} Inc", phone="312-867-5301")
        for number in range(20)
    }
    resolver = Resolver(kind=ORGANISATION)
    resolver.apply(clients)
    resolver.settle()
    assert resolver.explain("c1", "c2").fields["phones"] == 0


def test_more_records_than_one_business_has_are_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """However well they agree, two groups that are too many together stay two."""
    monkeypatch.setattr(vetoes, "RECORDS_MAX", 3)
    records = [
        org(legal="Zarnow Fisheries Inc", phone=f"(312) 555-010{number}", **SHOP)
        for number in range(4)
    ]
    resolver = together(*records)
    assert max(len(one) for one in set(resolver.entities.values())) == 3
    refusals = {one.refusal for one in resolver.possible()}
    assert refusals == {"too_many_records"}


def crowd(count: int, seed: int) -> dict[str, OrganisationRecord]:
    """Records of few names and places, so that they meet often."""
    chance = Random(seed)
    return {
        f"r{number:03}": org(
            legal=chance.choice(NAMES),
            trade=chance.choice(TRADES),
            street=chance.choice(STREETS),
            ein=chance.choice(("", "", "", f"36-12345{chance.randint(10, 20)}")),
            phone=chance.choice(("", "", f"312-867-53{chance.randint(10, 20)}")),
        )
        for number in range(count)
    }


def test_twenty_orders_with_removals_give_the_same_entities() -> None:
    """Whatever came and went before, the records there are decide."""
    final, gone = crowd(30, 1), crowd(10, 2)
    expected: set[tuple[str, ...]] | None = None
    for order in range(20):
        chance = Random(order)
        told = [*final.items(), *((f"gone-{name}", one) for name, one in gone.items())]
        chance.shuffle(told)
        resolver = Resolver(kind=ORGANISATION)
        for name, one in told:
            resolver.apply({name: one})
        resolver.apply({f"gone-{name}": None for name in gone})
        resolver.settle()
        found = set(resolver.entities.values())
        expected = expected or found
        assert found == expected
    assert expected is not None
    assert 3 < len(expected) < 28


@pytest.mark.parametrize("kind", [PERSON, ORGANISATION])
def test_the_models_have_every_level_that_names_of_people_are_compared_by(kind: Kind) -> None:
    """Persons' own names, and the owners of a business: one model must not lack what both ask."""
    model = load_model(kind)
    compared = [
        place
        for place, how in enumerate(kind.fields.values())
        if isinstance(how, ByTokens) and how.weigh is weigh_names
    ]
    assert compared
    for place in compared:
        name = Name(("marta",), ("olsen",))
        assert weigh_names(lambda _: 7, model.fields[place].levels, name, name) == 14


@pytest.mark.parametrize(
    ("text", "legal", "trade"),
    [
        ("Acme Pizza (Acme Holdings LLC)", "Acme Holdings LLC", "Acme Pizza"),
        ("Acme Holdings LLC (Acme Pizza)", "Acme Holdings LLC", "Acme Pizza"),
        ("Acme Holdings LLC (UK)", "Acme Holdings LLC", None),
        ("Acme Holdings LLC (Store 12)", "Acme Holdings LLC", None),
    ],
)
def test_a_name_in_brackets_is_one_of_two(text: str, legal: str, trade: str | None) -> None:
    """The one with a legal form is the legal one; a shop's number or a country is no name."""
    told = {"legal": legal} if trade is None else {"legal": legal, "trade": trade}
    found, meant = record({"name": text}), record(told)
    assert (found.legal_names, found.trade_names) == (meant.legal_names, meant.trade_names)


def test_brackets_of_two_legal_names_and_of_none_are_left() -> None:
    """Which of them is meant is not known; what stands before a legal form belongs to it."""
    assert normalise.names_in("Acme LLC (Bemis Inc)").others == ()
    assert normalise.names_in("First Church (Springfield)").others == ()
    assert normalise.names_in("Acme (UK) Ltd").others == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AT&T", ("att",)),
        ("AT & T", ("att",)),
        ("R&DG", ("rdg",)),
        ("J & J", ("jj",)),
        ("K&Co", ("k",)),
        ("Ben & Jo", ("ben", "jo")),
    ],
)
def test_letters_that_are_joined_are_one_word(text: str, words: tuple[str, ...]) -> None:
    """Also two beside one; a company's "& Co" is none of them."""
    assert normalise.name_words(text) == words


def test_several_that_suit_each_other_alone_are_one() -> None:
    """A name alone, a little short of the threshold: of five at most, and none may suit another."""
    resolver = Resolver(kind=ORGANISATION)
    resolver.apply({f"z{n}": org(legal=f"Other{n} Name{n * 7} Inc") for n in range(2_500)})
    bare, more = org(name="Neosfar"), org(name="Neosfar Inc")

    def told(names: str, records: Mapping[str, OrganisationRecord | None]) -> set[tuple[str, ...]]:
        resolver.apply(records)
        resolver.settle()
        return {resolver.entities[name] for name in names}

    assert told("abc", dict.fromkeys("abc", bare)) == {("a", "b", "c")}
    found = resolver.explain("a", "b")
    assert found.threshold - 3_000 <= found.total < found.threshold
    assert told("abcde", dict.fromkeys("de", bare)) == {("a", "b", "c", "d", "e")}
    assert told("abcdef", {"f": bare}) == {(name,) for name in "abcdef"}
    assert told("abce", {"d": more, "e": more, "f": None}) == {("a",), ("b",), ("c",), ("d", "e")}
    phone = "3128675301"
    chain = {"a": bare, "b": org(name="Neosfar", phone=phone), **dict.fromkeys("cde")}
    assert told("ab", chain) == {("a", "b")}
    assert told("abc", {"c": org(phone=phone)}) == {("a",), ("b",), ("c",)}
