"""What a whole record seems to be: its key, version and time, who is in it, which event."""

from collections.abc import Sequence
from typing import NamedTuple

from hub.connect.scaffold.entries import entries
from hub.connect.scaffold.kinds import Kind
from hub.connect.scaffold.roles import (
    EVENTS,
    LIKELY,
    MAYBE,
    OF,
    SURE,
    Guess,
    Role,
    guess,
    label_step,
    words,
)
from hub.connect.scaffold.sample import Found, Sample, fields
from hub.errors import SettingsError

MOMENTS = (Kind.DATE, Kind.TIME, Kind.EPOCH)
NAMES = (Role.GIVEN, Role.MIDDLE, Role.FAMILY, Role.FULL_NAME)
PARTY = (
    *NAMES, Role.BORN, Role.DIED, Role.ORGANISATION, Role.TRADING, Role.EMAIL, Role.PHONE,
    Role.ADDRESS, Role.STREET, Role.HOUSE, Role.UNIT, Role.LOCALITY, Role.REGION, Role.POSTAL_CODE,
    Role.COUNTRY, Role.NATIONAL, Role.COMPANY,
)  # fmt: skip
PERSONAL = (*PARTY, Role.TEXT)
INNER = OF["inner"] | {"given", "family", "first", "last"}
NEAREST = "EntryRecorded"
NAME_WEIGHT = 3
DOMAINS = {
    "LicenceIssued": "licensing",
    "ServiceRequestOpened": "messaging",
    "MessageStatusReported": "messaging",
    "ApplicationSubmitted": "grants",
    "AwardGranted": "grants",
    "ContactRecorded": "grants",
    "OpportunityPosted": "grants",
    "EntryRecorded": "registers",
}


class Choice(NamedTuple):
    """One thing decided for the whole record, how far that is sure, and why."""

    what: str
    chosen: str
    confidence: float
    reason: str


class Plan(NamedTuple):
    """What a connector of these records would be."""

    name: str
    sample: Sample
    guesses: list[Guess]
    event: str
    key: tuple[Guess, ...]
    occurred: Guess
    version: Guess | None
    parties: dict[str, list[Guess]]
    choices: list[Choice]

    def of(self, role: Role) -> Guess | None:
        """The surest field of a role; one in a list is of an entry rather than of the record."""
        found = [one for one in self.guesses if one.role is role and one not in self.key]
        return max(
            found, key=lambda one: ("0" not in one.field.steps, one.confidence), default=None
        )

    def standing(self) -> Guess | None:
        """Where a record stands; else what came of it, which says so as well."""
        return self.of(Role.STATUS) or self.of(Role.OUTCOME)


def plan(name: str, sample: Sample, key: str = "") -> Plan:
    """The plan for a sample; `key` names the field that is the record's key where one knows.

    Raises SettingsError where no key or no date can be found.
    """
    found = [guess(field) for field in fields(sample.records, flat=sample.flat)]
    found = _months_first([_entry(one, sample) for one in found])
    version = _version(found)
    keys, how_key = _key(found, sample, key, version)
    found = [_as(one, Role.KEY, how_key) if one in keys else one for one in found]
    keys = tuple(one for one in found if one.role is Role.KEY)
    occurred, how_occurred = _occurred(found)
    event, how_event = _event(name, sample, found)
    how_version = (
        Choice("record version", version.field.path, version.confidence, version.reason)
        if version
        else Choice("record version", "the file", MAYBE, "no field tells the order of states")
    )
    found = [
        _as(one, Role.OCCURRED, how_occurred)
        if one.field == occurred.field
        else _as(one, Role.VERSION, how_version)
        if version and one.field == version.field
        else one
        for one in found
    ]
    choices = [how_event, how_key, how_version, how_occurred]
    parties = _parties([one for one in found if one.role in PARTY])
    return Plan(name, sample, found, event, keys, occurred, version, parties, choices)


def _entry(one: Guess, sample: Sample) -> Guess:
    """The same, or contacts of several kinds that another field of their list tells apart."""
    listed = None
    if one.role is Role.OTHER and "0" in one.field.steps and not sample.flat:
        listed = entries(sample.records, one.field.steps)
    if listed is None:
        return one
    role = next(iter(listed.roles.values()))
    reason = f"contacts, told apart by {listed.kind}" if listed.kind else "what its entries are"
    return one._replace(role=role, confidence=SURE, reason=reason)


def _as(one: Guess, role: Role, choice: Choice) -> Guess:
    return one._replace(role=role, confidence=choice.confidence, reason=choice.reason)


def _months_first(found: list[Guess]) -> list[Guess]:
    """Where one field is sure to write the month first, those that could be either do so too."""
    proof = any(
        one.looked.format.startswith("%m") and one.looked.confidence > MAYBE for one in found
    )
    if not proof:
        return found
    return [
        one._replace(looked=one.looked._replace(format=one.looked.format.replace("%d/%m", "%m/%d")))
        if one.looked.kind in MOMENTS and one.looked.confidence == MAYBE
        else one
        for one in found
    ]


def _version(found: Sequence[Guess]) -> Guess | None:
    """A time of the last change, or a number that counts the states of a record."""
    for one in found:
        said = frozenset(words(one.field.steps[-1]))
        said |= {"".join(words(one.field.steps[-1]))}
        whole = len(one.field.values) == one.field.records
        if whole and one.looked.kind in (Kind.TIME, Kind.EPOCH) and OF["versions"] & said:
            return one._replace(confidence=SURE, reason="its name, and each record has such a time")
        if whole and one.looked.kind is Kind.WHOLE and OF["revisions"] & said:
            return one._replace(confidence=LIKELY, reason="its name, and values are whole numbers")
    return None


def _key(
    found: list[Guess], sample: Sample, wanted: str, version: Guess | None
) -> tuple[tuple[Guess, ...], Choice]:
    if wanted:
        named = next((one for one in found if one.field.path == wanted), None)
        if named is None:
            names = ", ".join(one.field.path for one in found)
            raise SettingsError(f"the sample has no field {wanted}", remedy=f"one of: {names}")
        return (named,), Choice("record key", wanted, 1.0, "you said so")
    can = [one for one in found if _may_be_key(one)]
    can.sort(key=lambda one: -_keyish(one))
    for one in can:
        alone = _distinct([one], sample)
        states = version is not None and _keyish(one) > 0 and _distinct([one, version], sample)
        if alone or states:
            sure = SURE if _keyish(one) else MAYBE
            reason = (
                "its name, and no value comes twice" if _keyish(one) else "no value comes twice"
            )
            return (one,), Choice("record key", one.field.path, sure, reason)
    for number, one in enumerate(can):
        for other in can[number + 1 :]:
            if _distinct([one, other], sample):
                paths = f"{one.field.path} and {other.field.path}"
                return (one, other), Choice("record key", paths, MAYBE, "only together distinct")
    raise SettingsError(
        "no field of the sample tells its records apart",
        remedy=_key_remedy(found, sample),
    )


def _key_remedy(found: Sequence[Guess], sample: Sample) -> str:
    """The fields that a person may take for the key, as they belong to somebody's papers."""
    papers = (Role.NATIONAL, Role.COMPANY)
    can = [one for one in found if one.role in papers and _distinct([one], sample)]
    names = ", ".join(one.field.path for one in can)
    if names:
        return f"name the key with --key FIELD; no value comes twice in: {names}"
    return "have the system export a key, or name it with --key FIELD where the sample is too odd"


def _may_be_key(one: Guess) -> bool:
    """A key stands in events in the clear, so nothing of a person may be one."""
    whole = len(one.field.values) == one.field.records
    kinds = (Kind.TEXT, Kind.WHOLE, Kind.CODE, Kind.PHONE)
    free = (Role.OTHER, Role.CATEGORY, Role.TITLE)
    return whole and one.looked.kind in kinds and one.role in free


def _keyish(one: Guess) -> int:
    said = words(one.field.steps[-1])
    ends = any(said[-1:] and said[-1].endswith(end) for end in ("id", "nr", "nummer", "number"))
    depth = len(one.field.steps)
    return (4 * bool(OF["keys"] & set(said)) or 3 * ends) and 8 - min(depth, 4)


def _distinct(guesses: Sequence[Guess], sample: Sample) -> bool:
    columns = [_values(one.field, sample) for one in guesses]
    rows = list(zip(*columns, strict=True))
    return len(set(rows)) == len(rows) and len(rows) == len(sample.records)


def _values(field: Found, sample: Sample) -> list[str]:
    return field.values if len(field.values) == len(sample.records) else []


def _occurred(found: Sequence[Guess]) -> tuple[Guess, Choice]:
    ranked = []
    for one in found:
        if one.looked.kind not in MOMENTS or one.role in (Role.BORN, Role.DIED, Role.TO, Role.DUE):
            continue
        said = words(one.field.steps[-1])
        told = bool(OF["happened"] & set(said))
        later = bool(OF["versions"] & {*said, "".join(said)})
        filled = len(one.field.values) / one.field.records
        ranked.append((filled + told - later / 2, one, told))
    if not ranked:
        raise SettingsError(
            "no field of the sample is a date, and an event happens at a time",
            remedy="have the system export when a record was made or changed",
        )
    _, best, told = max(ranked, key=lambda one: one[0])
    sure = min(best.looked.confidence, LIKELY if told else MAYBE)
    return best, Choice(
        "when it happened", best.field.path, sure, "a date" if not told else "its name"
    )


def _event(name: str, sample: Sample, found: Sequence[Guess]) -> tuple[str, Choice]:
    heavy = {*words(name), *words(sample.name)}
    light = {word for one in found for step in one.field.steps for word in words(step)}
    scores = {
        event: NAME_WEIGHT * len(known & heavy) + len(known & light)
        for event, known in EVENTS.items()
    }
    best = max(scores, key=lambda event: scores[event])
    if not scores[best]:
        reason = "no event of the hub is about such records alone"
        return NEAREST, Choice("event", NEAREST, 0.1, reason)
    rest = sum(sorted(scores.values())[:-1])
    sure = round(min(SURE, scores[best] / (scores[best] + rest + 1)), 2)
    return best, Choice("event", best, sure, "words of its name and fields")


def _parties(found: Sequence[Guess]) -> dict[str, list[Guess]]:
    """Fields of one person or organisation each: by where they stand, or by their first word."""
    groups: dict[str, list[Guess]] = {}
    for one in found:
        groups.setdefault(_party(one.field), []).append(one)
    named = [party for party, ones in groups.items() if any(_names(one) for one in ones)]
    main = named[0] if named else next(iter(groups), "")
    merged: dict[str, list[Guess]] = {}
    for party, ones in groups.items():
        merged.setdefault(party if party in named else main, []).extend(ones)
    return {party or "person": ones for party, ones in merged.items()}


def _names(one: Guess) -> bool:
    return one.role in (*NAMES, Role.ORGANISATION, Role.TRADING)


def _party(field: Found) -> str:
    label = label_step(field.steps)
    before = field.steps[: field.steps.index(label)]
    outer = [step for step in before if not INNER.issuperset(words(step))]
    if outer:
        return "_".join(words(outer[-1])) or "person"
    first = words(label)[:1]
    return first[0] if first and first[0] in OF["persons"] | OF["organisations"] else ""
