"""Parts: pieces of a document that are named once and used again."""

import dataclasses
from typing import Any

from hub.connect.mapping.build import Build, Value
from hub.connect.mapping.document import Table, Text
from hub.connect.mapping.keys import text_of
from hub.connect.mapping.problem import shown

PART = "part"


def once(build: Build, made: Value) -> Value:
    """The same value, made once for each source record."""
    number, read = build.number(), made.get

    def get(source: Any, memo: dict[int, Any]) -> Any:
        if number not in memo:
            memo[number] = read(source, memo)
        return memo[number]

    return made._replace(get=get)


def only_part(table: Table) -> str | None:
    """The part that a table is, where it is nothing else."""
    ((key, held), *others) = table.pairs or ((None, None),)
    if key is not None and key.value == PART and not others and isinstance(held, Text):
        return held.value
    return None


def spread(build: Build, table: Table) -> tuple[Build, Table]:
    """The table with the keys of the part it names, its own before them."""
    node = table.get(PART)
    if node is None:
        return build, table
    name = text_of(node, PART, build.report)
    own = tuple(pair for pair in table.pairs if pair[0].value != PART)
    if name in build.using:
        build.report.error(node.at, f"the part {shown(name)} uses itself", "leave it out there")
        return build, Table(own, table.at)
    if name not in build.parts:
        build.report.unknown(node.at, name, "part", build.parts)
        return build, Table(own, table.at)
    build.used_parts.add(name)
    names = {key.value for key, _ in own}
    theirs = tuple(pair for pair in build.parts[name].pairs if pair[0].value not in names)
    inner = dataclasses.replace(build, using=(*build.using, name))
    return spread(inner, Table((*own, *theirs), table.at))
