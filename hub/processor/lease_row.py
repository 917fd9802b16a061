"""The statements of the lease: a row that is taken, kept and left by PostgreSQL's clock.

Every function raises Unavailable where PostgreSQL is away.
"""

from hub.processor.store import LEASE_NAME, LOCK_RESOLVER, Store, away


def take_lease(store: Store, holder: str, seconds: float) -> int | None:
    """The epoch of the lease, taken where nobody holds it; None while another does.

    What the last holder has not committed by then is refused.
    """
    with away(), store.connection().transaction():
        run = store.connection().execute
        free = "coalesce((SELECT expires <= clock_timestamp() FROM lease WHERE name = %s), true)"
        found = run(f"SELECT {free}", [LEASE_NAME]).fetchone()
        if found is None or not found[0]:
            return None
        _end_last_holder(store)
        run("SELECT pg_advisory_xact_lock(%s)", [LOCK_RESOLVER])
        row = run(
            "INSERT INTO lease VALUES (%s, %s, 1, clock_timestamp() + %s * interval '1 second')"
            " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
            " epoch = lease.epoch + 1, expires = excluded.expires"
            " WHERE lease.expires <= clock_timestamp() RETURNING epoch",
            [LEASE_NAME, holder, seconds],
        ).fetchone()
        return None if row is None else int(row[0])


def keep_lease(store: Store, epoch: int, seconds: float) -> bool:
    """Hold the lease for so long from now on; False where another has it."""
    with away():
        found = store.connection().execute(
            "UPDATE lease SET expires = clock_timestamp() + %s * interval '1 second'"
            " WHERE name = %s AND epoch = %s",
            [seconds, LEASE_NAME, epoch],
        )
        return found.rowcount == 1


def leave_lease(store: Store, epoch: int) -> None:
    """Let another take the lease at once."""
    keep_lease(store, epoch, 0)


def lease_holder(store: Store) -> str:
    """Who holds the lease, or held it last."""
    with away():
        row = (
            store.connection()
            .execute("SELECT holder FROM lease WHERE name = %s", [LEASE_NAME])
            .fetchone()
        )
    return row[0] if row else "nobody"


def _end_last_holder(store: Store) -> None:
    """End the last holder's connections, so that it keeps no lock while it hangs."""
    store.connection().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity, lease"
        " WHERE lease.name = %s AND application_name = lease.holder"
        " AND pid <> pg_backend_pid()",
        [LEASE_NAME],
    )
