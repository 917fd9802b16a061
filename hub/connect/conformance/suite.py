"""All checks, in the order in which a person mends what they find."""

import threading
from collections.abc import Iterable, Iterator

from hub.connect.conformance import sourcing, telling, translation
from hub.connect.conformance.outcome import Check, Failed, Outcome, Result, Skipped
from hub.connect.conformance.stand import Subject
from hub.errors import HubError, RecordError

CHECKS = (
    Check("settings", "settings are declared in words, secrets are hidden", translation.settings),
    Check("samples", "at least 12 records are recorded as samples", translation.samples),
    Check("recorded", "the samples mean the events recorded beside them", translation.recorded),
    Check("declared", "the events it declares are those it gives", translation.declared),
    Check("repeatable", "translation is pure and leaves its input alone", translation.repeatable),
    Check("identities", "identifiers are stable and distinct", translation.identities),
    Check("roundtrip", "events are the same after encoding and decoding", translation.roundtrip),
    Check("fields", "any one field missing is understood or refused by name", translation.fields),
    Check("drift", "a field nobody mapped is kept and told", translation.drift),
    Check("resume", "stopped after any change and resumed, nothing is missing", sourcing.resume),
    Check("again", "what was told is not told again", sourcing.again),
    Check("versions", "a later state of a record has a higher version", sourcing.versions),
    Check("broken", "a broken record costs only itself and is kept", sourcing.broken),
    Check("stops", "closed at any item it ends in time and leaves nothing open", sourcing.stops),
    Check("unavailable", "a system that is away is asked again", sourcing.unavailable),
    Check("acknowledges", "nothing is forgotten before it is confirmed", sourcing.acknowledges),
    Check("privacy", "nothing personal shows in logs, errors or headers", telling.privacy),
    Check("signals", "what was read is told, and the books balance", telling.signals),
)


def examine(subject: Subject, checks: Iterable[Check] = CHECKS) -> Iterator[Result]:
    """The result of each check, as soon as it is there."""
    for check in checks:
        yield run(check, subject)


def run(check: Check, subject: Subject) -> Result:
    """One check within its time limit; it runs in a thread of its own, so that it can be left."""
    found: list[Result] = []
    thread = threading.Thread(
        target=lambda: found.append(_run(check, subject)), name=f"check-{check.name}", daemon=True
    )
    thread.start()
    thread.join(check.limit_s)
    if found:
        return found[0]
    return Result(
        check.name,
        Outcome.FAILED,
        f"not done after {check.limit_s:.0f} s",
        "changes",
        "return when there is no more for now; wait nowhere without a limit",
    )


def _run(check: Check, subject: Subject) -> Result:
    try:
        check.run(subject)
    except Failed as failed:
        return Result(check.name, Outcome.FAILED, *failed.result)
    except Skipped as skipped:
        return Result(check.name, Outcome.SKIPPED, str(skipped))
    except RecordError as error:
        return _failed(check, f"a record's error {error.code} ends the reading")
    except HubError as error:
        return _failed(check, f"reading the samples fails with {error.code}: {error.message}")
    except Exception as error:  # noqa: BLE001 - a connector may fail in any way
        return _failed(check, f"reading the samples fails with {type(error).__name__}")
    return Result(check.name, Outcome.PASSED)


def _failed(check: Check, what: str) -> Result:
    return Result(check.name, Outcome.FAILED, what, "samples", "mend it, or how they are served")
