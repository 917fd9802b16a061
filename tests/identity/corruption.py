"""Damages records of businesses as forms, clerks and imports do, by a seed.

Nothing here reads the tables of the normaliser: abbreviations are made by rules of their own and a
short list, so that the resolver meets ones it does not know.
"""

import string
from collections.abc import Callable, Mapping
from random import Random

Row = dict[str, str]
"""Values as they are written, by what they hold."""
Damage = Callable[[Row, Random], Row]
SHORT = {
    "SERVICES": ("SVCS", "SERV", "SRVCS"),
    "SERVICE": ("SVC", "SERV"),
    "COMPANY": ("CO", "CO."),
    "AND": ("&", "N"),
    "&": ("AND", "+"),
    "STREET": ("ST", "STR."),
    "AVENUE": ("AVE", "AV"),
    "AVE": ("AVENUE", "AV."),
    "RESTAURANT": ("REST", "RSTRNT"),
    "CHICAGO": ("CHGO",),
    "CENTER": ("CTR", "CENTRE"),
    "MARKET": ("MKT",),
    "CONSTRUCTION": ("CONSTR", "CONST."),
    "WEST": ("W", "W."),
    "W": ("WEST", "W."),
    "ST": ("STREET",),
    "FIRST": ("1ST",),
    "TWO": ("2", "II"),
    "2": ("TWO", "II", "#2"),
    "CURRENCY": ("CURR",),
    "EXCHANGE": ("EXCH", "EXCHG"),
    "INTERNATIONAL": ("INTL", "INT'L"),
    "BROTHERS": ("BROS", "BROS."),
    "MANAGEMENT": ("MGMT",),
    "ASSOCIATES": ("ASSOC", "ASSOCS."),
}
FORMS = {
    "INC": ("INC.", ", INC.", "INCORPORATED", "Inc"),
    "LLC": ("L.L.C.", ", LLC", "L L C", "LIMITED LIABILITY COMPANY"),
    "CORP": ("CORPORATION", "CORP."),
    "CORPORATION": ("CORP", "CORP."),
    "LTD": ("LIMITED", "LTD."),
}
NAMES = ("legal", "trade")
ELSEWHERE = ("N CLARK ST", "S HALSTED ST", "W DEVON AVE", "E 79TH ST", "N MILWAUKEE AVE")
POSTCODES = ("60614", "60608", "60659", "60619", "60622")


def typing_error(text: str, chance: Random) -> str:
    """One letter more, less, other, or two in the wrong order."""
    places = [place for place, one in enumerate(text) if one.isalpha()]
    if len(places) < len("ab"):
        return text
    place = chance.choice(places[1:])
    letter = chance.choice(string.ascii_uppercase)
    kind = chance.randrange(4)
    if kind == 0:
        return text[:place] + letter + text[place:]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + letter + text[place + 1 :]
    return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


def typos(row: Row, chance: Random) -> Row:
    """A typing error in every second name, in every fourth two, and in some streets and numbers."""
    made = dict(row)
    for what in NAMES:
        if what in made:
            for share in (0.5, 0.25):
                if chance.random() < share:
                    made[what] = typing_error(made[what], chance)
    if "street" in made and chance.random() < 0.2:
        made["street"] = typing_error(made["street"], chance)
    for what in ("phone", "us-ein"):
        if what in made and chance.random() < 0.05:
            made[what] = made[what][:-1] + str(chance.randrange(10))
    return made


def abbreviated(row: Row, chance: Random) -> Row:
    """Words shortened or written out, vowels left away, other case, other punctuation and form."""
    made = dict(row)
    for what in (*NAMES, "street"):
        if what in made:
            words = made[what].upper().replace(",", "").split()
            made[what] = " ".join(_shortened(word, chance) for word in words)
    for what in NAMES:
        if what in made:
            made[what] = _form(made[what], chance)
            made[what] = chance.choice((str.upper, str.lower, str.title, str))(made[what])
    return made


def _shortened(word: str, chance: Random) -> str:
    bare = word.strip(".,'")
    if bare in SHORT and chance.random() < 0.5:
        return chance.choice(SHORT[bare])
    if len(bare) > 7 and bare.isalpha() and chance.random() < 0.1:
        return bare[0] + "".join(one for one in bare[1:] if one not in "AEIOU")
    if "'" in word and chance.random() < 0.5:
        return word.replace("'", "")
    return word


def _form(name: str, chance: Random) -> str:
    head, _, last = name.rpartition(" ")
    bare = last.strip(".,").upper()
    if not head or bare not in FORMS:
        return name
    if chance.random() < 0.4:
        return head
    return f"{head} {chance.choice(FORMS[bare])}"


def trade_name_only(row: Row, chance: Random) -> Row:
    """Of two records in five the trade name alone is known."""
    if chance.random() < 0.4 and row.get("trade"):
        return {what: value for what, value in row.items() if what not in ("legal", "owner")}
    return row


def moved(row: Row, chance: Random) -> Row:
    """Three records in ten are of an address elsewhere."""
    if chance.random() >= 0.3:
        return row
    place = chance.randrange(len(ELSEWHERE))
    made = {**row, "street": f"{chance.randint(100, 8900)} {ELSEWHERE[place]}"}
    return {**made, "postcode": POSTCODES[place]}


def one_field(row: Row, chance: Random) -> Row:
    """Both names in one field, joined by what clerks write between them."""
    made = {what: value for what, value in row.items() if what not in NAMES}
    told = [row[what] for what in NAMES if row.get(what)]
    between = chance.choice((" DBA ", " d/b/a ", " D.B.A. ", " doing business as ", " T/A "))
    return {**made, "name": between.join(dict.fromkeys(told))}


def missing(row: Row, chance: Random) -> Row:
    """Every fourth value is not there; one name always is."""
    kept = {what: value for what, value in row.items() if chance.random() >= 0.25}
    if not any(kept.get(what) for what in NAMES):
        what = next(what for what in NAMES if row.get(what))
        kept[what] = row[what]
    return kept


def mixed(row: Row, chance: Random) -> Row:
    """A bit of everything."""
    for damage, share in (
        (missing, 0.3),
        (moved, 0.2),
        (trade_name_only, 0.3),
        (abbreviated, 0.5),
        (typos, 0.4),
        (one_field, 0.2),
    ):
        if chance.random() < share:
            row = damage(row, chance)
    return row


DAMAGES: Mapping[str, Damage] = {
    "typos": typos,
    "abbreviated": abbreviated,
    "trade name only": trade_name_only,
    "moved": moved,
    "one field": one_field,
    "missing": missing,
    "mixed": mixed,
}
