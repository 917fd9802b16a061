"""What is told quickly of words and names is what is told at length."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from hub.identity import name_words, names
from hub.identity.record import Name

LETTERS = st.sampled_from("aabcdeilmnoru")
SYLLABLES = st.sampled_from(["ma", "ri", "ana", "lo", "cl", "d", "ni", "rn", "m", "e", "ck", "zé"])
WORDS = st.lists(SYLLABLES | LETTERS, min_size=1, max_size=5).map("".join)
CLERKS = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["", "a", "n", "x", "ra"])))
TWO_WORDS = st.builds(lambda one, two: Name((one,), (two,)), WORDS, WORDS)


def mistyped(word: str, errors: list[tuple[int, str]]) -> str:
    """A word in which each error replaces a letter."""
    for place, typed in errors:
        word = word[: place % len(word)] + typed + word[place % len(word) + 1 :] or "x"
    return word


def is_typing(a: str, b: str) -> bool:
    """The rule itself: alike by Jaro and Winkler, an error of four letters on, two of seven."""
    edits, shorter = OSA.distance(a, b), min(len(a), len(b))
    return (
        JaroWinkler.similarity(a, b) >= name_words.ALIKE
        or (
            edits <= 1 and (shorter >= name_words.ONE_ERROR_FROM or name_words._short_but_one(a, b))
        )
        or (edits <= name_words.TWO_ERRORS and shorter >= name_words.TWO_ERRORS_FROM)
    )


@settings(max_examples=2_000)
@given(WORDS, CLERKS)
@example("catarina", [(0, "k"), (3, "")])
@example("abcdefgh", [(0, "x"), (7, "y")])
def test_letters_that_a_word_has_not_are_counted_right(
    word: str, errors: list[tuple[int, str]]
) -> None:
    """No two words that errors, or a spelling, may have made of one are left out unread."""
    other = mistyped(word, errors[:4])
    told = name_words.alike(word, other) if word != other else "fuzzy"
    spelt = name_words._spelt_alike(name_words.spelling(word), name_words.spelling(other))
    looks = name_words.scanned(word) == name_words.scanned(other)
    jumbled = name_words.are_jumbled(word, other)
    if min(len(word), len(other)) > 1 and told != "nickname":
        assert (told == "fuzzy") == (
            is_typing(word, other) or spelt or looks or jumbled or word == other
        )


@settings(max_examples=2_000)
@given(TWO_WORDS, TWO_WORDS)
@example(Name(("m",), ("stone",)), Name(("kevin",), ("ston",)))
@example(Name(("m",), ("stonehill",)), Name(("kevin",), ("stoncreek",)))
@example(Name(("lena",), ("abcd",)), Name(("lisa",), ("wxyz",)))
@example(Name(("abcd",), ("lena",)), Name(("wxyz",), ("lisa",)))
@example(Name(("maria",), ("lopez",)), Name(("lopes",), ("kevin",)))
@example(Name(("maro",), ("lin",)), Name(("nor",), ("lima",)))
def test_names_of_two_words_agree_as_names_of_many_do(one: Name, other: Name) -> None:
    """The quicker way for two words finds what taking words away does."""
    assert names.agreement(one, other) == names.by_words(one, other)


def test_a_z_is_a_j_in_names_of_india() -> None:
    """Beside another spelling or error; short names are two."""
    for one, other in (("manoz", "maanoj"), ("aazay", "ajay"), ("zyothi", "jyoti")):
        assert name_words.alike(one, other) == name_words.alike(other, one) == "fuzzy"
        assert name_words.is_spelling(one, other)
    assert name_words.alike("zoe", "joe") is None
    assert not name_words.is_spelling("suarez", "suaras")
    assert name_words.alike("gonzalez", "gonsales") == "fuzzy"
