"""The connector's way: read, translate, encode, publish, confirmed, on one core.

A local CSV of licence rows goes through the real runtime to a real Kafka, which runs on the other
core. Beside it, in the same run and on the same core: librdkafka alone producing the same bytes,
and fastavro alone encoding the same events. Results as one JSON object on standard output.

    python bench/connector_path.py --records 1000000
"""

import argparse
import csv
import io
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import fastavro
from confluent_kafka import Producer as Librdkafka

import schemas
from hub import garbage
from hub.bus.admin import apply_topics
from hub.bus.producer import Producer
from hub.bus.reader import read_topic
from hub.bus.topics import all_topics, events_topic
from hub.canon.codec import Codec, parse
from hub.canon.model import (
    EVENT_NAMES,
    Address,
    ApplicationType,
    Assurance,
    Claims,
    Identifier,
    Licence,
    LicenceClass,
    LicenceIssued,
    LicenceStatus,
    Moment,
    Organisation,
    Precision,
)
from hub.canon.registry import register_all
from hub.connect.contract import Change, Connector, Draft, LeftOut, setting
from hub.connect.positions import Position
from hub.connect.runtime import Links, run
from hub.connect.sources.csv_rows import rows
from hub.local.stack import LocalStack
from hub.telemetry.logs import configure_logs

PEER_RECORDS = 100_000
DAY_US = 86_400_000_000
COLUMNS = (
    "LICENSE ID,ACCOUNT NUMBER,LEGAL NAME,DOING BUSINESS AS NAME,ADDRESS,CITY,STATE,ZIP CODE,"
    "LICENSE CODE,LICENSE DESCRIPTION,LICENSE NUMBER,APPLICATION TYPE,TERM FROM,TERM TO,STATUS"
)


@dataclass(frozen=True)
class Settings:
    """Where the file lies."""

    file: str = setting("The CSV file.")


def changes(settings: Settings, after: str | None) -> Iterator[Change]:
    """Every row of the file behind the position."""
    start = int(after or -1)
    for row in rows(Path(settings.file)):
        if row.offset > start:
            yield Change(row.record, row.raw, str(row.offset), context={"line": row.line})


def day(text: str) -> Moment:
    """A day as a moment."""
    year, month, date = int(text[:4]), int(text[5:7]), int(text[8:])
    earliest = ((year * 372 + month * 31 + date) - 732_871) * DAY_US
    return Moment(text, Precision.DAY, earliest)


def translate(change: Change) -> Iterator[Draft | LeftOut]:
    """One licence issued a row."""
    row = change.record
    number = row["LICENSE NUMBER"]
    term_from = day(row["TERM FROM"])
    holder = Organisation(
        "holder",
        row["LEGAL NAME"],
        (row["DOING BUSINESS AS NAME"],),
        (Identifier("chicago-account", row["ACCOUNT NUMBER"], Assurance.VERIFIED),),
        (Address(None, row["ADDRESS"], None, row["CITY"], row["STATE"], row["ZIP CODE"], "US"),),
    )
    licence = Licence(
        number,
        row["LICENSE ID"],
        LicenceClass.BUSINESS,
        row["ACCOUNT NUMBER"],
        None,
        row["LICENSE CODE"],
        row["LICENSE DESCRIPTION"],
        (),
        ApplicationType.RENEW,
        row["APPLICATION TYPE"],
        term_from,
        day(row["TERM TO"]),
        LicenceStatus.ISSUED,
        row["STATUS"],
    )
    claims = Claims((), (holder,))
    yield Draft(LicenceIssued(licence), f"business/{number}", 1, term_from, claims)


CONNECTOR = Connector(
    name="licensing",
    owner="Licensing Office",
    system="licence register",
    purpose="licence-administration",
    domain="licensing",
    settings=Settings,
    translate=translate,
    emits=(LicenceIssued,),
    changes=changes,
    known_fields=frozenset(COLUMNS.split(",")),
)


def write_file(path: Path, records: int) -> None:
    """The input: rows like those of a licence register."""
    with path.open("w") as file:
        file.write(COLUMNS + "\n")
        for n in range(records):
            file.write(
                f'{n},{n % 50_000},"HOLDER {n % 50_000}, INC.",SHOP {n},{n % 9_000} W MAIN ST,'
                f"CHICAGO,IL,606{n % 90:02},1010,Limited Business License,{10_000_000 + n},RENEW,"
                f"20{n % 20:02}-{n % 12 + 1:02}-16,20{n % 20 + 1:02}-{n % 12 + 1:02}-15,AAI\n"
            )


def cpu_s() -> float:
    """Processor seconds of this process, threads of librdkafka included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Timed:
    """Wall and processor seconds of a block."""

    def __enter__(self) -> Self:
        """The clocks start."""
        self.wall_s, self.cpu_s = -time.perf_counter(), -cpu_s()
        return self

    def __exit__(self, *_: object) -> None:
        """The clocks stop."""
        self.wall_s += time.perf_counter()
        self.cpu_s += cpu_s()


def measure_hub(bootstrap: str, codec: Codec, file: Path) -> dict[str, Any]:
    """The real runtime over the whole file."""
    producer = Producer(bootstrap, {}, "bench")
    links = Links(producer, codec, b"k" * 32, Position)
    with Timed() as timed:
        books = run(CONNECTOR, Settings(str(file)), links, stop=threading.Event(), once=True)
    assert books.balanced
    return {
        "records": books.read,
        "events": books.events,
        "quarantined": books.quarantined,
        "seconds": round(timed.wall_s, 2),
        "cpu_seconds": round(timed.cpu_s, 2),
        "records_per_s": round(books.read / timed.wall_s),
        "microseconds_per_record": round(timed.wall_s / books.read * 1e6, 1),
        "peak_rss_mb": round(peak_mb()),
    }


def measure_librdkafka(bootstrap: str, sample: list[Any]) -> float:
    """Messages a second of librdkafka alone, the same keys, values and headers, confirmed."""
    producer = Librdkafka(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 5,
            "queue.buffering.max.messages": len(sample) + 1,
            "on_delivery": lambda *_: None,
        }
    )
    ready = [(m.value, m.key, list(m.headers)) for m in sample]
    with Timed() as timed:
        for value, key, headers in ready:
            producer.produce(events_topic("messaging"), value, key, headers=headers)
        assert producer.flush(60) == 0
    return len(sample) / timed.wall_s


def measure_fastavro(sample: list[Any]) -> float:
    """Events a second of fastavro alone, from dictionaries that are ready to be written."""
    schema = parse(schemas.load(EVENT_NAMES[LicenceIssued]))
    plain = [fastavro.schemaless_reader(io.BytesIO(m.value[5:]), schema, None) for m in sample]
    with Timed() as timed:
        for event in plain:
            buffer = io.BytesIO()
            fastavro.schemaless_writer(buffer, schema, event)
            buffer.getvalue()
    return len(plain) / timed.wall_s


def measure_csv(file: Path) -> float:
    """Rows a second of csv.DictReader alone."""
    with Timed() as timed, file.open() as opened:
        count = sum(1 for _ in csv.DictReader(opened))
    return count / timed.wall_s


def main() -> None:
    """Run it and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--records", type=int, default=200_000)
    arguments.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    chosen = arguments.parse_args()
    others = os.sched_getaffinity(0) - {chosen.core} or {chosen.core}
    with tempfile.TemporaryDirectory() as folder:
        configure_logs("bench", Path(folder) / "log.jsonl")
        garbage.look_seldom()
        file = Path(folder) / "licences.csv"
        write_file(file, chosen.records)
        os.sched_setaffinity(0, others)  # the servers inherit it
        with LocalStack(Path(folder) / "state") as stack:
            where = stack.endpoints
            codec = Codec(register_all(where.registry_url))
            apply_topics(where.bootstrap_servers, all_topics((CONNECTOR.name,)), {})
            os.sched_setaffinity(0, {chosen.core})
            ours = measure_hub(where.bootstrap_servers, codec, file)
            sample = []
            for message in read_topic(where.bootstrap_servers, events_topic("licensing")):
                sample.append(message)
                if len(sample) >= PEER_RECORDS:
                    break
            bare = measure_librdkafka(where.bootstrap_servers, sample)
        peers = {
            "librdkafka_alone_per_s": round(bare),
            "fastavro_encode_alone_per_s": round(measure_fastavro(sample)),
            "csv_dictreader_alone_per_s": round(measure_csv(file)),
        }
    rate = ours["records_per_s"]
    ratios = {f"hub_to_{name}": round(rate / value, 3) for name, value in peers.items()}
    json.dump({"hub": ours, "beside": peers, "ratios": ratios}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
