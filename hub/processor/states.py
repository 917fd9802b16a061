"""Stored subjects as resolvers take them: decoded, and with those that ties connect them with."""

from collections.abc import Iterable, Mapping

from hub.canon.model import SubjectState
from hub.canon.state import decode_state
from hub.identity import claims
from hub.identity.record import Record
from hub.identity.subjects import is_tied
from hub.processor.rows import SubjectRow
from hub.processor.transaction import Batch

States = Mapping[str, tuple[str, SubjectState]]
"""Subjects by name: of which kind they are, and what is known of them."""


def records_of(batch: Batch, rows: Iterable[SubjectRow], kind: str) -> dict[str, Record | None]:
    """What the resolver of a kind gets of stored subjects; None of those that claim nothing."""
    states = states_of(rows)
    known = with_tied(batch, states)
    records = claims.records({name: state for name, (_, state) in known.items()})
    return {name: records[name] for name, (its, _) in states.items() if its == kind}


def states_of(rows: Iterable[SubjectRow]) -> States:
    """Stored subjects, decoded."""
    return {row.subject_id: (row.kind, decode_state(bytes(row.state))) for row in rows}


def with_tied(batch: Batch, states: States) -> States:
    """Subjects with all those that ties within their source records connect them with."""
    tied = {state.record_id for _, state in states.values() if is_tied(state)}
    return {**states_of(batch.subjects(record_ids=tied)), **states} if tied else states
