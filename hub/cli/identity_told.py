"""How an explanation of two is shown: in words, side by side, and with values where revealed."""

from collections.abc import Iterable, Iterator
from typing import Any

from hub.cli.output import Format, as_json, console, rows, safe
from hub.cli.view import plain, text_of
from hub.identity import words
from hub.identity.cluster import AMBIGUOUS
from hub.identity.weigh import MILLI
from hub.processor import reveals
from hub.processor.desk import desk
from hub.processor.reveals import Revealed
from hub.processor.rows import Disclosure
from hub.processor.stewards import Said
from hub.processor.store import Store
from hub.processor.weighing import Weighed
from hub.telemetry.logs import configure_logs

DECIDED = {None: "nothing", True: "the same", False: "not the same"}
Values = list[list[Revealed]]


def verdict(found: Weighed) -> str:
    """What the hub says of two, and between whom it cannot tell."""
    if found.explanation.refusal == AMBIGUOUS and not found.explanation.together:
        ends = (min(one.entities, default="") for one in found.sides)
        return words.ambiguous(found.runners_up, *ends)
    return words.in_words(found.explanation).verdict


def tell(store: Store, found: Weighed, revealed: Values | None, output: Format) -> None:
    """Show an explanation, the values too where they are revealed."""
    with desk(store) as seen:
        shown = seen.disclosures(*found.named_sides)
    if output is Format.JSON:
        as_json(_as_plain(found, shown, revealed))
        return
    told = words.in_words(found.explanation)
    console.print(safe(verdict(found)))
    evidence(told, runners_up(found))
    tell_apart(found)
    if found.decided is not None:
        console.print(safe(f"    decided by a steward: {DECIDED[found.decided]}"))
    if found.fields:
        rows(output, ("field", "one", "other", "bits"), _side_by_side(found), "")
    for line in _value_lines(revealed or []):
        console.print(safe(line))
    for span in shown:
        until = "now" if span.last is None else f"version {span.last}"
        console.print(safe(f"  shown as one in {span.entity_id}, version {span.first} to {until}"))


def evidence(told: words.Words, nearest: Iterable[str] = ()) -> None:
    """Show what speaks for and against, who else comes near, and the sum."""
    marked(("+", told.speaks_for), ("-", told.speaks_against), ("?", nearest))
    for note in (told.correction, f"{told.sum} (model {told.model})"):
        if note is not None:
            console.print(safe(f"    {note}"))


def marked(*parts: tuple[str, Iterable[str]]) -> None:
    """Show lines, each with the mark of its part."""
    for mark, lines in parts:
        for line in lines:
            console.print(safe(f"  {mark} {line}"))


def tell_apart(found: Weighed) -> None:
    """Show which agencies have no agreement."""
    for a, b in found.apart:
        console.print(safe(f"    no agreement: {a} and {b}"))


def runners_up(found: Weighed) -> list[str]:
    """Who else comes near, in words."""
    return [words.runner_up(found.explanation, one) for one in found.runners_up]


def reveal(store: Store, found: Weighed, said: Said, *, wanted: bool) -> Values | None:
    """The values of both sides where they are wanted; that they were seen is stored and logged."""
    if not wanted:
        return None
    configure_logs("steward", level="warning")
    return reveals.reveal(store, found.named_sides, said)


def _as_plain(found: Weighed, shown: list[Disclosure], revealed: Values | None) -> dict[str, Any]:
    told = found.explanation
    values = {}
    if revealed is not None:
        values["values"] = [[plain(one) for one in claims] for claims in revealed]
    return {
        **words.in_words(told)._asdict(),
        "verdict": verdict(found),
        "decided": DECIDED[found.decided],
        "fields_bits": {name: weight / MILLI for name, weight in told.fields.items()},
        "fields": _side_by_side(found),
        "refusal": told.refusal,
        "runners_up": runners_up(found),
        "would_have_to_change": words.changes(told, found.unknown),
        "compared_by_itself": found.near,
        "agencies_without_agreement": found.apart,
        "entities": found.entities,
        "shown_as_one": [span._asdict() for span in shown],
        **values,
    }


def _side_by_side(found: Weighed) -> list[dict[str, Any]]:
    """Each field that one of them tells: how many values each has, and what they weigh."""
    return [
        {
            "field": words.FIELDS.get(one.name, one.name),
            "one": _values(one.left),
            "other": _values(one.right),
            "bits": None if one.weight is None else round(one.weight / MILLI, 1),
        }
        for one in found.fields
        if one.left or one.right
    ]


def _values(count: int) -> str:
    return "not told" if not count else "1 value" if count == 1 else f"{count} values"


def _value_lines(revealed: Values) -> Iterator[str]:
    for number, one in ((number, one) for number, side in enumerate(revealed, 1) for one in side):
        head = f"  {number}: {one.agency}"
        if one.claim is None:
            yield f"{head}: nothing is shown: protected by its source, or withdrawn"
            continue
        for field in one.claim._fields:
            value = getattr(one.claim, field)
            if field not in ("ref", "protected") and value:
                single = isinstance(value, str) or hasattr(value, "_fields")
                for part in [value] if single else value:
                    yield f"{head}: {field} {text_of(part)}"
