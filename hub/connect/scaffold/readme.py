"""What a person should look at in a connector that was written from a sample."""

from collections.abc import Iterator, Mapping
from typing import Any

from hub.connect.conformance.translation import SAMPLES_MIN
from hub.connect.scaffold.document import constants
from hub.connect.scaffold.entries import entries
from hub.connect.scaffold.plan import Plan
from hub.connect.scaffold.roles import Guess, Role, is_replaced
from hub.connect.scaffold.status import OF_EVENT, TELLS_AS_SENT, UNKNOWN, table
from hub.connect.sources.encodings import UTF_8
from hub.connect.sources.shapes import Csv

SURE = 0.8


PAGE = """# {name}

A connector of the civic integration hub, written from a sample. Nobody has looked at it yet.

## Look at

{look}
- [ ] Owner, system and purpose in `mapping.yaml`: they stand in each event.
- [ ] {missing}
- [ ] `{source}` is one way in, and what a sample cannot show of it is a guess. Another one is
      written with --source, or put under `source:` of `mapping.yaml`; what the records mean stays.

## What the fields were taken for

| field | values | taken for | confidence | because |
| --- | --- | --- | --- | --- |
{rows}

Event: `{event}`. Fields that are not mapped are kept in the event as extra fields: {extra}.

## Go on

1. Mend `mapping.yaml`; every error is told with its line.
2. `hub connector test {name} --record` records what the samples mean now; look at the difference in
   `samples/`.
3. Put `[connectors.{name}]` into the settings, with what `hub connector spec {name}` names; then
   `hub connector check {name}`, `hub connector read {name}`, `hub connector run {name}`.
"""
_FILES = (
    "Does each file hold everything, or what is new? Here a record that is missing says nothing;\n"
    "      for full CSV files see `csv_snapshots` in the reference of mappings."
)
_SENT = "Does the system send every change, and the end of a record too? One not sent says nothing."
MISSING = {
    "files": _FILES,
    "sftp": _FILES,
    "csv_snapshots": "Does each file hold all? A record that is missing in the next one is gone.",
    "rest": "Does the list tell of records that are removed? One no longer listed says nothing.",
    "webhook": _SENT,
    "amqp": _SENT,
    "sql_polling": "Are rows deleted? One that is deleted says nothing: a column must tell.",
    "postgres_log": "Are rows deleted? A row that is deleted is a record that is gone.",
}
"""What a record that is missing says, by the kind of source."""
INSTALL = "\nInstall this repository beside the hub: its entry point makes it known.\n"


def warnings(plan: Plan, *, keep_values: bool) -> list[str]:
    """What is surely or probably not right yet, most pressing first; without values of records."""
    found = [*_status(plan), *_doubts(plan), *_hints(plan)]
    if plan.sample.refused:
        found.append(f"{plan.sample.refused} records of the sample could not be split into fields.")
    if keep_values:
        found.append(
            "The recorded samples hold the agency's own values: keep them where such may be."
        )
    count = len(plan.sample.records)
    if count < SAMPLES_MIN:
        found.append(
            f"The sample has {count} records. The suite's check `samples` fails until"
            f" {SAMPLES_MIN} are recorded; all other checks run."
        )
    return found


def _doubts(plan: Plan) -> Iterator[str]:
    if isinstance(plan.sample.shape, Csv) and plan.sample.shape.encoding != UTF_8:
        yield (
            f"The sample is not UTF-8 and is taken for {plan.sample.shape.encoding}: do names with"
            " letters beyond a to z look right in `hub connector read --values`? If not, say"
            " another `encoding`, or have the system export UTF-8."
        )
    for choice in plan.choices:
        if choice.confidence < SURE:
            yield (
                f"{choice.what.capitalize()}: {choice.chosen}, with a confidence of"
                f" {choice.confidence:.0%} ({choice.reason})."
            )
    for one in plan.guesses:
        if one.looked.format and one.looked.confidence <= 0.5:  # noqa: PLR2004 - two ways to read it
            yield f"{one.field.path} is a date in which day and month could be the other way round."
        elif (
            one.looked.kind in ("date", "time")
            and not one.looked.offset
            and one.looked.kind == "time"
        ):
            yield f"{one.field.path} has no offset: the zone in the mapping is a guess."


def _hints(plan: Plan) -> Iterator[str]:
    lists = {
        ".".join(one.field.steps[: one.field.steps.index("0")])
        for one in plan.guesses
        if "0" in one.field.steps
    }
    records = () if plan.sample.flat else plan.sample.records
    read = {
        ".".join(found.path): found
        for one in plan.guesses
        if one.role in (Role.EMAIL, Role.PHONE)
        and (found := entries(records, one.field.steps)) is not None
    }
    for name, found in read.items():
        if found.kind:
            kinds = ", ".join(f"`{kind}`" for kind in found.roles)
            yield f"Of {name} the entries whose {found.kind} is {kinds} are read, and no others."
    for name in sorted(lists - {"", *read}):
        yield (
            f"{name} is a list of which the first entry is read, the others are extra fields:"
            " `each` in a mapping reads all."
        )
    for one in plan.guesses:
        if one.role is Role.OTHER and is_replaced(one.field.steps):
            yield (
                f"{one.field.path} may name the record whose place this one takes: see `supersedes`"
                " of an event."
            )
    left = [one.field.path for one in plan.guesses if one.role is Role.OTHER and not one.confidence]
    if left:
        yield f"Not recognised, and kept as they are: {', '.join(left)}."
    if any(one.role is Role.FULL_NAME for one in plan.guesses):
        yield "Names in one field are taken apart in the order the mapping says."
    numbers = [one.field.path for one in plan.guesses if one.role in (Role.NATIONAL, Role.COMPANY)]
    if numbers:
        yield (
            f"{', '.join(numbers)}: identifiers are `claimed`. Say `verified` only where the agency"
            " checked them: verified ones join records by themselves."
        )


def _status(plan: Plan) -> Iterator[str]:
    """What was taken for where a record stands, and what else is the same for each record."""
    one, same = plan.standing(), constants(plan)
    if plan.event == TELLS_AS_SENT:
        one = None
    if one is not None and plan.event not in OF_EVENT:
        yield (
            f"{one.field.path} says where a record stands, and {plan.event} does not: it is kept"
            " as it is. Which of its values are no such event? See `when` and `left_out`."
        )
    elif one is not None:
        yield from _codes(one, table(plan.event, one))
    elif "status" in same:
        yield (
            f"No field of the sample says where a record stands: `status` is `{same['status']}` for"
            " each of them, also for those that have ended."
        )
    rest = [f"`{name}` is `{value}`" for name, value in same.items() if name != "status"]
    if rest:
        yield f"No field of the sample says it, so that for each record {', '.join(rest)}."


def _codes(one: Guess, meant: Mapping[str, str]) -> Iterator[str]:
    values = set(one.field.values)
    known = {value for value, name in meant.items() if name != UNKNOWN}
    if not meant:
        yield (
            f"{one.field.path} says where a record stands, and the sample shows no codes: what is"
            " none of ours becomes UNKNOWN. Give its `code` a table."
        )
    elif left := len(values - known):
        yield (
            f"{one.field.path} has {left} of {len(values)} codes whose meaning is not known: they"
            " are UNKNOWN until you say what each means in the table `status`."
        )


def readme(plan: Plan, parts: Mapping[str, Any], *, keep_values: bool, package: bool) -> str:
    """The README: what to look at, what each field was taken for, how to go on."""
    rows = "\n".join(_row(one) for one in plan.guesses)
    extra = ", ".join(f"`{name}`" for name in parts.get("extra", [])) or "none"
    source = next(iter(plan.sample.source))
    look = "\n".join(f"- [ ] {text}" for text in warnings(plan, keep_values=keep_values))
    found = PAGE.format(
        name=plan.name,
        look=look,
        rows=rows,
        event=plan.event,
        extra=extra,
        source=source,
        missing=MISSING[source],
    )
    return f"{found}{INSTALL}" if package else found


def _row(one: Guess) -> str:
    kind = f"{one.looked.kind}{f' {one.looked.format}' if one.looked.format else ''}"
    cells = (one.field.path, kind, one.role, f"{one.confidence:.0%}", one.reason)
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
