"""The guide for a new connector, with a hub up: from the sample file to citizens in the view."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from guide_blocks import blocks, execute

from hub.local.deployment import Deployment
from hub.processor.store import Store

pytestmark = pytest.mark.kafka
PAGE = "add-a-connector.md"
OWNERS = 12


def test_a_sample_becomes_citizens(tmp_path: Path, eventually: Callable[..., None]) -> None:
    """Every command of the page, in its order; 13 dogs, 12 of them with owners in the view."""
    assert threading.current_thread() is threading.main_thread()
    deployment = Deployment(tmp_path / "state", lambda _: None)
    try:
        deployment.start_servers({})
        text = deployment.settings_file.read_text()
        (tmp_path / "hub.toml").write_text(text.replace('"secrets/', '"state/secrets/'))
        deployment.run("processor", "processor")
        store = Store(deployment.endpoints.postgres_dsn)
        store.migrate()
        said: dict[str, str] = {}
        for mark, commands in blocks(PAGE):
            if "--package" in commands:
                continue  # needs no hub
            if mark == "hub-applied":
                eventually(lambda: store.counts()["citizens"] == OWNERS)
            said[mark] = execute(commands, tmp_path)
        store.close()
    finally:
        deployment.stop()
    assert "E-DATE" in said["hub"]
    digest, _, found = said["hub-applied"].partition("}")
    assert json.loads(digest + "}")["citizens"] == OWNERS
    assert "Anna Müller" in found
    assert "1961-02-01" in found
