"""Where errors leave little of names they contradict nobody, if nobody else is called so."""

from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import record

from hub.identity.kind import Sharing
from hub.identity.naming import Names
from hub.identity.person import PERSON
from hub.identity.record import Name, PersonRecord
from hub.identity.resolver import Resolver
from hub.identity.spoilt import HOLDERS_MAX, PAIRS_MIN, are_spoilt, name_beside_own
from hub.identity.state import Blind, MemoryRows

NAMES = [(Name((given,), (surname,)),) for given in ("ada", "bo") for surname in ("king", "roe")]
RECORDS = st.builds(
    PersonRecord,
    names=st.sampled_from([(), *NAMES, (Name(("roe",), ("roe",)),), (Name(("ada",), ()),)]),
    emails=st.sampled_from([(), ("a@b.org",), ("c@d.org",)]),
    phones=st.sampled_from([(), ("+13128675301",)]),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def counted(records: list[PersonRecord]) -> Sharing:
    """The same, of all records at once."""
    told = [one for one in map(name_beside_own, records) if one is not None]

    def pairs(of: Iterable[object]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(of).values() if n <= HOLDERS_MAX)

    return Sharing(
        pairs(one.told for one in told),
        pairs((one.told, word) for one in told for word in one.others),
        pairs((one.told, one.others) for one in told if len(one.others) > 1),
    )


@given(st.lists(RECORDS, max_size=12), st.randoms(use_true_random=False))
def test_pairs_beside_a_contact_are_counted_as_records_come_and_go(
    records: list[PersonRecord], chance: Random
) -> None:
    """A function of the records that are left, whatever came and went before."""
    spoilt = Names(PERSON, Blind(b"a key"), MemoryRows())
    for one in records:
        spoilt.put(one)
    chance.shuffle(records)
    gone, left = records[: len(records) // 2], records[len(records) // 2 :]
    for one in gone:
        spoilt.remove(one)
    assert spoilt.sharing == counted(left)


@pytest.mark.parametrize(
    ("sharing", "spoilt"),
    [
        (Sharing(), False),
        (Sharing(PAIRS_MIN, 10, 2), True),
        (Sharing(PAIRS_MIN - 1, 10, 2), False),
        (Sharing(100, 51, 0), False),  # families, of one surname
        (Sharing(100, 100, 50), False),  # well told
        (Sharing(100, 60, 20), True),
    ],
)
def test_names_are_spoilt_where_most_have_no_word_in_common(
    sharing: Sharing, *, spoilt: bool
) -> None:
    """Of those who share a contact; a family has its surname in common."""
    assert are_spoilt(sharing) == spoilt


def word(chance: Random) -> str:
    """Letters by chance."""
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(5, 8)))


def listed(*, spoilt: bool) -> Mapping[str, PersonRecord]:
    """People told twice with telephone and e-mail address, of names by which others go as well."""
    chance = Random(9)
    usual = [word(chance) for _ in range(40)]
    found: dict[str, PersonRecord] = {}
    for one in range(300):
        given, surname = chance.choice(usual), chance.choice(usual)
        own = {"phone": f"312{2000000 + one * 977}", "email": f"{word(chance)}{one}@x.example"}
        found[f"{one}/a"] = record(given, surname, **own)
        names = (word(chance), word(chance)) if spoilt else (given, surname)
        found[f"{one}/b"] = record(*names, **own)
    own = {"phone": "3125550199", "email": "home@x.example"}
    found["ann"], found["bo"] = (
        record(usual[0], usual[2], **own),
        record(usual[1], usual[2], **own),
    )
    return found


def test_where_names_are_spoilt_who_shares_all_contacts_is_one_but_not_a_couple() -> None:
    """A name nobody else has was made by errors; two that others have as well are of two people."""
    well, badly = Resolver(), Resolver()
    well.apply(listed(spoilt=False))
    badly.apply(listed(spoilt=True))
    well.settle()
    badly.settle()
    joined = sum(badly.entities[f"{one}/a"] == (f"{one}/a", f"{one}/b") for one in range(300))
    assert joined > 290
    assert badly.assumptions == {"homes_are_shared": True, "names_tell_little": True}
    assert not well.assumptions["names_tell_little"]
    assert badly.entities["ann"] == ("ann",)
    strange = record("Qwxkj", "Zzrpf", phone="3125550199", email="home@x.example")
    well.apply({"strange": strange})
    assert well.entities["strange"] == ("strange",)


def test_another_resolver_that_weighs_as_this_one_does_takes_names_as_badly() -> None:
    """What the weights are frozen on says it."""
    badly, other = Resolver(), Resolver()
    badly.apply(listed(spoilt=True))
    badly.settle()
    other.apply(listed(spoilt=False))
    other.freeze_as(badly.frozen())
    pair = {"x": record("Qwxkj", "Zzrpf"), "y": record("Wqmmv", "Yyplt")}
    badly.apply(pair)
    other.apply(pair)
    weight = badly.explain("x", "y").fields["names"]
    assert other.explain("x", "y").fields["names"] == weight
    other.settle()
    assert other.explain("x", "y").fields["names"] < weight


def test_what_an_office_shares_spoils_nobodys_name() -> None:
    """The clients of thirty offices, each of which gave its own e-mail address, stay themselves."""
    chance = Random(3)
    clients = {
        f"{office}/{one}": record(
            word(chance), word(chance), email=f"info{office}@x.example", street=f"{office} Oak Rd"
        )
        for office in range(1, 31)
        for one in range(5)
    }
    resolver = Resolver()
    resolver.apply(clients)
    resolver.settle()
    assert all(resolver.entities[name] == (name,) for name in clients)


def test_who_shares_a_telephone_and_no_birthday_spoils_nobodys_name() -> None:
    """Two people of each of many lines, unless their birthdays say that they are one."""
    for other, spoilt in (("1983-11-20", False), ("1950-03-04", True)):
        chance, names = Random(3), Names(PERSON, Blind(b"a key"), MemoryRows())
        for line in range(PAIRS_MIN):
            for born in ("1950-03-04", other):
                phone = f"312{3000000 + line * 977}"
                names.put(record(word(chance), word(chance), phone=phone, birth=born))
        assert names.tell_little == spoilt
