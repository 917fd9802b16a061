"""Whether a caseworker can read why two are one or not: what must not be missing. Pure."""

from hub.identity.answers import Explanation
from hub.identity.words import Words

RARITY = ("(rare: ", "(uncommon: ", "(common: ")


def lacking(found: Explanation, said: Words, *, together: bool) -> list[str]:
    """What an explanation lacks: agreeing fields, how rare their values are, what speaks against.

    `together` is whether the hub has joined the two: what it says of them must be what it did.
    Where two are apart because too little agrees, it is the missing evidence that speaks against.
    """
    agreeing = sum(weight > 0 for weight in found.fields.values())
    differing = sum(weight < 0 for weight in found.fields.values())
    mark = "one: " if together else "not one: "
    faults: list[str] = []
    by_themselves = found.together and found.total >= found.threshold
    if len(said.speaks_for) != agreeing or (by_themselves and not agreeing):
        faults.append("a field that agrees")
    if not all(any(rarity in line for rarity in RARITY) for line in said.speaks_for):
        faults.append("how rare a value is")
    if len(said.speaks_against) != differing + (found.refusal is not None):
        faults.append("a field that differs, or the rule that speaks against")
    if not said.verdict.startswith(mark) or said.verdict == mark:
        faults.append("a verdict with its reason, as the hub decided")
    return faults
