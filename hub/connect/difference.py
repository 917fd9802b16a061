"""What changed between two states of a record, as drafts."""

from collections.abc import Collection, Iterable

from hub.canon.model import EventKind
from hub.connect.contract import Draft


def difference(
    before: Iterable[Draft],
    after: Iterable[Draft],
    version: int,
    tells_corrections_of: Collection[type] = (),
) -> list[Draft]:
    """What has to be said so that a reader of `before` knows `after`.

    Drafts are matched by body class and record. New ones are said as they are, changed ones as
    corrected, those that are gone as withdrawn with their last body and claims, at `version`; where
    that is no later state, at the version of what the record says now, or one past its last.
    Versions themselves do not count as a change.
    Of the classes in `tells_corrections_of` a changed draft is said as it is where its version is a
    later one; where it is not, only another kind tells it from what was said before.
    """
    old = {(type(draft.body), draft.record_key): draft for draft in before}
    said: list[Draft] = []
    newest: dict[str, int] = {}
    for draft in after:
        newest[draft.record_key] = draft.record_version
        last = old.pop((type(draft.body), draft.record_key), None)
        if last is None:
            said.append(draft)
        elif last._replace(record_version=draft.record_version) != draft:
            told = type(draft.body) in tells_corrections_of
            stands = told and draft.record_version > last.record_version
            corrected = draft.kind is EventKind.ASSERTED and not stands
            said.append(draft._replace(kind=EventKind.CORRECTED) if corrected else draft)
    for gone in old.values():
        last_version = gone.record_version
        later = max(version, newest.get(gone.record_key, last_version + 1))
        said.append(gone._replace(kind=EventKind.WITHDRAWN, record_version=later))
    return said
