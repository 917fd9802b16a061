"""How the same name, address or number is written by different hands. Pure: chance is passed in."""

from datetime import date
from random import Random

from hub.local.departments.names import COMPANY_SHORT, NICKNAMES, STREET_SHORT

TYPO_LENGTH_MIN = 4
SUFFIXED_PERCENT = 70
MONTHS = 12
_ASCII = str.maketrans(
    "áàâäãåéèêëíìîïóòôöõøúùûüýñçšžřłğışÁÉÍÓÚÖÜØŁŞŽ", "aaaaaaeeeeiiiioooooouuuuyncszrlgisAEIOUOUOLSZ"
)


def happens(chance: Random, percent: int) -> bool:
    """Whether something that happens so often of a hundred times happens now."""
    return chance.randrange(100) < percent


def mistyped(text: str, chance: Random) -> str:
    """One slip of a finger inside a word: a letter dropped, doubled or swapped with the next."""
    if len(text) < TYPO_LENGTH_MIN:
        return text
    place = chance.randrange(1, len(text) - 2)
    head, here, after, tail = text[:place], text[place], text[place + 1], text[place + 2 :]
    return head + chance.choice((after, here + here + after, after + here)) + tail


def plain(text: str) -> str:
    """Without the marks an old system cannot hold."""
    return text.translate(_ASCII)


def given_name(name: str, chance: Random) -> str:
    """A given name as somebody writes it: as it is, its short form, an initial or a slip."""
    if happens(chance, 12):
        return NICKNAMES.get(name, name)
    if happens(chance, 3):
        return f"{name[0]}."
    if happens(chance, 4):
        return mistyped(name, chance)
    return written(name, chance)


def family_name(name: str, chance: Random) -> str:
    """A family name as somebody writes it."""
    return mistyped(name, chance) if happens(chance, 4) else written(name, chance)


def suffixed(family: str, suffix: str, chance: Random) -> str:
    """A family name on a form that has no place for a suffix: who has one mostly adds it."""
    return f"{family} {suffix}" if suffix and happens(chance, SUFFIXED_PERCENT) else family


def written(text: str, chance: Random) -> str:
    """As it is, in capitals, or without accents and marks."""
    if happens(chance, 15):
        return text.upper()
    return plain(text) if happens(chance, 12) else text


def full_name(given: str, family: str, chance: Random) -> str:
    """Both in one piece, in one order or the other."""
    return f"{family}, {given}" if happens(chance, 25) else f"{given} {family}"


def company(name: str, chance: Random) -> str:
    """A company's name with its form short, in capitals, with a slip, or as it is."""
    if happens(chance, 50):
        for full, short in COMPANY_SHORT.items():
            if name.endswith(f" {full}"):
                name = f"{name.removesuffix(full)}{short}"
                break
    if happens(chance, 5):
        name = mistyped(name, chance)
    return name.upper() if happens(chance, 30) else name


def street(text: str, chance: Random) -> str:
    """A street with or without short forms."""
    if happens(chance, 50):
        return text
    return " ".join(STREET_SHORT.get(word, word) for word in text.split(" "))


def phone(digits: str, chance: Random) -> str:
    """Ten digits as people write them, now and then one of them wrong."""
    if happens(chance, 1):
        place = chance.randrange(len(digits) - 4, len(digits))
        digits = f"{digits[:place]}{chance.randrange(10)}{digits[place + 1 :]}"
    area, exchange, line = digits[:3], digits[3:6], digits[6:]
    return chance.choice(
        (
            f"({area}) {exchange}-{line}",
            f"{area}-{exchange}-{line}",
            f"+1{digits}",
            digits,
            f"1 {area} {exchange} {line}",
        )
    )


def birthday(born: date, chance: Random) -> str:
    """A date of birth as it was typed: now and then with day and month swapped."""
    if happens(chance, 2) and born.day <= MONTHS:
        born = born.replace(month=born.day, day=born.month)
    return born.isoformat()


def tax_number(digits: str, chance: Random) -> str:
    """An employer's number with its dash or without."""
    return f"{digits[:2]}-{digits[2:]}" if happens(chance, 50) else digits


def social_number(digits: str, chance: Random) -> str:
    """A person's number with its dashes or without."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if happens(chance, 50) else digits
