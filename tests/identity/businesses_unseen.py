"""A made set of businesses that is held back: nothing is tuned to what is found in it.

Companies and traders of Australia as a register, a payroll office and a council's inspectors list
them: states with names of their own, trading names, branches, moves, telephones in three spellings.
"""

from random import Random

from businesses import Told
from corruption import Row

STATES = {
    "NSW": (("Parramatta", "2150"), ("Orange", "2800"), ("Manly", "2095"), ("Albury", "2640")),
    "VIC": (("Geelong", "3220"), ("Ballarat", "3350"), ("Fitzroy", "3065"), ("Bendigo", "3550")),
    "QLD": (("Cairns", "4870"), ("Toowoomba", "4350"), ("Ipswich", "4305"), ("Mackay", "4740")),
    "WA": (("Fremantle", "6160"), ("Bunbury", "6230"), ("Broome", "6725"), ("Albany", "6330")),
}
WORDS = (
    *("Kookaburra", "Banksia", "Wattle", "Coastal", "Outback", "Southern Cross", "Jacaranda"),
    *("Pacific", "Redgum", "Bluegum", "Harbour", "Summit", "Opal", "Coral", "Ironbark", "Lyrebird"),
)
OWNERS = (
    *("Kelly", "Papadopoulos", "Nguyen", "Campbell", "Singh", "Ferraro", "McKenzie", "Walker"),
    *("O'Brien", "Tran", "Vella", "Anderson", "Haddad", "Murray", "Kaur", "Robertson", "Lim"),
)
GIVEN = ("Bruce", "Sheila", "Mai", "Giulia", "Angus", "Priya", "Craig", "Kylie", "Omar", "Tess")
TRADES = (
    *("Plumbing", "Electrical", "Earthmoving", "Removals", "Smash Repairs", "Butchery", "Motors"),
    *("Bakehouse", "Roofing", "Landscapes", "Physiotherapy", "Accounting", "Tyres", "Pools"),
)
ROADS = (
    "George St",
    "Victoria Rd",
    "Station St",
    "Princes Hwy",
    "Bridge Rd",
    "Queen St",
    "The Esp",
)
LONG = {"St": "Street", "Rd": "Road", "Hwy": "Highway", "Esp": "Esplanade"}
FORMS = ("Pty Ltd", "PTY. LTD.", "Pty Limited", "Proprietary Limited", "P/L", "Pty Ltd")
BUSINESSES = 320


def australia(seed: int) -> list[Told]:
    """Two to five records of each business, of which some have branches, moved or share a name."""
    chance = Random(f"australia {seed}")
    found: list[Told] = []
    for number in range(BUSINESSES):
        state = chance.choice(list(STATES))
        owner = f"{chance.choice(GIVEN)} {chance.choice(OWNERS)}"
        stem = chance.choice((chance.choice(WORDS), chance.choice(OWNERS), _invented(chance)))
        stem = f"{stem} & {chance.choice(OWNERS)}" if chance.random() < 0.15 else stem
        trade = f"{stem} {chance.choice(TRADES)}"
        company = chance.random() < 0.7
        legal = chance.choice((trade, f"{stem} {chance.choice(('Group', 'Holdings', ''))}".strip()))
        sites = [_site(state, chance) for _ in range(chance.choice((1, 1, 1, 2)))]
        phone = f"0{chance.choice('2378')}{chance.randint(40_000_000, 99_999_999)}"
        for _ in range(chance.choice((2, 3, 3, 4, 5))):
            row = dict(chance.choice(sites))
            form = f" {chance.choice(FORMS)}" if chance.random() < 0.9 else ""
            row["legal"] = f"{legal}{form}" if company else owner
            if chance.random() < 0.65:
                row["trade"] = trade
            if company and chance.random() < 0.35:
                row["owner"] = owner
            if chance.random() < 0.6:
                row["phone"] = _phone(phone, chance)
            found.append(Told(_damaged(row, chance), "any", str(number)))
    return found


def _invented(chance: Random) -> str:
    parts = [chance.choice("BCDFGKLMNPRSTW") + chance.choice("aeiou") for _ in range(3)]
    return "".join(parts).title()


def _site(state: str, chance: Random) -> Row:
    place, postcode = chance.choice(STATES[state])
    unit = chance.choice(
        ("", "", "", f"Unit {chance.randint(1, 20)}, ", f"{chance.randint(1, 9)}/")
    )
    street = f"{unit}{chance.randint(1, 400)} {chance.choice(ROADS)}"
    return {"street": street, "place": place, "postcode": postcode, "region": state}


def _phone(phone: str, chance: Random) -> str:
    spaced = f"({phone[:2]}) {phone[2:6]} {phone[6:]}"
    return chance.choice((phone, spaced, f"+61 {phone[1]} {phone[2:6]} {phone[6:]}"))


def _damaged(row: Row, chance: Random) -> Row:
    made = dict(row)
    if chance.random() < 0.3:
        *head, road = made["street"].split()
        made["street"] = " ".join((*head, LONG.get(road, road)))
    if chance.random() < 0.08:
        made["street"] = f"{chance.randint(1, 400)} {chance.choice(ROADS)}"
    for what in ("legal", "trade"):
        if what in made and chance.random() < 0.12:
            made[what] = _slip(made[what], chance)
        if what in made and chance.random() < 0.25:
            made[what] = made[what].upper()[:28].strip()
    for what in ("street", "postcode", "place", "region", "phone"):
        if chance.random() < 0.07:
            made.pop(what, None)
    if "trade" in made and chance.random() < 0.1:
        del made["legal"]
    return made


def _slip(text: str, chance: Random) -> str:
    """A letter doubled, left away, or exchanged with the next one."""
    place = chance.randrange(1, len(text) - 1)
    slips = (text[place] * 2, "", text[place + 1])
    return text[:place] + chance.choice(slips) + text[place + 1 :]
