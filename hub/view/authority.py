"""Which agency is believed about which field: a table in a settings file.

The earlier an agency stands in a field's list, the sooner it is believed; agencies not named come
after those that are. Among equals a verified value comes before a claimed one, a later one before
an earlier one.
"""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from hub.errors import SettingsError

FIELDS = (
    "name",
    "born",
    "legal_name",
    "trading_name",
    "identifier",
    "address",
    "email",
    "phone",
)
"""What a table may speak of."""


class Authority:
    """A table of fields with their agencies, the most believed first."""

    def __init__(self, believed: Mapping[str, tuple[str, ...]]) -> None:
        """Agencies by field."""
        self._ranks = {
            field: {agency: place for place, agency in enumerate(agencies)}
            for field, agencies in believed.items()
        }

    def rank(self, field: str, agency: str) -> int:
        """0 for the agency believed first about a field."""
        ranks = self._ranks.get(field, {})
        return ranks.get(agency, len(ranks))


def load_authority(path: Path | None = None) -> Authority:
    """The table in a TOML file; without one, that which comes with the hub.

    Raises SettingsError where it cannot be used.
    """
    try:
        if path is None:
            text = (resources.files("hub.view") / "authority.toml").read_text()
        else:
            text = path.read_text()
        return authority_of(tomllib.loads(text), str(path))
    except OSError as error:
        raise SettingsError(
            f"the authority file {path} cannot be read ({error.strerror})",
            remedy="name another with authority_file, or leave it out for the one of the hub",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}", remedy="mend the TOML there") from error


def authority_of(table: Mapping[str, Any], where: str) -> Authority:
    """The authority in a parsed table. Raises SettingsError where it is wrong."""
    for field, agencies in table.items():
        if field not in FIELDS:
            raise SettingsError(
                f"{where}: {field} is not a field of a view", remedy=f"use {', '.join(FIELDS)}"
            )
        good = isinstance(agencies, list) and all(isinstance(one, str) for one in agencies)
        if not good or len(set(agencies)) < len(agencies):
            raise SettingsError(
                f"{where}: {field} must be a list of agencies, each once",
                remedy=f'for example {field} = ["Licensing Office", "Grants Office"]',
            )
    return Authority({field: tuple(agencies) for field, agencies in table.items()})
