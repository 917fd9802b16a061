"""Where records stand: the values of a status, and which of our codes they surely mean."""

from collections.abc import Mapping

from hub.connect.scaffold.kinds import comes_again
from hub.connect.scaffold.roles import Guess, words

UNKNOWN = "UNKNOWN"
STATUSES: Mapping[str, frozenset[str]] = {
    name: frozenset(text.split())
    for name, text in {
        "issued": "issued active valid current granted aktiv gueltig erteilt",
        "expired": "expired lapsed abgelaufen inactive",
        "cancelled": "cancelled canceled withdrawn surrendered abgemeldet storniert",
        "revoked": "revoked widerrufen entzogen",
        "pending": "pending applied submitted beantragt offen",
        "open": "open new received outstanding unpaid offen neu eingegangen",
        "in_progress": "progress assigned started review bearbeitung",
        "closed": "closed resolved paid done settled waived erledigt bezahlt",
        "posted": "posted published",
        "forecasted": "forecasted",
        "archived": "archived",
        "delivered": "delivered",
        "sending": "sending sent",
    }.items()
}
OF_EVENT: Mapping[str, tuple[str, ...]] = {
    "LicenceIssued": ("issued", "expired", "cancelled", "revoked", "pending"),
    "ServiceRequestOpened": ("open", "in_progress", "closed"),
    "OpportunityPosted": ("posted", "closed", "forecasted", "archived"),
    "MessageStatusReported": ("sending", "delivered"),
}
"""The events that say where a record stands, and by which codes."""
TELLS_AS_SENT = "EntryRecorded"
"""The event whose status and outcome are texts: any value is such an event."""
_FILLERS = frozenset(("in",))


def table(event: str, status: Guess) -> dict[str, str]:
    """Each value of a status and what it means for an event: UNKNOWN where that is not sure.

    Of a status that is written freely only values that are one of our own words: what else
    somebody wrote may name a person, and a mapping is no place for it.
    """
    coded = comes_again(status.field.values)
    meant = {value: _meaning(value, event) for value in dict.fromkeys(status.field.values)}
    return {value: name for value, name in meant.items() if coded or name != UNKNOWN}


def _meaning(value: str, event: str) -> str:
    """What all words of a value say: of `not issued` one word alone would say the contrary."""
    said = frozenset(words(value)) - _FILLERS
    known = OF_EVENT.get(event, ())
    return next((name for name in known if said and said <= STATUSES[name]), UNKNOWN)
