"""Settings every connector's table may hold: they are its worker's, not the system's."""

import dataclasses

from hub.connect.contract import setting


@dataclasses.dataclass(frozen=True)
class WorkerSettings:
    """How one connector is run."""

    rate_records_per_s: float = setting(
        "At most so many records with news a second, 0 for no limit; control can change it while "
        "the connector runs.",
        default=0.0,
    )
    intake_host: str = setting("Where callbacks are taken.", default="127.0.0.1")
    intake_port: int = setting("The port of callbacks; 0 for any free one.", default=0)


KEYS = frozenset(field.name for field in dataclasses.fields(WorkerSettings))
