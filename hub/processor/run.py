"""Starts the processor with the runner the settings choose."""

import threading
from pathlib import Path

from hub.canon.codec import Codec
from hub.errors import Fenced, SettingsError, Unavailable
from hub.identity.models import read_model
from hub.identity.scope import load_scope
from hub.identity.state_lmdb import LmdbState
from hub.identity.subjects import ORGANISATION, PERSON
from hub.processor import batch
from hub.processor.lease import Lease, holder_name
from hub.processor.memory import KINDS, Policy
from hub.processor.store import Store
from hub.processor.work import Stopped, Worker, state_secret
from hub.settings import HubSettings
from hub.telemetry.metrics import Health
from hub.view.authority import load_authority

STATES_MAX = 8


def policy_of(settings: HubSettings) -> Policy:
    """What the operator settles about identity and views."""
    files = {PERSON: settings.person_model_file, ORGANISATION: settings.organisation_model_file}
    return Policy(
        load_scope(settings.scope_file),
        settings.approvers,
        load_authority(settings.authority_file),
        {kind: read_model(file, KINDS[kind]) for kind, file in files.items() if file},
    )


def run_processor(
    settings: HubSettings,
    codec: Codec,
    stop: threading.Event,
    health: Health,
    *,
    schema: str = "hub",
) -> None:
    """Apply events to the store until asked to stop; stand by while another processor does."""
    policy, holder = policy_of(settings), holder_name()
    store = Store(settings.postgres_dsn(), schema, holder)
    lease = Lease(settings.postgres_dsn(), schema, holder, health)
    states: dict[str, LmdbState] = {}
    try:
        _migrate(store, stop, health)
        secret = state_secret(settings.identity_key())
        states = open_states(settings.state_dir / f"identity-{schema}", secret)
        worker = Worker(store, codec, settings.identity_key(), stop, health, policy, states=states)
        worker.lease_epoch = lease.wait(stop, worker.follow)
        if worker.lease_epoch is not None:
            worker.load()
            _run(settings, worker, stop, health)
    except Stopped:
        return
    finally:
        lease.leave()
        store.close()
        for state in states.values():
            state.close()


def open_states(folder: Path, secret: bytes) -> dict[str, LmdbState]:
    """What the resolver of each kind remembers, in the first folder that no other process has.

    Raises Fenced where too many processes of this machine run.
    """
    for number in range(STATES_MAX):
        found: dict[str, LmdbState] = {}
        try:
            for kind in KINDS:
                found[kind] = LmdbState(folder / str(number) / kind, secret)
        except Fenced:
            for state in found.values():
                state.close()
        else:
            return found
    raise Fenced(
        f"{STATES_MAX} processors run with one state folder",
        remedy="one active and one standby are enough; stop the others",
    )


def _migrate(store: Store, stop: threading.Event, health: Health) -> None:
    while not stop.is_set():
        try:
            store.migrate()
        except Unavailable as error:
            health.turn(error.message)
            stop.wait(batch.AWAY_WAIT_S)
        else:
            return


def _run(settings: HubSettings, worker: Worker, stop: threading.Event, health: Health) -> None:
    if settings.runner == "batch":
        batch.run(settings, worker, stop, health)
    elif settings.runner == "faust":
        from hub.processor.agent import run  # noqa: PLC0415 - Faust takes a second to import

        run(settings, worker, stop, health)
    else:
        raise SettingsError(f"there is no runner {settings.runner}")
