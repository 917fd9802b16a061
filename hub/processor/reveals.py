"""Clear values for a steward: only with a reason, and never without a trace of it."""

from collections.abc import Sequence
from typing import NamedTuple

from hub.canon.state import decode_state
from hub.errors import SettingsError
from hub.identity.decisions import REASON_MAX, STEWARD_MAX
from hub.identity.subjects import Claim, current, derived
from hub.processor.desk import desk, writing_desk
from hub.processor.rows import Reveal, SubjectRow
from hub.processor.stewards import Said
from hub.processor.store import Store
from hub.telemetry.signals_processor import ValuesRevealed

SUBJECTS_MAX = 50
"""Of so many records at most values are shown at once: to decide, not to browse."""


class Revealed(NamedTuple):
    """What one record claims now; `claim` is None where its source marks it as protected."""

    subject_id: str
    agency: str
    claim: Claim | None


def reveal(store: Store, sides: Sequence[Sequence[str]], said: Said) -> list[list[Revealed]]:
    """What the subjects of each side claim; that it is shown is stored and logged before.

    Raises SettingsError where there is no steward or no reason, or where the records are too many.
    """
    if not 0 < len(said.steward.strip()) <= STEWARD_MAX:
        raise SettingsError("values are shown to a steward only", remedy="--as NAME says who")
    if not 0 < len(said.reason.strip()) <= REASON_MAX:
        raise SettingsError(
            "values are shown for a reason only", remedy=f"--reason, up to {REASON_MAX} characters"
        )
    with desk(store) as seen:
        found = [sorted(seen.batch.subjects(names)) for names in sides]
    rows = {row.subject_id: row for one in found for row in one}
    if len(rows) > SUBJECTS_MAX:
        raise SettingsError(
            f"these are {len(rows)} records; at most {SUBJECTS_MAX} are shown at once",
            remedy="name records of theirs",
        )
    kept = Reveal(
        derived("reveal", said.steward, str(said.at_us), *sorted(rows)),
        said.at_us,
        said.steward,
        said.reason,
        tuple(sorted(rows)),
    )
    with writing_desk(store) as writing:
        writing.keep_reveal(kept)
    ValuesRevealed(kept.reveal_id, kept.steward, len(rows)).emit()
    return [[_revealed(row) for row in one] for one in found]


def _revealed(row: SubjectRow) -> Revealed:
    state = decode_state(bytes(row.state))
    now = current(state)
    claim = None if now is None or now.claim.protected else now.claim
    return Revealed(row.subject_id, state.agency, claim)
