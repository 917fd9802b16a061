"""Linking on keyed tokens alone: nothing clear in them, errors survive, the same rules apply."""

import json
from hashlib import sha256

import made
import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import record

from hub.errors import SettingsError
from hub.identity.accuracy import measure
from hub.identity.blind import RULES, Blinder, meet
from hub.identity.blind_person import BLIND_PERSON, birth_level, street_level
from hub.identity.blind_vectors import as_plain, vectors
from hub.identity.dataset import record as of_values
from hub.identity.evaluate import entities
from hub.identity.names import agreement, given_names
from hub.identity.person import PERSON
from hub.identity.record import Address, Name
from hub.identity.resolver import Resolver

BLINDER = Blinder(b"k" * 32)
words = st.text("abcdefghij", min_size=2, max_size=9)


def test_tokens_give_no_value_away_and_depend_on_the_key() -> None:
    """Nothing of what was told is in what is sent; another key has no token in common."""
    where = {"street": "12 Oak Street", "phone": "(907) 743-6858", "email": "maria.g@mail.example"}
    own = {"birth": "1980-03-04", "number": "411930012", "middle": "Luisa", "sex": "f"}
    told = record("Maria", "Garcia", **where, **own)
    sent = json.dumps(as_plain(BLINDER.record(told)))
    for secret in ("maria", "garcia", "1980", "411930012", "oak", "7436858", "luisa", '"f"'):
        assert secret not in sent.lower()
    other = json.dumps(as_plain(Blinder(b"x" * 32).record(told)))
    assert not set(sent.split('"')) & {one for one in other.split('"') if len(one) == 24}


def test_a_short_key_is_refused() -> None:
    """Tokens under it could be guessed."""
    with pytest.raises(SettingsError, match="too short"):
        Blinder(b"secret")


@given(words, st.integers(0, 8), st.sampled_from("abcxyz"))
def test_words_one_error_apart_meet(word: str, place: int, letter: str) -> None:
    """A letter left out, put in, changed, or two swapped."""
    at = place % len(word)
    others = {
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    }
    for other in others - {""}:
        assert meet(BLINDER.value("word", word), BLINDER.value("word", other))


def test_names_agree_as_clear_ones_do() -> None:
    """Exact, swapped, nickname, typing error, initial, and contradictions."""
    one = Name(("robert",), ("smith",))
    for given_name, surname in (
        ("smith", "robert"), ("bob", "smith"), ("robrt", "smith"), ("r", "smith"),
        ("olga", "smith"), ("robert", "nowak"),
    ):  # fmt: skip
        other = Name((given_name,), (surname,))
        names = [BLINDER.record(record())._replace(names=(x,)) for x in (one, other)]
        blind = [BLINDER.record(x).names[0] for x in names]
        clear, dark = agreement(one, other), agreement(*sorted(blind))
        assert dark[1:-1] == clear[1:-1]
        assert len(dark.exact) == len(clear.exact)
        assert given_names(*blind) == given_names(one, other)


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("1980-03-04", "1980-04-03", "near"),
        ("1980-03-04", "1981-03-04", "near"),
        ("1980-03-04", "1980-03-15", "two_parts"),
        ("1980", "1980-03-15", "year"),
        ("1980-03-04", "1952-11-20", "other"),
    ],
)
def test_levels_of_blind_dates(a: str, b: str, level: str) -> None:
    """As of clear ones."""
    assert birth_level(BLINDER.day(a), BLINDER.day(b)) == level


def test_levels_of_blind_addresses() -> None:
    """The number and nearly the street, the street alone, or neither."""
    oak, oka, elm = (Address("12", one) for one in ("oak st", "oka st", "elm ave"))
    levels = [
        street_level(BLINDER.street(oak), BLINDER.street(one))
        for one in (oka, oak._replace(number="77"), elm)
    ]
    assert levels == ["near", "part", "other"]


def test_entities_from_tokens_are_nearly_those_from_clear_text() -> None:
    """Names, years and postcodes of a few hundred people: nearly as many pairs are found.

    Clear names may have several errors, their letters in another order, or other letters for a
    sound, blind ones but one error.
    """
    rows, truth, columns = made.few_columns()
    known = {str(at): one for at, one in enumerate(truth)}
    people = {
        str(at): of_values({what: row[name] for what, name in columns.items()})
        for at, row in enumerate(rows)
    }
    found = []
    for blind in (False, True):
        resolver = Resolver(kind=BLIND_PERSON if blind else PERSON)
        resolver.apply(
            {name: BLINDER.record(one) if blind else one for name, one in people.items()}
        )
        resolver.settle()
        found.append(measure(entities(resolver), known).pairs)
    assert found[0].f1 > 0.97
    assert found[1].recall > found[0].recall - 0.045
    assert found[1].precision > 0.98


def test_tokens_of_another_version_have_another_name() -> None:
    """Whoever changes what tokens are made of changes RULES, so that old ones are not linked."""
    text = json.dumps(vectors(), sort_keys=True)
    assert {RULES: sha256(text.encode()).hexdigest()[:16]} == {"blind-4": "09d2e0be87383102"}


def test_the_vectors_are_those_of_the_published_file() -> None:
    """Every rule has an example, among them values that become unknown."""
    made = as_plain(vectors())
    for name in ("names", "full_names", "births", "identifiers", "phones", "emails", "postcodes"):
        assert any(one[-1] is None for one in made[name]), name
        assert any(one[-1] is not None for one in made[name]), name
    assert made["record"]["blind"]["births"][0]["whole"] == made["tokens"][2][2]
