"""What the resolvers get of a subject: the latest claim, normalised by its kind."""

from made_events import event

from hub.canon.model import (
    Address,
    Assurance,
    Claims,
    Event,
    EventKind,
    Identifier,
    Organisation,
    Person,
    PersonName,
    RoleKind,
    SubjectState,
)
from hub.identity import claims, subjects
from hub.identity.index import HOLDERS_MAX
from hub.identity.kind import Key
from hub.identity.organisation import ORGANISATION
from hub.identity.organisation_record import LegalName, OrganisationRecord
from hub.identity.record import Address as Home
from hub.identity.record import Name, PersonRecord
from hub.identity.resolver import Resolver

LICENSING, GRANTS = "Licensing Office", "Grants Office"
HARBOUR = Address(None, "1200-1204 W. Harbour St.", "2", "Chicago", "IL", "60601-1234", None)
LICENSED = Organisation(
    "holder",
    legal_name="Kowalczyk Bakeries, L.L.C.",
    trading_names=("Harbour Bread",),
    identifiers=(Identifier("licensing-account", "77 01", Assurance.VERIFIED),),
    addresses=(HARBOUR,),
    emails=("office@harbour-bread.example", "kowalczyk@gmail.com"),
    phones=("(312) 867-5301",),
)


def test_an_organisation_is_normalised_field_by_field() -> None:
    """Names in law and in trade, numbers, places and ways to reach it, as the resolver compares."""
    found = claims.record_of(LICENSED, LICENSING)
    assert found == OrganisationRecord(
        names=(("kowalczyk", "bakery"), ("harbour", "bread"), ("@harbourbread",)),
        legal_names=(LegalName(("kowalczyk", "bakery"), "llc"),),
        trade_names=(("harbour", "bread"),),
        identifiers=(("licensing-account", "7701"),),
        addresses=(Home("1200", "w harbour st"),),
        postcodes=("60601",),
        places=("chicago",),
        regions=("il",),
        phones=("+13128675301",),
        domains=("harbour-bread.example", "kowalczyk@gmail.com"),
        spellings=("harbour bread|1200-1204 w. harbour st.",),
        agency=LICENSING,
        verified=(("licensing-account", "7701"),),
    )


def test_a_whole_address_in_one_line_says_where_it_is() -> None:
    """Postcode, place and region are read from it, unless the source tells them by themselves."""
    whole = Address("9 Mill Lane, Chatham, IL 62629")
    expected = PersonRecord(
        names=(Name(("ann",), ("lee",)),),
        addresses=(Home("9", "mill ln"),),
        postcodes=("62629",),
        places=("chatham",),
        regions=("il",),
        agency=GRANTS,
    )
    named = (PersonName("Ann Lee"),)
    assert claims.record_of(Person("p", names=named, addresses=(whole,)), GRANTS) == expected
    better = whole._replace(street="9 Mill Lane", locality="Springfield")
    found = claims.record_of(Person("p", names=named, addresses=(better,)), GRANTS)
    assert found == expected._replace(places=("springfield",))
    firm = claims.record_of(Organisation("o", addresses=(whole,)), GRANTS)
    assert (firm.addresses, firm.postcodes, firm.places, firm.regions) == expected[5:9]


def test_an_e_mail_address_says_a_name_of_its_organisation() -> None:
    """Its own domain is a name in one word, as in a file; everybody's domain is none."""
    told = LICENSED._replace(trading_names=(), emails=("info@harbourbread.example", "k@gmail.com"))
    assert claims.record_of(told, LICENSING)[0] == (("kowalczyk", "bakery"), ("@harbourbread",))


def test_only_verified_numbers_with_good_check_digits_count_as_verified() -> None:
    """A claimed number is compared but vouches for nothing; one that cannot be is left out."""
    told = LICENSED._replace(
        identifiers=(
            Identifier("us-ein", "04-2103594", Assurance.CLAIMED),
            Identifier("us-ein", "00-0000001", Assurance.VERIFIED),
            Identifier("lei", "HWUPKR0MPOU8FGXBT394", Assurance.VERIFIED),
        )
    )
    found = claims.record_of(told, GRANTS)
    assert found.identifiers == (("us-ein", "042103594"), ("lei", "hwupkr0mpou8fgxbt394"))
    assert found.verified == (("lei", "hwupkr0mpou8fgxbt394"),)


def told(*made: Event) -> dict[str, SubjectState]:
    """The subjects of one record after these events."""
    states: dict[str, SubjectState] = {}
    for one in made:
        for name, _, claim in subjects.told_by(one):
            before = states.get(name) or subjects.fresh(one, claim.ref)
            states[name] = subjects.apply(before, one, claim)
        states = subjects.settle(states)
    return states


def test_who_claims_nothing_any_more_has_no_record() -> None:
    """A withdrawn organisation leaves the resolver; before, its record is of its latest claim."""
    first = event(1, account=7, name="Acme Inc")
    (found,) = claims.records(told(first)).values()
    assert isinstance(found, OrganisationRecord)
    assert (found.agency, found.verified) == (LICENSING, (("licensing-account", "20007"),))
    last = event(1, 2, kind=EventKind.WITHDRAWN, account=7)
    assert [*claims.records(told(first, last)).values()] == [None]


def test_owners_and_officers_are_told_of_their_organisation() -> None:
    """An owner's name is his business's; a contact's is not, and he has a record of his own."""
    made = event(1, account=7, owner="411930012")
    name = PersonName(None, "Aleksander", None, "Petrovsky")
    for kind, owners in ((RoleKind.OWNER, 1), (RoleKind.SIGNATORY, 1), (RoleKind.CONTACT, 0)):
        claimed = made.claims
        assert isinstance(claimed, Claims)
        changed = claimed._replace(
            persons=(claimed.persons[0]._replace(names=(name,)),),
            roles=(claimed.roles[0]._replace(kind=kind),),
        )
        found = claims.records(told(made._replace(claims=changed)))
        (business,) = [one for one in found.values() if isinstance(one, OrganisationRecord)]
        (person,) = [one for one in found.values() if isinstance(one, PersonRecord)]
        assert business.owners == person.names[:owners]


def test_records_of_two_agencies_are_one_business_without_a_common_number() -> None:
    """Legal name and address are enough; a namesake in law elsewhere is another business."""
    granted = Organisation(
        "applicant",
        legal_name="KOWALCZYK BAKERIES LLC",
        identifiers=(Identifier("us-ein", "042103594", Assurance.VERIFIED),),
        addresses=(
            Address(None, "1200 West Harbour Street", None, "Chicago", "IL", "60601", None),
        ),
    )
    other = Address(None, "9 Mill Lane", None, "Springfield", "IL", "62701", None)
    resolver = Resolver(kind=ORGANISATION)
    resolver.apply(
        {
            "licence": claims.record_of(LICENSED, LICENSING),
            "grant": claims.record_of(granted, GRANTS),
            "namesake": claims.record_of(
                LICENSED._replace(
                    legal_name="Harbour Bread Inc",
                    identifiers=(),
                    addresses=(other,),
                    phones=(),
                    emails=(),
                ),
                GRANTS,
            ),
        }
    )
    assert resolver.entity("licence") == ("grant", "licence")
    assert resolver.entity("namesake") == ("namesake",)


def test_a_verified_number_of_both_is_enough() -> None:
    """Renamed and moved, a business is who its agencies say; a claimed number is not enough."""
    moved = Address(None, "9 Mill Lane", None, "Springfield", "IL", "62701")
    for assurance, together in ((Assurance.VERIFIED, True), (Assurance.CLAIMED, False)):
        numbers = (Identifier("us-ein", "042103594", assurance),)
        before = LICENSED._replace(identifiers=numbers, phones=(), emails=())
        after = Organisation("holder", "Springfield Foods Inc", (), numbers, (moved,))
        resolver = Resolver(kind=ORGANISATION)
        resolver.apply(
            {"a": claims.record_of(before, LICENSING), "b": claims.record_of(after, GRANTS)}
        )
        assert (resolver.entity("a") == ("a", "b")) is together


def test_records_of_a_chain_hang_together_by_keys_that_few_hold() -> None:
    """Shops of one verified number find each other, although too many have it and the name."""
    held: dict[Key, list[int]] = {}
    for shop in range(300):
        where = Address(None, f"{100 + 17 * shop} Elm St", None, "Chicago", "IL")
        told = LICENSED._replace(addresses=(where,), phones=(f"(312) 867-{5000 + shop}",))
        for key in ORGANISATION.keys(claims.record_of(told, LICENSING)):
            if key[0] in ORGANISATION.strong_keys:
                held.setdefault(key, []).append(shop)
    assert len(held["id", "licensing-account", "7701"]) == 300
    found = {0}
    for _ in range(20):
        for holders in held.values():
            if len(holders) <= HOLDERS_MAX and not found.isdisjoint(holders):
                found.update(holders)
    assert found == {*range(300)}
