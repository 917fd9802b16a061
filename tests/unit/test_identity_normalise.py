"""Normalising: what people write is made comparable, and placeholders are unknown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.identity import dates, normalise
from hub.identity.levels import email_level, identifier_level
from hub.identity.name_weights import less_in_long_names, weigh_names
from hub.identity.name_words import alike
from hub.identity.names import agreement, given_names, typed_given
from hub.identity.person import PERSON
from hub.identity.record import NAMES, Name
from hub.identity.weigh import load_model

text = st.text(max_size=40)


@given(text)
def test_normalising_again_changes_nothing(value: str) -> None:
    """Each function gives what it was given, where that is its own result."""
    for function in (normalise.plain, normalise.identifier, normalise.email, normalise.postcode):
        once = function(value)
        assert once is None or function(once) == once
    place = normalise.place(value)
    assert place is None or normalise.place(place) == place
    tokens = normalise.name_tokens(value)
    assert not tokens or normalise.name_tokens(" ".join(tokens)) == tokens
    phone = normalise.phone(value)
    assert phone is None or normalise.phone(phone) == phone


@given(
    value=st.one_of(text, st.text("0123456789-/. tTjanmrJ", max_size=14)), day_first=st.booleans()
)
def test_dates_of_any_text_are_none_or_stay(value: str, *, day_first: bool) -> None:
    """Whatever stands where a date should: the outcome is its own."""
    found = normalise.birth(value, day_first=day_first)
    assert found is None or normalise.birth(found) == found


@example("A2NAME", "", "us-ssn")  # a word of a form in the place of a surname
@given(text, text, st.sampled_from(("us-ssn", "us-ein", "national")))
def test_no_text_breaks_normalising(one: str, other: str, scheme: str) -> None:
    """Names in one field or two, numbers, suffixes, sexes: a value or nothing, and it stays."""
    for made in (normalise.full_name(one), normalise.name(one, other)):
        if made is not None:
            assert normalise.name(" ".join(made.given), " ".join(made.surname)) == made
    number = normalise.number(scheme, one)
    assert number is None or normalise.number(*number) == number
    normalise.suffix(one)
    normalise.sex(one)


@given(st.dates().map(str))
def test_a_date_stays_one(value: str) -> None:
    """ISO dates are taken as they are, but for default dates."""
    found = normalise.birth(value)
    assert found in (value, None)
    assert (found is None) == (value in normalise.DEFAULT_DATES)


@pytest.mark.parametrize(
    ("written", "day_first", "expected"),
    [
        ("03/04/1980", False, "1980-03-04"),
        ("4 March 1980", False, "1980-03-04"),
        ("Mar 4, 80", False, "1980-03-04"),
        ("1980-03-04T00:00:00", False, "1980-03-04"),
        ("1980", False, "1980"),
        ("1980-05-00", False, "1980-05"),
        ("05/1980", False, "1980-05"),
        ("03/04/1980", True, "1980-04-03"),
        ("19800304", False, "1980-03-04"),
        ("03041980", False, "1980-03-04"),
        ("3001-19-66", False, "1966-01-30"),
        ("1900-01-01", False, None),
        ("unknown", False, None),
    ],
)
def test_dates_of_birth(written: str, *, day_first: bool, expected: str | None) -> None:
    """Each agency's order of day and month; digits run together or into the wrong places."""
    assert normalise.birth(written, day_first=day_first) == expected


@pytest.mark.parametrize(
    ("given_name", "surname", "expected"),
    [
        ("Dr. María José", "O\u2019Neil-Smith Jr.", Name(("maria", "jose"), ("oneil", "smith"))),
        ("J.R.", "Mc Donald", Name(("j", "r"), ("mcdonald",))),
        ("Mary Ann", "O Neil III", Name(("mary", "ann"), ("oneil",))),
        ("Ro8ert", "Carre\u00f1o Qui\u00f1ones", Name(("robert",), ("carreno", "quinones"))),
        ("帅", "黄", Name(("shuai",), ("huang",))),
        ("RESPONDENT", "Garcia", Name((), ("garcia",))),
        ("unknown", "N/A", None),
    ],
)
def test_names(given_name: str, surname: str, expected: Name | None) -> None:
    """Titles, suffixes, marks and scripts are taken off; a role is no name."""
    assert normalise.name(given_name, surname) == expected


def test_names_in_one_field() -> None:
    """With a comma the surname is first, without it last."""
    assert normalise.full_name("GARCIA, Maria") == Name(("maria",), ("garcia",))
    assert normalise.full_name("Maria Garcia") == Name(("maria",), ("garcia",))
    assert normalise.full_name("Ludwig van der Berg") == Name(("ludwig",), ("van", "der", "berg"))
    assert normalise.full_name("GARCIA LOPEZ, Maria") == Name(("maria",), ("garcia", "lopez"))
    assert normalise.full_name("SMITH^JOHN^Q") == Name(("john", "q"), ("smith",))
    assert normalise.full_name("VAN DER BERG<<LUDWIG<JAN") == Name(
        ("ludwig", "jan"), ("van", "der", "berg")
    )
    assert normalise.full_name("John Smith, CPA") == Name(("john",), ("smith",))
    assert normalise.full_name("John Smith, Ph.D., R.N.") == Name(("john",), ("smith",))
    assert normalise.full_name("Smith, Do") == Name(("do",), ("smith",))
    assert normalise.full_name("王小明") == Name(("xiaoming",), ("wang",))
    assert normalise.full_name("欧阳明") == Name(("ming",), ("ouyang",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("312-867-5301 / 312-867-5302", ("+13128675301", "+13128675302")),
        ("312 867 5301;312 867 5301", ("+13128675301",)),
        ("(312) 867-5301 or 312-867-5302", ("+13128675301", "+13128675302")),
        ("312/867-5301", ("+13128675301",)),
        ("(312) 867-5301, ext. 45", ("+13128675301",)),
        ("0044 20 7946 0958", ("+442079460958",)),
        ("none, 0000000000", ()),
        ("+1 131286753014552", ("+13128675301",)),
        ("13 12 86 75 30 14 55 2", ("+13128675301",)),
        ("+49 30 9018201234", ("+49309018201234",)),
        (
            ";".join(f"312-867-{one}" for one in range(5301, 5320)),
            tuple(f"+1312867{one}" for one in range(5301, 5305)),
        ),
    ],
)
def test_telephone_numbers_in_one_text(text: str, expected: tuple[str, ...]) -> None:
    """Each once, a line's extension left away, and what is dialled for a plus read as one.

    Of a number of North America also where the extension is run together with it.
    """
    assert normalise.phones(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@x.example; B@Y.example", ("a@x.example", "b@y.example")),
        ("Ann Lee <ann@x.example>", ("ann@x.example",)),
        ("mailto:ann@x.example", ("ann@x.example",)),
        ("info at x.example", ("info@x.example",)),
        ("info (at) x.example", ("info@x.example",)),
        ("meet at noon", ()),
        ("at x.example, b@y.example", ("b@y.example",)),
        ("邮箱\uff1aann@x.example\uff08常用\uff09", ("ann@x.example",)),
        ("none@none.example, no address", ()),
        ("ann***@x.example, a@x.example", ("a@x.example",)),
        (
            " ".join(f"{one}@x.example" for one in "abcdef"),
            tuple(f"{one}@x.example" for one in "abcd"),
        ),
    ],
)
def test_e_mail_addresses_in_one_text(text: str, expected: tuple[str, ...]) -> None:
    """Without the names and brackets around them."""
    assert normalise.emails(text) == expected


def test_of_which_country_telephone_numbers_are() -> None:
    """Where most can be numbers, of the countries that others tell; else of the United States."""
    british = ["07911 123456", "020 7946 0958", "07400 123456"]
    assert normalise.region_of(british) == "US"
    assert normalise.region_of([*british, "+44 7911 555444"]) == "GB"
    assert normalise.region_of([*british, "0049 30 901820", "0044 7911 555444"]) == "GB"
    american = ["(312) 867-5301", "1-907-743-6858", "202 456 1111"]
    assert normalise.region_of([*american, "+44 7911 555444"]) == "US"
    assert normalise.region_of(["+", "+999", ""]) == "US"
    assert normalise.region_of([*american, "956 621 050", "+49 30 901820"]) == "US"
    spanish = ["956 621 050", "912 345 678"]
    assert normalise.region_of([*spanish, "+34 912 345 679", "+34 956 1", "+49 30 901820"]) == "ES"


def test_towns_are_known_by_both_of_their_names() -> None:
    """Of old, in another language, or with umlauts written out."""
    assert normalise.place("Munich") == normalise.place("MÜNCHEN") == normalise.place("Muenchen")
    assert normalise.place("Bombay") == normalise.place("Mumbai") != normalise.place("Navi Mumbai")


def test_states_and_provinces_are_known_by_both_of_their_names() -> None:
    """By the short one; others by their own."""
    assert normalise.region("New South Wales") == normalise.region("NSW") == "nsw"
    assert normalise.region("Virginia") == normalise.region("va.") == "va"
    assert normalise.region("Bayern") == "bayern"
    assert normalise.region(" ") is None
    assert normalise.phone("07911 555444", "GB") == normalise.phone("+44 7911 555444")


@pytest.mark.parametrize("value", ["000-00-0000", "123456789", "999999999", "12"])
def test_placeholders_are_no_numbers(value: str) -> None:
    """Repeated and counting digits identify nobody."""
    assert normalise.identifier(value) is None


@pytest.mark.parametrize(
    ("scheme", "written", "expected"),
    [
        ("us-ssn", "536-90-4399", ("us-ssn", "536904399")),
        ("us-ssn", "000-12-3456", None),
        ("us-ssn", "666-12-3456", None),
        ("us-ssn", "900-12-3456", None),
        ("us-ssn", "950-91-4423", ("us-itin", "950914423")),
        ("us-ssn", "536-90-43O9", ("us-ssn", "5369043o9")),
        ("us-ein", "07-1234567", None),
        ("us-ein", "12-3456789", None),
        ("us-ein", "20-1234567", ("us-ein", "201234567")),
    ],
)
def test_numbers_a_scheme_cannot_have_are_unknown(
    scheme: str, written: str, expected: tuple[str, str] | None
) -> None:
    """A damaged one is kept to be compared, a taxpayer number is one of its own kind."""
    assert normalise.number(scheme, written) == expected


def test_telephone_numbers_are_one_however_written() -> None:
    """To E.164; a number of one digit is none."""
    assert {
        normalise.phone(one) for one in ("(907) 743-6858", "+1 907 743 6858", "9077436858")
    } == {"+19077436858"}
    assert normalise.phone("5550000000") is None


def test_names_agree_token_by_token() -> None:
    """Swapped parts, nicknames, typing errors, initials and words cut elsewhere; and conflicts."""
    one = Name(("robert",), ("smith",))
    assert agreement(one, Name(("smith",), ("robert",))).exact == ("robert", "smith")
    assert agreement(one, Name(("bob",), ("smith",))).nickname == 1
    assert agreement(one, Name(("robrt",), ("smith",))).fuzzy == 1
    assert agreement(one, Name(("r",), ("smith",))).initial == 1
    assert agreement(one, Name(("olga",), ("smith",))).other_given
    assert agreement(one, Name(("robert",), ("nowak",))).other_surname
    assert agreement(Name((), ("vandam",)), Name((), ("van", "dam"))).fuzzy == 1


def test_one_name_spelt_or_cut_otherwise_is_one() -> None:
    """Sounds in other letters, family names as they are romanised, given names of two syllables."""
    for a, b in (("lakshmi", "laxmee"), ("yeong", "young"), ("wijay", "vijay"), ("lim", "rim")):
        assert alike(a, b) == "fuzzy", (a, b)
    cut = agreement(Name(("min", "jun"), ("kim",)), Name(("minjoon",), ("gim",)))
    assert (cut.fuzzy, cut.other_given, cut.other_surname) == (2, False, False)
    assert agreement(Name(("ann", "mary"), ("roe",)), Name(("olga",), ("roe",))).other_given


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (("ghosh", "praveen"), ("praaveen", "g"), True),
        (("smith", "jon"), ("john", "s"), True),
        (("ghosh", "praveen"), ("praveen", "d"), False),
        (("ghosh", "praveen"), ("manoj", "g"), False),
    ],
)
def test_an_initial_stands_for_a_surname_also_where_names_are_exchanged(
    one: tuple[str, str], other: tuple[str, str], *, agree: bool
) -> None:
    """Surname first here, and as an initial behind the given name there; in either order."""
    names = [Name((given,), (surname,)) for given, surname in (one, other)]
    for a, b in (names, names[::-1]):
        assert (given_names(a, b) > 0) == agree
        assert agreement(a, b).initial == agree


def test_a_middle_initial_may_stay_where_it_was_when_names_are_exchanged() -> None:
    """Surname, middle and given name here; given name and initial of the middle one there."""
    read_in_turn = Name(("clderon", "freddy"), ("ezequiel",))
    assert given_names(read_in_turn, Name(("ezequiel", "f"), ("calderon",))) == 1
    assert agreement(read_in_turn, Name(("ezequiel", "f"), ("calderon",))).initial == 1
    assert agreement(read_in_turn, Name(("ezequiel", "p"), ("calderon",))).initial == 0


def test_given_names_agree_in_another_order_run_together_and_spelt_otherwise() -> None:
    """What offices do at once: a surname first, two syllables as one word, a sound spelt anew."""
    assert given_names(Name(("mishraa",), ("sobha",)), Name(("shobhaa",), ("mishra",))) == 1
    assert given_names(Name(("jiyeoong",), ("yoo",)), Name(("ji", "young"), ("yoo",))) == 1
    assert alike("dineshh", "deenes") == "fuzzy"
    assert given_names(Name(("mishraa",), ("sobha",)), Name(("vishal",), ("mishra",))) <= 0
    assert given_names(Name(("ji", "young"), ("yoo",)), Name(("minjun",), ("yoo",))) == -1
    assert alike("lee", "loo") is None


def test_what_agrees_in_the_other_part_alone_shows_that_the_parts_are_exchanged() -> None:
    """The rest is compared crosswise then: an initial, what typing errors left; not otherwise."""
    one = Name(("jyothi",), ("mishra",))
    assert agreement(one, Name(("m",), ("jyothi",))).initial == 1
    assert given_names(one, Name(("m",), ("jyothi",))) == 0
    spoilt = agreement(one, Name(("mixhsa",), ("jyothi",)))
    assert (spoilt.distant, spoilt.left_over, spoilt.other_given) == (1, False, False)
    hassan = Name(("hassan", "abdullah"), ("hassan",))
    for pair in (
        (hassan, Name(("khadija",), ("hassan",))),
        (Name(("karim",), ("hassan",)), hassan),
    ):
        assert agreement(*pair).other_given
        assert not agreement(*pair).other_surname


def test_of_a_short_name_letters_may_be_swapped_or_an_inner_one_lost() -> None:
    """Another letter makes another name of it."""
    assert alike("uwe", "uew") == "fuzzy"
    assert alike("mia", "ma") == "fuzzy"
    assert alike("tim", "tom") is None
    assert alike("bo", "ob") is None


def test_of_names_alike_it_is_told_which_only_typing_errors_made_different() -> None:
    """Not those that are spelt in several ways, nor those beside a given name that agrees."""
    lea, lena = Name(("lea",), ("roe",)), Name(("lena",), ("roe",))
    assert agreement(lea, lena).typed == (("lea", "lena"),)
    assert typed_given(lea, lena) == (("lea", "lena"),)
    assert agreement(Name(("ahmed",), ("roe",)), Name(("ahmad",), ("roe",))).typed == ()
    assert typed_given(Name(("ahmed",), ("roe",)), Name(("ahmad",), ("roe",))) == ()
    both = Name(("lea", "ruth"), ("roe",)), Name(("lena", "ruth"), ("roe",))
    assert typed_given(*both) == ()


def test_a_typing_error_weighs_less_between_names_that_many_have() -> None:
    """In full where few have one of them, or two in a small file; against, where all have both."""
    levels = load_model(PERSON).fields[NAMES].levels

    def weight(of_one: int, of_other: int, never_told: int) -> int:
        told = {"lea": of_one, "lena": of_other, "": never_told}
        return weigh_names(told.__getitem__, levels, Name(("lea",), ()), Name(("lena",), ()))

    assert weight(5000, 12000, 12000) == weight(5000, 10800, 12000) == levels["fuzzy"]
    assert weight(5000, 8700, 9700) == weight(5000, 8100, 9700) == levels["fuzzy"]
    assert 0 < weight(5000, 8000, 12000) < weight(5000, 9000, 12000) < levels["fuzzy"]
    assert weight(6500, 6400, 12000) == 0 > weight(5000, 5000, 12000) == -1000
    assert weight(6000, 6000, 7600) == levels["fuzzy"] > weight(4000, 4000, 7600) == 0


def test_a_rare_name_that_is_mistyped_weighs_nearly_as_if_it_were_told() -> None:
    """Up to a limit; one that is not so rare as any other typing error, and never less."""
    levels = load_model(PERSON).fields[NAMES].levels

    def weight(meant: int, other: int = 14_000) -> int:
        told = {"zornek": meant, "zornxek": other, "": 14_000}
        return weigh_names(told.__getitem__, levels, Name((), ("zornek",)), Name((), ("zornxek",)))

    assert weight(10_500) == 10_500 - levels["typed_less"] > levels["fuzzy"]
    assert weight(13_000) == levels["typed_cap"] < 13_000 - levels["typed_less"]
    assert weight(7_000) == levels["fuzzy"]
    assert weight(9_000, 9_000) < levels["fuzzy"]
    one, other = "constantinopolis", "constantinopulous"
    assert alike(one, other) == "fuzzy"
    told = {one: 13_000, other: 14_000, "": 14_000}
    found = weigh_names(told.__getitem__, levels, Name((), (one,)), Name((), (other,)))
    assert found == levels["fuzzy"], "three errors are no slip"


def test_a_name_of_which_errors_leave_half_neither_agrees_nor_contradicts() -> None:
    """But of less than half, or of two letters, it contradicts."""
    one = Name(("edward",), ("hughes",))
    spoilt = agreement(one, Name(("ewdaad",), ("hughes",)))
    assert (spoilt.distant, spoilt.distant_given, spoilt.other_given) == (1, True, False)
    assert given_names(one, Name(("ewdaad",), ("hughes",))) == 0
    assert agreement(one, Name(("edith",), ("hughes",))).other_given
    assert agreement(one, Name(("edward",), ("hgus",))).distant_given is False
    assert agreement(Name(("bo",), ("li",)), Name(("bu",), ("li",))).other_given


def test_an_initial_may_be_that_of_what_a_name_is_short_for() -> None:
    """C. is Kate, who is Catherine; it is not Olga."""
    kate, other = Name(("kate",), ("roe",)), Name(("olga",), ("roe",))
    letter = Name(("c",), ("roe",))
    assert agreement(*sorted((kate, letter))).initial == 1
    assert given_names(kate, letter) == 0
    assert given_names(other, letter) == -1


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("ann9@post.example.org", "ann9@psot.example.org", "near"),
        ("annroe9@post.example.org", "anroe9@post.exampel.org", "near"),
        ("ann9@post.example.org", "ann9@work.example.com", "user"),
        ("ann9@post.example.org", "ann8@post.example.org", "other"),
        ("anne9@web.de", "ann9@gmx.de", "other"),
        ("ann70431@post.example.org", "ann70481@post.example.org", "near"),
        ("ann1984@post.example.org", "ann1985@post.example.org", "other"),
        ("saamuel224@morton.com", "samuel24@mortno.com", "spoilt"),
        ("tsarlin74@mortno.com", "starling74@morton.com", "near"),
        ("samuel25@morton.com", "sammuel24@mortno.com", "other"),
        ("lynn04@jones.com", "l0nny4@ones.com", "near"),
        ("kathryn20@goodman.com", "kath0y2r@goodman.com", "near"),
        ("ann.roe12@morton.com", "ann.roe21@morton.com", "other"),
        ("ab@c.de", "ba@c.de", "near"),
    ],
)
def test_email_addresses_may_be_mistyped_on_both_sides(a: str, b: str, level: str) -> None:
    """Also in the domain, and in many digits; another domain of few letters is another."""
    assert email_level(a, b) == level


def test_another_number_of_which_one_has_several_says_nothing() -> None:
    """A card of a library is not the only one; the number of a passport is."""
    assert identifier_level(("membership", "a70431"), ("membership", "b99120")) is None
    assert identifier_level(("membership", "a70431"), ("membership", "a70432")) == "near"
    assert identifier_level(("passport", "a70431"), ("passport", "b99120")) == "other"


@pytest.mark.parametrize(
    ("cut", "whole", "level"),
    [("jo", "jonas", "initial"), ("do", "dorn", None), ("li", "ling", None),
     ("joh", "john", "fuzzy"), ("ma", "jonas", None)],
)  # fmt: skip
def test_a_name_may_be_cut_off_after_two_letters(cut: str, whole: str, level: str | None) -> None:
    """If it is a long one: of names of four letters many begin so."""
    assert alike(cut, whole) == alike(whole, cut) == level


def test_particles_of_a_surname_weigh_nothing_but_names_of_the_same_letters_do() -> None:
    """Left away, moved or shared by two, they tell nothing; Le and Al alone are names."""
    one = Name(("jan",), ("van", "den", "berg"))
    assert agreement(one, Name(("jan",), ("berg",))).exact == ("jan", "berg")
    assert agreement(one, Name(("jan",), ("berg", "van", "den"))).exact == ("jan", "berg")
    other = agreement(one, Name(("jan",), ("van", "den", "broek")))
    assert (other.exact, other.other_surname) == (("jan",), True)
    assert agreement(Name(("ana",), ("da", "silva")), Name(("ana",), ("dasilva",))).fuzzy == 1
    le = Name(("al",), ("le",))
    assert agreement(le, le).exact == ("al", "le")


def test_a_day_that_can_be_no_month_is_a_day_and_a_file_tells_its_order() -> None:
    """24.12.1961 in a file of either order; 03.04.1980 by the dates of the same file that tell."""
    assert dates.birth("24.12.1961") == dates.birth("12/24/1961") == "1961-12-24"
    assert dates.birth("03.04.1980", day_first=True) == "1980-04-03"
    assert dates.are_day_first(["03.04.1980", "24.12.1961", "", "1980-31-12"])
    assert not dates.are_day_first(["03/04/1980", "12/24/1961", "1961"])


def test_a_word_weighs_less_in_a_long_name_than_in_a_short_one() -> None:
    """By chance it is in a name of four words twice as often as in one of two: a bit a word."""
    short, long = Name(("ana",), ("lima",)), Name(("ana", "rosa"), ("lima", "melo"))
    assert less_in_long_names(Name(("ana",), ()), Name(("eva",), ())) == -1000
    assert less_in_long_names(short, short) == 0
    assert less_in_long_names(long, long) == 1000


def test_levels_of_dates_and_addresses_of_e_mail() -> None:
    """Day and month swapped are near; namesakes' addresses, which differ by digits, are not."""
    assert dates.level("1980-03-04", "1980-04-03") == "near"
    assert dates.level("1980-03-04", "1981-03-04") == "near"
    assert dates.level("1980-03-04", "1980-03-15") == "two_parts"
    assert dates.level("1980-03-04", "1952-11-20") == "other"
    assert dates.level("1938-03-04", "2038-03-04") == "near"
    assert dates.level("1980-01-01", "1980-07-19") == "default"
    assert dates.level("1951-09-06", "9061-95-10") == "part"
    assert dates.level("1980-03-04", "1979-11-20") == "months"
    assert dates.level("1980-03-04", "1980-11-20") == "other"
    assert dates.level("1980-03-04", "1980-02-31") == "other"
    assert dates.level("1980", "1980-07-19") == "year"
    assert dates.level("1980", "1981") == "near_year"
    assert dates.level("1980", "1952-07-19") == "other"
    assert email_level("jo.smith7@a.example", "jo.smith@a.example") == "other"
    assert email_level("jo.smith@a.example", "jo.smiht@a.example") == "near"
    assert email_level("jo.smith@a.example", "jo.smith@b.example") == "user"


@pytest.mark.parametrize(
    ("given", "surname", "expected"),
    [
        ("Heung Min", "Son", (("heung", "min"), ("son",))),
        ("Earl", "Smith", (("earl",), ("smith",))),
        ("Earl of Essex", "Devereux", (("essex",), ("devereux",))),
        ("Major Tom", "Major", (("tom",), ("major",))),
        ("Kumari Meena", "Kumari", (("meena",), ("kumari",))),
        ("Col. Ann", "Head", (("ann",), ("head",))),
        ("Baby Boy", "Goh", ((), ("goh",))),
        ("Hijo", "Lord", ((), ("lord",))),
        ("Son", "Head of House", None),
        ("Mr", "Mrs", None),
        ("Lord", "Boy", None),
    ],
)
def test_what_names_nobody_may_be_a_surname(
    given: str, surname: str, expected: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> None:
    """Son, Head, Goh and titles are surnames of many; Earl and Major are given names as well."""
    found = normalise.name(given, surname)
    assert found == (expected and Name(*expected))


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Earl Smith", ("earl",)),
        ("Sri Mulyani", ("sri",)),
        ("Heung-Min Son", ("heung", "min")),
        ("Major John Smith", ("john",)),
        ("Lord Byron", ()),
        ("Meena Kumari", ("meena",)),
    ],
)
def test_a_title_before_one_word_may_be_a_given_name(text: str, given: tuple[str, ...]) -> None:
    """Earl Smith is called Earl; Major John Smith is not called Major, nor Lord Byron Lord."""
    found = normalise.full_name(text)
    assert found is not None
    assert found.given == given
