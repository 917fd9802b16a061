"""What never joins two records, however well they agree; each refusal has a name."""

from collections.abc import Mapping
from random import Random

import pytest
from people import crowd, record

from hub.identity import evidence, vetoes
from hub.identity.kind import AreStrangers
from hub.identity.linking import Linker
from hub.identity.record import PHONES, Name, PersonRecord, Record
from hub.identity.resolver import Resolver
from hub.identity.scope import Scope

MARIA = record(
    "Maria", "Garcia", birth="1950-01-11", number="411930012", street="12 Oak Street", sex="f"
)
SSN = "us-ssn"
ONE_HOME = {"birth": "1953-07-02", "street": "590 Beverly Road", "phone": "(312) 867-5301"}
"""What is told of one person, or of twins, in each record."""


def strangers(number: int) -> dict[str, PersonRecord]:
    """People who have nothing in common, so that values are as rare as in a register."""
    chance = Random(7)
    letters = "bcdfghklmnprstvw"

    def word() -> str:
        return "".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(4))

    return {
        f"z{place:04}": record(
            word(), word(), birth=f"19{place % 70 + 20}-0{place % 9 + 1}-1{place % 8}",
            street=f"{place} {word()} Road", phone=f"312{2000000 + place * 977}",
        )
        for place in range(number)
    }  # fmt: skip


def verified(one: PersonRecord, value: str, scheme: str = SSN) -> PersonRecord:
    """The record with a verified identifier."""
    return one._replace(identifiers=((scheme, value),), verified=((scheme, value),))


def together(resolver: Resolver, a: str, b: str) -> bool:
    """Whether two records are one entity."""
    return resolver.entities[a] == resolver.entities[b]


def refusals(resolver: Resolver) -> set[str | None]:
    """Why possible links are not links."""
    return {one.refusal for one in resolver.possible()}


def resolved(records: Mapping[str, PersonRecord], resolver: Resolver | None = None) -> Resolver:
    """A resolver that has got all of them and has settled."""
    resolver = Resolver() if resolver is None else resolver
    resolver.apply(records)
    resolver.settle()
    return resolver


def test_two_verified_numbers_of_one_scheme_are_two_people_whatever_agrees() -> None:
    """Unless a steward says they are the same; a scheme that gives many numbers tells nothing."""
    people = {"a": verified(MARIA, "411930012"), "b": verified(MARIA, "411930021")}
    resolver = resolved(people)
    assert not together(resolver, "a", "b")
    assert refusals(resolver) == {vetoes.OTHER_VERIFIED}
    resolver.apply({}, {("a", "b"): True})
    assert together(resolver, "a", "b")
    several = {name: one._replace(verified=(("library", name),)) for name, one in people.items()}
    several["b"] = several["b"]._replace(identifiers=several["a"].identifiers)
    assert together(resolved(several), "a", "b")


def test_that_two_verified_numbers_are_alike_speaks_for_nobody() -> None:
    """Of a scheme that gives several: the one is no typing error of the other, as a claimed is."""
    names = {"a": record("Nuilc", "Bjorwkfgb"), "b": record("Nuilk", "Bjorwkfgd")}
    numbers = {"a": ("civic-login", "883654"), "b": ("civic-login", "883655")}
    people = {name: one._replace(identifiers=(numbers[name],)) for name, one in names.items()}
    crowd = strangers(3000)
    assert together(resolved({**crowd, **people}), "a", "b")
    people = {name: one._replace(verified=one.identifiers) for name, one in people.items()}
    resolver = resolved({**crowd, **people})
    assert resolver.explain("a", "b").refusal == "other_identifier"
    assert not together(resolver, "a", "b")


def test_names_mistyped_twice_join_nobody_whose_e_mail_addresses_are_not_the_same() -> None:
    """Alone; where a home agrees as well, such an address may be mistyped like the names."""
    people = {
        "a": record("Lpsl", "Nbyyf", email="lpsl.nbyyf@example.org"),
        "b": record("Lapsl", "Nabyyf", email="lapsl.nabyyf@example.org"),
    }
    crowd = {name: one._replace(births=()) for name, one in strangers(2000).items()}
    resolver = resolved({**crowd, **people})
    assert resolver.explain("a", "b").refusal == "similar_name_other_own"
    assert not together(resolver, "a", "b")
    home = record("Lpsl", "Nbyyf", street="12 Oak Street").addresses
    people = {name: one._replace(addresses=home) for name, one in people.items()}
    assert together(resolved({**crowd, **people}), "a", "b")


def test_agencies_without_an_agreement_are_never_linked_nor_shown() -> None:
    """Not by evidence, not by a steward, not through a third agency; and nobody is asked."""
    people = {
        name: MARIA._replace(agency=agency) for name, agency in zip("abc", "xyz", strict=True)
    }
    scope = Scope(apart=(frozenset("xz"),))
    resolver = resolved(people, Resolver(scope=scope))
    resolver.apply({}, {("a", "c"): True})
    assert not together(resolver, "a", "c")
    assert together(resolver, "a", "b") != together(resolver, "b", "c")
    assert all({one.a, one.b} != {"a", "c"} for one in resolver.possible())
    two = resolved({"a": people["a"], "c": people["c"]}, Resolver(scope=scope))
    assert not together(two, "a", "c")
    assert two.possible() == []
    assert two.explain("a", "c").refusal == vetoes.NO_AGREEMENT


def test_what_no_agreement_allows_is_not_even_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such pairs are counted by their agencies, once each, as far as the store has committed.

    Records that tell the same are one to be compared.
    """
    compared: list[frozenset[str]] = []

    plain = evidence.Beside.worth

    def worth(
        ours: evidence.Beside, other: Record, least: int, strangers: AreStrangers | None
    ) -> int | None:
        compared.append(frozenset((ours.record.agency, other.agency)))
        return plain(ours, other, least, strangers)

    monkeypatch.setattr(evidence.Beside, "worth", worth)
    resolver = Resolver(scope=Scope(apart=(frozenset("xz"),)))
    resolver.apply({name: MARIA._replace(agency=name) for name in "xyz"})
    resolver.settle()
    assert resolver.left_out == {("x", "z"): 1}
    assert frozenset("xy") in compared
    assert frozenset("xz") not in compared
    resolver.commit(1)
    resolver.apply({"z1": MARIA._replace(agency="z")})
    assert resolver.left_out == {("x", "z"): 1}, "it tells the same again"
    resolver.apply({"z2": MARIA._replace(agency="z", sexes=())})
    assert resolver.left_out == {("x", "z"): 2}
    resolver.rollback()
    assert resolver.left_out == {("x", "z"): 1}


def test_leaving_comparisons_out_changes_no_entity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compared and refused, or left out: the same entities and the same pairs for review."""
    scope = Scope(apart=(frozenset("xz"), frozenset("yw")))
    people = {
        name: one._replace(agency="wxyz"[place % 4])
        for place, (name, one) in enumerate(crowd(160, 11).items())
    }
    left_out = resolved(people, Resolver(scope=scope))
    with monkeypatch.context() as patched:
        patched.setattr(Linker, "_allowed", lambda _self, _record, near: near)
        refused = resolved(people, Resolver(scope=scope))
    assert {*left_out.entities.values()} == {*refused.entities.values()}
    assert left_out.possible() == refused.possible()
    assert {*left_out.entities.values()} != {*resolved(people).entities.values()}


def test_a_pair_that_a_steward_parted_waits_no_longer() -> None:
    """It waits again once the decision is taken back."""
    people = {"a": verified(MARIA, "411930012"), "b": verified(MARIA, "411930021")}
    resolver = resolved(people)
    assert [{one.a, one.b} for one in resolver.possible()] == [{"a", "b"}]
    changes = resolver.apply({}, {("a", "b"): False})
    assert resolver.possible() == []
    assert changes.possible == {("a", "b"): None}
    resolver.apply({}, {("a", "b"): None})
    assert len(resolver.possible()) == 1


def test_a_couple_that_shares_home_and_e_mail_address_is_two() -> None:
    """Whatever a home may share says nothing against another given name."""
    home = {
        "street": "9 Sycamore Lane",
        "phone": "(202) 867-5123",
        "email": "petrovsky@mail.example",
    }
    many = {name: one._replace(births=()) for name, one in strangers(900).items()}
    couple = {"a": record("Olga", "Petrovsky", **home), "b": record("Yusuf", "Petrovsky", **home)}
    resolver = resolved({**many, **couple})
    assert resolver.explain("a", "b").refusal == "other_given_name"
    assert not together(resolver, "a", "b")


def test_a_claimed_number_alone_needs_a_second_piece_of_evidence() -> None:
    """A number anybody may write down joins nobody by itself; a verified one does."""
    number = record(number="411930012")
    people = {**strangers(300), "a": MARIA, "b": number}
    resolver = resolved(people)
    assert not together(resolver, "a", "b")
    assert resolver.explain("a", "b").refusal == "identifier_alone"
    people["b"] = record("Maria", number="411930012")
    assert together(resolved(people), "a", "b")
    people |= {"a": verified(MARIA, "411930012"), "b": verified(number, "411930012")}
    assert together(resolved(people), "a", "b")


def test_a_telephone_of_an_office_is_learned_and_says_nothing() -> None:
    """A value that too many records hold weighs nothing, and the same as before when they go."""
    shared = {name: one._replace(phones=("+13125550199",)) for name, one in strangers(100).items()}

    def weight(records: Mapping[str, PersonRecord]) -> int:
        return resolved(records)._judge.weights.same(PHONES, "+13125550199")

    assert weight(dict(list(shared.items())[:40])) > 0
    assert weight(shared) == 0


def test_an_entity_of_too_many_records_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would grow past the cap stays apart and is named for a person to look at."""
    monkeypatch.setattr(vetoes, "RECORDS_MAX", 5)
    resolver = resolved(
        {f"r{number}": MARIA._replace(phones=(f"+1312555010{number}",)) for number in range(9)}
    )
    assert max(len(entity) for entity in resolver.entities.values()) == 5
    assert refusals(resolver) == {vetoes.TOO_MANY}


def test_twins_are_kept_apart_where_there_are_families() -> None:
    """Same home, birthday and surname, another given name: two people, unless nobody has family."""
    twin = {"birth": "1950-01-11", "street": "12 Oak Street", "phone": "(312) 867-5301"}
    twins = {"a": record("Maria", "Garcia", **twin), "b": record("Olga", "Garcia", **twin)}
    few, many = {**strangers(100), **twins}, {**strangers(900), **twins}
    assert resolved(few).explain("a", "b").refusal == "other_given_name"
    assert not together(resolved(few), "a", "b")
    assert together(resolved(many), "a", "b")
    families = {
        f"{name}-child": record("Otto", "Kraus", birth=f"2010-03-{int(name[1:]) % 28 + 1:02}")
        ._replace(addresses=one.addresses)
        for name, one in strangers(30).items()
    }  # fmt: skip
    assert not together(resolved({**many, **families}), "a", "b")


@pytest.mark.parametrize(
    ("number", "joined"), [("411-93-0013", False), ("411-93-0010", False), ("411-93-0412", True)]
)
def test_numbers_given_one_after_the_other_are_a_brothers_and_a_sisters(
    number: str, *, joined: bool
) -> None:
    """A digit mistyped elsewhere says that they are one, however the given names differ."""
    told = {"birth": "1953-07-02"}
    carl = record("Carl", "Hawkins", number="411-93-0012", **told)
    other = record("Karsten", "Hawkins", number=number, **told)
    resolver = resolved(strangers(300) | {"a": carl, "b": other})
    assert together(resolver, "a", "b") == joined


def test_frequent_values_are_no_typing_errors_of_each_other() -> None:
    """Of a school year all birthdays are nearly each other; one that nobody else has is an error.

    Of people of all ages and towns any two that are nearly the same may be one.
    """
    everybody = strangers(600)
    pupils = {
        name: one._replace(
            births=(f"2011-0{place % 9 + 1}-11",), postcodes=(f"6050{place % 2 + 1}",)
        )
        for place, (name, one) in enumerate(everybody.items())
    }
    one, other = ({"births": (f"2011-0{place}-11",), "postcodes": (f"6050{place}",)}
                  for place in (1, 2))  # fmt: skip
    a, b = (MARIA._replace(**told) for told in (one, other))
    mistyped = MARIA._replace(births=("2011-01-71",), postcodes=("60581",))
    year = resolved(pupils | {"a": a, "b": b, "mistyped": mistyped})
    ages = resolved(everybody | {"a": a, "b": b})
    for field in ("births", "postcodes"):
        assert year.weigh(["a"], ["b"]).fields[field] < 0
        assert year.weigh(["a"], ["mistyped"]).fields[field] > 0
        assert ages.weigh(["a"], ["b"]).fields[field] > 0


def test_who_shares_no_word_of_the_name_is_another_unless_a_number_is_verified() -> None:
    """Whatever else is the same: it is told of somebody else by mistake; a steward is asked."""
    told = {"birth": "1980-03-04", "number": "411930012", "phone": "(312) 867-5301",
            "email": "both@x.example"}  # fmt: skip
    people = {"a": record("Maria", "Garcia", **told), "b": record("Olga", "Nowak", **told)}
    crowd = strangers(300)
    resolver = resolved({**crowd, **people})
    assert not together(resolver, "a", "b")
    assert "other_given_name" in refusals(resolver)
    changed = {"a": people["a"], "b": record("Olga", "Garcia", **told)}
    assert together(resolved({**crowd, **changed}), "a", "b")
    sure = {name: verified(one, "411930012") for name, one in people.items()}
    assert together(resolved({**crowd, **sure}), "a", "b")


def test_a_family_is_no_question_for_a_steward() -> None:
    """Who shares a home and nothing else with a record of another given name is not looked at."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    maria = record("Maria", "Garcia", birth="1950-01-11", number="411930012", **home)
    people = {
        **strangers(300),
        "maria": maria,
        "pablo": record("Pablo", "Garcia", birth="1978-06-02", number="555301187", **home),
        "twin": record("Inez", "Garcia", birth="1950-01-11", **home),
        "initial": record("M", "Garcia", birth="1961-09-30", **home),
    }
    resolver = resolved(people)
    asked = {(one.a, one.b) for one in resolver.possible()}
    assert asked == {("maria", "twin"), ("initial", "maria")}
    assert resolver.explain("maria", "pablo").refusal == "other_given_name"
    resolver.apply({}, {("maria", "pablo"): True})
    assert together(resolver, "maria", "pablo")
    assert not together(resolver, "maria", "twin")


def test_without_household_rules_other_given_names_are_looked_at() -> None:
    """The rule of families is one of those that can be left away."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    people = {
        **strangers(300),
        "a": record("Maria", "Garcia", birth="1950-01-11", **home),
        "b": record("Pablo", "Garcia", birth="1950-01-12", **home),
    }
    without = resolved(people, Resolver(household_rules=False))
    assert together(without, "a", "b")
    assert not together(resolved(people), "a", "b")


def test_given_names_alike_and_other_names_of_birth_are_two_people() -> None:
    """Anna and Hannah Becker, of one home and birthday; the same given name is one all the same."""
    woman = {"birth": "1998-06-24", "street": "71 Sycamore Street", "phone": "(312) 867-5301"}
    people = {
        **strangers(50),
        "a": record("Anna", "Becker Kaiser", **woman),
        "b": record("Hannah", "Becker Gunther", **woman),
        "c": record("Anna", "Becker Kaisr", **woman),
        "d": record("Hannah", "Becker", **woman),
    }
    resolver = resolved(people)
    assert resolver.explain("a", "b").refusal == "other_second_surname"
    assert not together(resolver, "a", "b")
    assert together(resolver, "a", "c")
    assert together(resolver, "b", "d")
    again = {**people, "b": record("Anna", "Becker Gunther", **woman)}
    assert resolved(again).explain("a", "b").refusal is None


def test_a_surname_told_twice_with_an_error_is_no_other_name_of_birth() -> None:
    """Surnames that are one but for an error are one; two on both sides, not the same, are two."""
    told = {"birth": "1933-07-01", "street": "3 Mill Lane"}
    names = [("Liss", "Krebs", "Kdebs"), ("Lissi", "Wende", "Krebs"), ("Lissi", "Wende", "Zorn")]
    one, other, third = (
        record(given, "", **told)._replace(names=(Name((given.lower(),), (a.lower(), b.lower())),))
        for given, a, b in names
    )
    resolver = resolved(strangers(300) | {"a": one, "b": other})
    assert together(resolver, "a", "b")
    assert resolver.explain("a", "b").refusal is None
    sisters = record("Liss", "", **told)._replace(names=(Name(("liss",), ("krebs", "wende")),))
    apart = resolved(strangers(300) | {"a": third, "b": sisters})
    assert apart.explain("a", "b").refusal == "other_second_surname"


def test_names_one_letter_apart_and_another_number_are_two_people() -> None:
    """Aniela and Anieli, born on one day at one home, each with an e-mail address of her own."""
    twin = {"birth": "1976-09-30", "street": "590 Beverly Road"}
    people = {
        **strangers(50),
        "a": record("Aniela", "Kunysz", email="aniela.k7@mail.example", **twin),
        "b": record("Anieli", "Kunysz", email="anieli.k70@post.example", **twin),
        "c": record("Aniela", "Kunysz", email="kunysz@else.example", **twin),
    }
    resolver = resolved(people)
    assert resolver.explain("a", "b").refusal == "similar_name_other_own"
    assert not together(resolver, "a", "b")
    assert together(resolver, "a", "c")


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ("Wilmer", "Wiilmer", True),
        ("Lon", "L Carrol", True),
        ("Lon", "K Carrol", False),
        ("Lon", "Carrol", False),
    ],
)
def test_a_given_name_spelt_otherwise_or_its_initial_with_a_middle_name_is_ones_own(
    one: str, other: str, *, joined: bool
) -> None:
    """Beside another e-mail address that is not made of it; another name is another's."""
    people = {
        **strangers(50),
        "a": record(one, "Kunysz", email="maja.stutz@mail.example", **ONE_HOME),
        "b": record(other, "Kunysz", email="roeck7@post.example", **ONE_HOME),
    }
    assert together(resolved(people), "a", "b") is joined


def test_an_initial_of_one_record_does_not_hide_the_full_name_of_another() -> None:
    """Lena, also told as L., and Lina, each with an e-mail address of her own, are twins."""
    lena = {"email": "lena.k@mail.example", **ONE_HOME}
    people = {
        **strangers(50),
        "a": record("Lena", "Kunysz", **lena),
        "b": record("L Marta", "Kunysz", **lena),
        "c": record("Lina", "Kunysz", email="lina.kunysz@post.example", **ONE_HOME),
    }
    resolver = resolved(people)
    assert together(resolver, "a", "b")
    assert not together(resolver, "a", "c")


def test_a_mistyped_name_beside_another_e_mail_address_is_ones_own() -> None:
    """Where neither address is made of the name, few have it, and birthday and home agree."""
    people = {
        **strangers(50),
        "a": record("Nathan", "Kunysz", email="maja.stutz@mail.example", **ONE_HOME),
        "b": record("Nahan", "Kunysz", email="roeck7@post.example", **ONE_HOME),
    }
    assert together(resolved(people), "a", "b")
    usual = {
        f"{name}-child": one._replace(
            names=(Name(("nathan" if place % 4 else "nahan",), one.names[0].surname),),
            births=("2011-03-05",),
        )
        for place, (name, one) in enumerate(strangers(300).items())
    }
    assert not together(resolved({**people, **usual}), "a", "b")


def test_two_usual_names_a_letter_apart_are_two_people_of_one_home() -> None:
    """Lea and Lena where many are called so; where nobody else is, one of them was mistyped."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    two = {"a": record("Lea", "Garcia", **home), "b": record("Lena", "Garcia", **home)}
    usual = {
        f"{name}-child": one._replace(
            names=(Name(("lea" if place % 4 else "lena",), one.names[0].surname),),
            births=("2011-03-05",),
        )
        for place, (name, one) in enumerate(strangers(300).items())
    }
    assert together(resolved({**strangers(300), **two}), "a", "b")
    resolver = resolved({**strangers(300), **usual, **two})
    assert resolver.explain("a", "b").refusal == "other_given_name"
    assert not together(resolver, "a", "b")


def test_another_day_of_one_year_is_no_father_and_no_son() -> None:
    """Of one name and home they are one whose day was mistyped; another year is another person."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    people = {
        **strangers(50),
        "a": record("Ingrid", "Garcia", birth="1950-01-11", **home),
        "b": record("Ingrid", "Garcia", birth="1950-08-24", **home),
        "c": record("Ingrid", "Garcia", birth="1978-09-23", **home),
    }
    resolver = resolved(people)
    assert together(resolver, "a", "b")
    assert not together(resolver, "a", "c")
    assert resolver.explain("a", "c").refusal == "other_birth_date"
    cousins = {
        "d": record("Ingrid Olga", "Garcia", birth="1950-08-24", **home),
        "e": record("Ingrid Ruth", "Garcia", birth="1950-01-11", **home),
    }
    people = {**strangers(50), "a": people["a"], **cousins}
    assert not together(resolved(people), "a", "d")


def test_another_day_beside_one_e_mail_address_is_a_wrong_one_but_a_generation_apart() -> None:
    """Fathers and sons of one full name have each their own; what is known of both says less."""
    mail = {"email": "ingrid.garcia@post.example"}
    near, far = "1958-08-24", "1978-09-23"
    people = {
        **strangers(300),
        "a": record("Ingrid", "Garcia", birth="1950-01-11", **mail),
        "b": record("Ingrid", "", birth=near, **mail),
    }
    assert together(resolved(people), "a", "b")
    people["b"] = record("Ingrid", "", birth=far, **mail)
    resolver = resolved(people)
    assert resolver.explain("a", "b").refusal == "other_birth_date"
    assert not together(resolver, "a", "b")


def test_where_birth_dates_are_not_told_another_given_name_is_another_person() -> None:
    """A father and his daughter, of one surname, home and telephone, in a file of many homes."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    two = {"a": record("Maria", "Garcia", **home), "b": record("Oleg", "Garcia", **home)}
    many = {name: one._replace(births=()) for name, one in strangers(900).items()}
    resolver = resolved({**many, **two})
    assert resolver.explain("a", "b").refusal == "other_given_name"
    assert not together(resolver, "a", "b")


def test_a_given_name_mistyped_badly_is_ones_own_where_nobody_shares_a_home() -> None:
    """Half of it is left; where others share their homes, it may be a brother's."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    two = {"a": record("Robert", "Garcia", **home), "b": record("Robidt", "Garcia", **home)}
    many = {name: one._replace(births=()) for name, one in strangers(900).items()}
    assert together(resolved({**many, **two}), "a", "b")
    siblings = {
        f"{name}s": one._replace(names=(Name(("xyzzy",), one.names[0].surname),))
        for name, one in many.items()
    }
    resolver = resolved({**many, **siblings, **two})
    assert resolver.explain("a", "b").refusal == "other_given_name"


def test_a_sex_or_suffix_that_everybody_has_speaks_against_nobody() -> None:
    """A column of one value weighs a little less than nothing; it contradicts nothing."""
    two = {
        "a": record("Maria", "Garcia", birth="1950-01-11", street="12 Oak Street", sex="f"),
        "b": record("M", "Garcia", birth="1950-01-11", street="12 Oak Street", sex="f"),
    }
    women = {
        name: one._replace(sexes=("f",), suffixes=("jr",)) for name, one in strangers(900).items()
    }
    two = {name: one._replace(suffixes=("jr",)) for name, one in two.items()}
    resolver = resolved({**women, **two})
    assert resolver.explain("a", "b").refusal is None
    assert together(resolver, "a", "b")


def test_a_pair_a_little_short_of_the_threshold_is_one_where_neither_has_another_choice() -> None:
    """A single name and a place: enough, unless somebody else fits as well or something differs."""
    here = {"places": ("kelso",), "postcodes": ("20376",)}
    one = record("", "Lott")._replace(**here)
    crowd = {
        name: other._replace(**here) if place % 2 else other
        for place, (name, other) in enumerate(strangers(300).items())
    }
    people = {**crowd, "a": one, "b": one}
    resolver = resolved(people)
    told = resolver.explain("a", "b")
    assert told.refusal is None
    assert resolver._judge.least <= told.total < told.threshold
    assert together(resolver, "a", "b")
    assert not together(resolved({**people, "c": one}), "a", "b")
    called = {
        "a": one._replace(phones=("+13125550001",)),
        "b": one._replace(phones=("+17085559999",)),
    }
    assert not together(resolved({**people, **called}), "a", "b")


def test_a_half_spoilt_given_name_is_a_sisters_of_one_home_or_of_another_birthday() -> None:
    """Who shares the birthday alone is the same with an ill-written name; twins share the home."""
    home = {"street": "12 Oak Street", "phone": "(312) 867-5301"}
    day, post = {"birth": "1976-09-30"}, {"postcodes": ("60601",), "places": ("chicago",)}
    people = {
        **strangers(50),
        "a": record("Oliver", "Kunysz", **day)._replace(**post),
        "b": record("Oiveb", "Kunysz", **day)._replace(**post),
    }
    resolver = resolved(people)
    assert resolver.explain("a", "b").refusal is None
    assert together(resolver, "a", "b")
    for other in (
        {"a": record("Oliver", "Kunysz", **home, **day), "b": record("Oiveb", "Kunysz", **home)},
        {name: record(name, "Kunysz", **home, **day) for name in ("Maria", "Markus")},
    ):
        resolver = resolved({**strangers(50), **other})
        one, two = other
        assert resolver.explain(one, two).refusal == "other_given_name"
        assert not together(resolver, one, two)


def test_where_no_address_is_told_families_are_seen_by_surname_and_postcode() -> None:
    """Two given names of one birthday are one person where nobody shares surname and postcode."""

    def by_post(one: PersonRecord, place: int) -> PersonRecord:
        return one._replace(addresses=(), postcodes=(f"k{place:04}",))

    many = {name: by_post(one, place) for place, (name, one) in enumerate(strangers(900).items())}
    told = {"birth": "1976-09-30", "phone": "(312) 867-5301"}
    two = {
        name: by_post(record(given, "Kunysz", **told), 9999)
        for name, given in (("a", "Maria"), ("b", "Oleg"))
    }
    assert together(resolved({**many, **two}), "a", "b")
    brothers = {
        f"{name}{number}": one._replace(
            names=(Name((f"b{number}olek",), one.names[0].surname),),
            births=(f"19{20 + number:02}-02-01",),
        )
        for name, one in [*many.items()][:60]
        for number in (0, 50)
    }
    assert not together(resolved({**many, **brothers, **two}), "a", "b")
