"""The catalogue: connectors of packages, and mappings in a folder, each for itself."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from mappings import document

from hub.bus.topics import all_topics
from hub.connect import catalogue
from hub.errors import MappingError, SettingsError

EXAMPLES = Path(__file__).parents[2] / "examples" / "connectors"


def test_a_folder_of_mappings_needs_no_package(tmp_path: Path) -> None:
    """NAME.yaml and NAME/mapping.yaml are connectors beside ours, with quarantines of their own."""
    (tmp_path / "permits.yaml").write_text(document())
    (tmp_path / "stalls").mkdir()
    (tmp_path / "stalls" / "mapping.yaml").write_text(
        document().replace("name: permits", "name: stalls")
    )
    found = catalogue.connectors(tmp_path)
    assert {"permits", "stalls", "licensing"} <= set(found)
    assert catalogue.connector("stalls", tmp_path).name == "stalls"
    topics = {topic.name for topic in all_topics(tuple(found))}
    assert {"civic.quarantine.permits", "civic.quarantine.licensing"} <= topics
    assert "permits" not in catalogue.connectors()


def test_a_broken_mapping_does_not_stop_the_others(tmp_path: Path) -> None:
    """It is told with its first problem; so is one under another's name, and a name taken twice."""
    (tmp_path / "permits.yaml").write_text(document())
    (tmp_path / "wrong.yaml").write_text(document().replace("licence_id", "license_id"))
    (tmp_path / "other.yaml").write_text(document())
    (tmp_path / "licensing.yaml").write_text(document())
    assert "permits" in catalogue.connectors(tmp_path)
    broken = catalogue.broken(tmp_path)
    assert set(broken) == {"wrong", "other", "licensing"}
    assert "line 15, column 9: 'license_id' is no key of Licence" in broken["wrong"]
    assert "is the mapping of permits" in broken["other"]
    assert "two connectors" in broken["licensing"]
    with pytest.raises(MappingError, match="license_id") as caught:
        catalogue.connector("wrong", tmp_path)
    assert caught.value.code == "E-MAPPING"
    assert len(caught.value.problems) == 1


def test_a_mapping_whose_source_is_code_is_no_connector_alone(tmp_path: Path) -> None:
    """In a folder there is no code that could read for it."""
    text = document(source="source: {own: {records: columns}}\n")
    (tmp_path / "permits.yaml").write_text(text)
    assert "code of its own" in catalogue.broken(tmp_path)["permits"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A folder that the settings name and nobody made is no empty one."""
    with pytest.raises(SettingsError, match="connectors_folder"):
        catalogue.connectors(tmp_path / "gone")


def test_a_package_may_ship_its_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point that names a YAML file of a package is that mapping."""
    (tmp_path / "permits_package").mkdir()
    (tmp_path / "permits_package" / "mapping.yaml").write_text(document())
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    points = [
        EntryPoint("permits", "permits_package:mapping.yaml", catalogue.GROUP),
        EntryPoint("gone", "permits_package:other.yaml", catalogue.GROUP),
    ]
    monkeypatch.setattr(catalogue, "entry_points", lambda **_: points)
    assert catalogue.connector("permits").owner == "Transport Office"
    assert set(catalogue.broken()) == {"gone"}


def test_the_examples_are_connectors() -> None:
    """Every mapping among the examples loads."""
    assert "parking_permits" in catalogue.connectors(EXAMPLES)
    assert catalogue.broken(EXAMPLES) == {}
