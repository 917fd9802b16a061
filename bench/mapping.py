"""A mapped connector beside the same one in Python: rows to encoded events, on one core.

Each row of a licence register is one event. Both translate the same rows, and the events go through
the real publisher (difference, identifiers, encoding) to a sender that drops them, so that what is
compared is the connector. Beforehand both must say the same. Processor time, the best of several
rounds, as one JSON object on standard output.

    python bench/mapping.py --records 50000
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from connector_path import COLUMNS, write_file

from hub.bus.producer import Headers
from hub.canon.codec import Codec, wire_names
from hub.canon.model import (
    Address,
    ApplicationType,
    Assurance,
    Claims,
    Identifier,
    Licence,
    LicenceClass,
    LicenceIssued,
    LicenceStatus,
    Organisation,
)
from hub.connect import mapping
from hub.connect.contract import Change, Connector, Draft, LeftOut
from hub.connect.drift import extra
from hub.connect.publish import Publisher, Tally
from hub.connect.sources.csv_rows import rows
from hub.connect.values import date, raise_unreadable, required, symbol, text

MAPPING = """
mapping: 1
name: licensing
owner: Licensing Office
system: licence register
purpose: licence-administration
domain: licensing
source: {csv_snapshots: {key: LICENSE NUMBER}}
record_key: [{constant: business}, LICENSE NUMBER]
claims:
  organisations:
    - ref: holder
      legal_name: LEGAL NAME
      trading_names: [DOING BUSINESS AS NAME]
      identifiers: [{scheme: chicago-account, value: ACCOUNT NUMBER, assurance: verified}]
      addresses:
        - street: ADDRESS
          locality: CITY
          region: STATE
          postal_code: ZIP CODE
          country: {constant: US}
events:
  - event: LicenceIssued
    occurred: {date: TERM FROM, format: "%Y-%m-%d"}
    body:
      licence:
        licence_number: LICENSE NUMBER
        licence_id: LICENSE ID
        licence_class: {constant: business}
        account_number: ACCOUNT NUMBER
        licence_code: LICENSE CODE
        description: LICENSE DESCRIPTION
        application_type: {code: APPLICATION TYPE, table: {ISSUE: issue, RENEW: renew}}
        term_from: {date: TERM FROM, format: "%Y-%m-%d"}
        term_to: {date: TERM TO, format: "%Y-%m-%d"}
        status: {code: STATUS, table: {AAI: issued, AAC: cancelled, REV: revoked}}
"""
TYPES = {"ISSUE": ApplicationType.ISSUE, "RENEW": ApplicationType.RENEW}
STATUSES = {
    "AAI": LicenceStatus.ISSUED,
    "AAC": LicenceStatus.CANCELLED,
    "REV": LicenceStatus.REVOKED,
}
FIELDS = frozenset(COLUMNS.split(","))
ROUNDS = 5


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """The same by hand, as a connector in Python would have it."""
    row = change.record
    number, status = required(row, "LICENSE NUMBER"), text(row, "STATUS")
    kind, trading = text(row, "APPLICATION TYPE"), text(row, "DOING BUSINESS AS NAME")
    account = text(row, "ACCOUNT NUMBER")
    term_from = date(row, "TERM FROM", "%Y-%m-%d")
    if term_from is None:
        raise_unreadable("TERM FROM", "E-FIELD-MISSING", "a date")
    address = Address(
        None,
        text(row, "ADDRESS"),
        None,
        text(row, "CITY"),
        text(row, "STATE"),
        text(row, "ZIP CODE"),
        "US",
    )
    holder = Organisation(
        "holder",
        text(row, "LEGAL NAME"),
        (trading,) if trading else (),
        (Identifier("chicago-account", account, Assurance.VERIFIED),) if account else (),
        (address,) if any(address[:-1]) else (),
    )
    licence = Licence(
        number,
        required(row, "LICENSE ID"),
        LicenceClass.BUSINESS,
        account,
        None,
        text(row, "LICENSE CODE"),
        text(row, "LICENSE DESCRIPTION"),
        (),
        symbol(kind, TYPES, ApplicationType.UNKNOWN),
        kind,
        term_from,
        date(row, "TERM TO", "%Y-%m-%d"),
        symbol(status, STATUSES, LicenceStatus.UNKNOWN),
        status,
    )
    claims = Claims(organisations=(holder,), extra=extra(row, FIELDS))
    key = f"business/{number}"
    yield Draft(LicenceIssued(licence), key, change.version, term_from, claims)


class Dropping:
    """A sender that sends nothing."""

    def send(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()
    ) -> None:
        """Nothing is sent."""


def cpu_us(work: Callable[[], None], records: int) -> float:
    """Processor microseconds for one record, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return best / records * 1e6


def translated(connector: Connector, changes: Iterable[Change]) -> Callable[[], None]:
    """Translation alone."""

    def work() -> None:
        for change in changes:
            list(connector.translate(change))

    return work


def published(connector: Connector, changes: Iterable[Change]) -> Callable[[], None]:
    """Translation, identifiers and encoding."""
    codec = Codec({name: number for number, name in enumerate(wire_names(), 1)})
    publisher = Publisher(connector, b"k" * 32, codec, Dropping())

    def work() -> None:
        tally = Tally()
        for change in changes:
            publisher.take(change, tally, 1, "b1")
        assert tally.quarantined == 0
        assert tally.events == tally.read

    return work


def measured(connector: Connector, changes: list[Change]) -> dict[str, Any]:
    """Both figures of a connector."""
    records = len(changes)
    whole_us = cpu_us(published(connector, changes), records)
    return {
        "translate_us": round(cpu_us(translated(connector, changes), records), 1),
        "translate_and_encode_us": round(whole_us, 1),
        "records_per_cpu_s": round(1e6 / whole_us),
    }


def main() -> None:
    """Run it and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--records", type=int, default=20_000)
    chosen = arguments.parse_args()
    mapped = mapping.connector_of(MAPPING, "bench")
    by_hand = replace(mapped, translate=translate)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "licences.csv"
        write_file(file, chosen.records)
        changes = [Change(row.record, row.raw, None, 7) for row in rows(file)]
    assert all(list(mapped.translate(one)) == list(translate(one)) for one in changes)
    found = {"mapped": measured(mapped, changes), "by_hand": measured(by_hand, changes)}
    rates = [one["records_per_cpu_s"] for one in found.values()]
    json.dump({**found, "mapped_to_by_hand": round(rates[0] / rates[1], 3)}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
