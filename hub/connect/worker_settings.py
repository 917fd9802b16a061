"""Settings every connector's table may hold: they are its worker's, not the system's."""

import dataclasses
from pathlib import Path

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
    feedback_folder: Path | None = setting(
        "Where reports of refused records are written for their sender, two files for each batch.",
        default=None,
    )
    feedback_token_file: Path | None = setting(
        "The file with the sender's token; with it refused records are told at /feedback.",
        default=None,
    )
    feedback_host: str = setting("Where refused records are told.", default="127.0.0.1")
    feedback_port: int = setting("The port they are told on; 0 for any free one.", default=0)


KEYS = frozenset(field.name for field in dataclasses.fields(WorkerSettings))
