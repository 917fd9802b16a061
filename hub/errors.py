"""Every error the hub raises, grouped by what happens next.

HubError
├── SettingsError       the operator mends settings; nothing was started
│   └── MappingError    a mapping has errors: its connector cannot be used, the others can
├── UnreadableRecord    this record goes to quarantine, the next one is read
├── DecodeError         these bytes go to quarantine, the next message is read
├── EncodeError         this event is refused before it is published; its record goes to quarantine
├── SourceUnavailable   the source is asked again later, from the same position
├── ContractBreach      the source or connector broke its promise: stop, keep the position
├── Unavailable         Kafka, the registry or PostgreSQL is away: wait, acknowledge nothing
└── Fenced              another worker holds this work: stop at once, commit nothing

A code is stable and machine readable; a message never holds personal data; a remedy says what
a person can do.
"""

from collections.abc import Sequence


class HubError(Exception):
    """The root of all errors of the hub, with a stable code and a remedy."""

    code = "E-HUB"

    def __init__(self, message: str, *, code: str | None = None, remedy: str = "") -> None:
        """Keep the parts apart so that logs and `-o json` can show them as fields."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """One line: code, message and, where there is one, the remedy."""
        text = f"{self.code}: {self.message}"
        return f"{text}. {self.remedy}" if self.remedy else text


class SettingsError(HubError):
    """Settings are missing or wrong; nothing was started."""

    code = "E-SETTINGS"


class MappingError(SettingsError):
    """A mapping has errors; its connector cannot be used.

    `problems` are all of them with their places, as `hub.connect.mapping.lint` gives them.
    """

    code = "E-MAPPING"

    def __init__(self, message: str, *, remedy: str = "", problems: Sequence[object] = ()) -> None:
        """The first problem as a line, and all of them."""
        super().__init__(message, remedy=remedy)
        self.problems = problems


class RecordError(HubError):
    """One record cannot be used; `field` and `rule` say where and why, without its value."""

    code = "E-RECORD"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str = "",
        rule: str = "",
        remedy: str = "",
    ) -> None:
        """Keep the field and the broken rule for the quarantine record."""
        super().__init__(message, code=code, remedy=remedy)
        self.field = field
        self.rule = rule


class UnreadableRecord(RecordError):
    """A source record that cannot be understood: it goes to quarantine."""

    code = "E-RECORD"


class DecodeError(RecordError):
    """Bytes that are not what their schema says: they go to quarantine as they are."""

    code = "E-DECODE"


class EncodeError(RecordError):
    """An event that does not fit its schema: refused before it is published."""

    code = "E-ENCODE"


class SourceUnavailable(HubError):
    """The departmental system does not answer; it is asked again from the same position.

    `wait_s` is how long the system asked not to be asked, 0 where it said nothing.
    """

    code = "E-SOURCE"

    def __init__(
        self, message: str, *, code: str | None = None, remedy: str = "", wait_s: float = 0.0
    ) -> None:
        """Keep the wait for the runtime, which bounds it."""
        super().__init__(message, code=code, remedy=remedy)
        self.wait_s = wait_s


class ContractBreach(HubError):
    """A source or connector broke its promise; the position stays where it was."""

    code = "E-CONTRACT"


class Unavailable(HubError):
    """Kafka, the registry or PostgreSQL is away: wait, acknowledge nothing."""

    code = "E-UNAVAILABLE"


class Fenced(HubError):
    """Another worker holds this work now: stop at once and commit nothing."""

    code = "E-FENCED"
