"""Settings: what is missing, unknown or of the wrong type is named, with what to do."""

from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.settings import connector_settings, connectors_folder, load_settings, read_secret

GOOD = """
bootstrap_servers = "127.0.0.1:9092"
registry_url = "http://127.0.0.1:8081"
postgres_dsn_file = "dsn"
identity_key_file = "key"
"""


def written(folder: Path, text: str) -> Path:
    """A settings file."""
    path = folder / "hub.toml"
    path.write_text(text)
    return path


def test_relative_paths_are_below_the_settings_file(tmp_path: Path) -> None:
    """Secrets lie where the file says, whatever the working directory is."""
    (tmp_path / "dsn").write_text("postgresql://x\n")
    settings = load_settings(written(tmp_path, GOOD))
    assert settings.postgres_dsn() == "postgresql://x"
    assert settings.runner == "faust"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + 'bootstrap_server = "x"', "did you mean bootstrap_servers?"),
        (GOOD + 'runner = "storm"', "runner must be faust or batch"),
        (GOOD + 'batch_events_max = "many"', "batch_events_max must be int"),
        (GOOD + "approvers = 0", "approvers must be 1 or more"),
        (GOOD + "batch_wait_s = -1", "batch_wait_s must be 0 or more"),
        (GOOD.replace("registry_url", "#"), "registry_url is missing"),
        ("no toml", "mend the TOML there"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    """Each fault names the key and what to do."""
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text))
    assert told in str(caught.value)


def test_who_asks_a_source_needs_no_hub(tmp_path: Path) -> None:
    """What a file says of connectors is enough; a slip in it is named all the same."""
    path = written(tmp_path, 'connectors_folder = "own"\n[connectors.dogs]\nfolder = "in"\n')
    assert connector_settings(path) == (tmp_path / "own", {"dogs": {"folder": "in"}})
    assert connectors_folder(path) == tmp_path / "own"
    assert connector_settings(written(tmp_path, "")) == (None, {})
    with pytest.raises(SettingsError, match="bootstrap_servers is missing"):
        load_settings(path)
    for text in ("connector_folder = 'own'", "connectors_folder = 1", "no toml"):
        with pytest.raises(SettingsError):
            connector_settings(written(tmp_path, text))


def test_a_short_identity_key_is_refused(tmp_path: Path) -> None:
    """A key that could be guessed is no key; the error does not show it."""
    (tmp_path / "key").write_text("short-secret")
    settings = load_settings(written(tmp_path, GOOD))
    with pytest.raises(SettingsError) as caught:
        settings.identity_key()
    assert "short-secret" not in str(caught.value)


def test_a_missing_secret_says_which_file(tmp_path: Path) -> None:
    """The path is named, and what to do."""
    with pytest.raises(SettingsError, match="create it"):
        read_secret(tmp_path / "nothing")
