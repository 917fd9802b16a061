"""The real sample files as connectors read them, and what must come of them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from connectors.grants import awards, opportunities
from connectors.licensing import connector as licensing
from connectors.messaging import requests_file
from hub.connect.contract import Connector


class Case(NamedTuple):
    """A connector, its settings for the real files, and what must come out of them."""

    connector: Connector
    settings: Callable[[Path], Any]
    events: dict[str, int]
    rows: Callable[[Path], int]


def csv_rows(path: Path) -> int:
    """Rows of a CSV file after its header, counted without the hub."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return sum(1 for _ in csv.DictReader(file))


CHICAGO = "chicago-business-licenses.csv"
NYC = "nyc-311-service-requests.csv"
CASES = [
    Case(
        licensing.CONNECTOR,
        lambda real: licensing.Settings(real / "licensing", CHICAGO),
        {
            "LicenceApplied": 139,
            "LicenceApplicationCompleted": 555,
            "LicenceFeePaid": 553,
            "LicenceApproved": 551,
            "LicenceIssued": 561,
            "LicenceEnded": 43,
        },
        lambda real: csv_rows(real / "licensing" / CHICAGO),
    ),
    Case(
        awards.CONNECTOR,
        lambda real: awards.Settings(real / "grants" / "360giving"),
        {"AwardGranted": 379},
        lambda real: len(
            json.loads((real / "grants/360giving/wolfson-awards.json").read_text())["grants"]
        ),
    ),
    Case(
        opportunities.CONNECTOR,
        lambda real: opportunities.Settings(real / "grants" / "simpler-grants-gov"),
        {"OpportunityPosted": 146},
        lambda real: csv_rows(real / "grants/simpler-grants-gov/opportunity.csv"),
    ),
    Case(
        requests_file.CONNECTOR,
        lambda real: requests_file.Settings(real / "messaging", NYC),
        {"ServiceRequestOpened": 500, "ServiceRequestChanged": 371, "ServiceRequestClosed": 232},
        lambda real: csv_rows(real / "messaging" / NYC),
    ),
]
