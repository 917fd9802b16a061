"""The stand-in grants department: a legacy PostgreSQL database, and award files in a folder.

A second run finds what the first one did and goes on from there: each transaction leaves its number
in `civic_progress`, which is not published.
"""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import psycopg
from psycopg import sql

from hub.local.departments import grants_rows
from hub.local.departments.files import drop
from hub.local.departments.grants_rows import Write, awards
from hub.local.departments.population import Population

PUBLICATION = "civic_hub"
HISTORY_TRANSACTIONS = 100
"""So many transactions are in the database before anybody reads its log."""
PROGRESS_TRANSACTIONS = 100
KEYS = {"tcontact": "contact_id", "tapplication": "application_id", "taward": "award_id"}
AWARD_FILES = (("awards-2025-03-10.json", False), ("awards-2025-04-07.json", True))
DDL = """
CREATE TABLE IF NOT EXISTS tcontact (
  contact_id bigint PRIMARY KEY, applicant_number text, full_name text, first_name text,
  middle_name text, last_name text, email text, phone_number text, login_id text, ssn text,
  is_duplicate char(1), is_deleted char(1), created_date timestamp, last_upd_date timestamp);
CREATE TABLE IF NOT EXISTS tapplication (
  application_id bigint PRIMARY KEY, tracking_number text, opportunity_number text,
  applicant_type text, organization_name text, employer_taxpayer_id text, samuei text,
  street1 text, street2 text, city text, state text, zip text, country text,
  contact_prefix text, contact_first_name text, contact_middle_name text,
  contact_last_name text, contact_suffix text, contact_title text, contact_phone text,
  contact_email text, contact_login_id text, signatory_full_name text, project_title text,
  requested_amount text, delinquent_federal_debt text, is_draft char(1),
  date_received timestamp, status text, status_date timestamp, created_date timestamp,
  last_upd_date timestamp);
CREATE TABLE IF NOT EXISTS taward (
  award_id bigint PRIMARY KEY, award_number text, tracking_number text, organization_name text,
  samuei text, employer_taxpayer_id text, award_amount text, disbursed_amount text,
  award_date timestamp, project_start_date date, project_end_date date, is_draft char(1),
  created_date timestamp, last_upd_date timestamp);
CREATE TABLE IF NOT EXISTS civic_progress (done integer NOT NULL);
ALTER TABLE tcontact REPLICA IDENTITY FULL;
ALTER TABLE tapplication REPLICA IDENTITY FULL;
ALTER TABLE taward REPLICA IDENTITY FULL;
"""


class GrantsDepartment:
    """The department's database and what it does with it."""

    def __init__(self, dsn: str, population: Population) -> None:
        """`dsn` names an existing database of the department's own, with wal_level=logical."""
        self._dsn = dsn
        self._population = population

    def create(self) -> None:
        """Tables, publication and some history; leaves a database that has them as it is."""
        with psycopg.connect(self._dsn) as connection:
            made = connection.execute("SELECT to_regclass('civic_progress')").fetchone()
            if made is None or made[0] is None:
                connection.execute(DDL)
                tables = sql.SQL(", ").join(sql.Identifier(table) for table in KEYS)
                connection.execute(
                    sql.SQL("CREATE PUBLICATION {} FOR TABLE {}").format(
                        sql.Identifier(PUBLICATION), tables
                    )
                )
                connection.execute("INSERT INTO civic_progress VALUES (0)")
        self._write(HISTORY_TRANSACTIONS, lambda _: None)

    def work(
        self, progress: Callable[[str], None] = lambda _: None, stop: Callable[[], bool] = bool
    ) -> int:
        """Do everything that is still to do, or until `stop` says so; how many writes that was."""
        return self._write(None, progress, stop)

    def _write(
        self, until: int | None, progress: Callable[[str], None], stop: Callable[[], bool] = bool
    ) -> int:
        written = 0
        with psycopg.connect(self._dsn) as connection:
            found = connection.execute("SELECT done FROM civic_progress").fetchone()
            done = int(found[0]) if found else 0
            steps = enumerate(grants_rows.transactions(self._population), 1)
            for number, writes in islice(steps, done, None if until is None else max(until, done)):
                for write in writes:
                    _execute(connection, write)
                connection.execute("UPDATE civic_progress SET done = %s", [number])
                connection.commit()
                written += len(writes)
                if number % PROGRESS_TRANSACTIONS == 0:
                    progress(f"grants: {written} rows written in {number} transactions")
                if stop():
                    break
        return written


def _execute(connection: psycopg.Connection, write: Write) -> None:
    table, key = sql.Identifier(write.table), sql.Identifier(KEYS[write.table])
    names = [sql.Identifier(name) for name in write.row]
    if write.operation == "insert":
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            table, sql.SQL(", ").join(names), sql.SQL(", ").join([sql.Placeholder()] * len(names))
        )
        connection.execute(statement, list(write.row.values()))
        return
    if write.operation == "update":
        sets = sql.SQL(", ").join(sql.SQL("{} = %s").format(name) for name in names)
        statement = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(table, sets, key)
        connection.execute(statement, [*write.row.values(), write.key])
        return
    connection.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(table, key), [write.key])


def write_awards(folder: Path, population: Population) -> int:
    """Drop the award files; files of these names that are there are left. How many were dropped."""
    dropped = 0
    for name, later in AWARD_FILES:
        records = ",\n".join(awards(population, later=later))
        dropped += drop(folder / name, f'{{"grants": [\n{records}\n]}}\n'.encode())
    return dropped
