"""Models: learned from records alone, the same for the same records, and refused when broken."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import crowd

from hub.errors import SettingsError
from hub.identity import train
from hub.identity.models import check, read_model, told_model
from hub.identity.person import PERSON
from hub.identity.record import NAMES
from hub.identity.weigh import Counts, Weights, model_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def trained() -> dict[str, Any]:
    """A model learned from a small town."""
    return train.train(crowd(300, 1), PERSON)


def test_training_is_a_function_of_the_set_of_records(trained: dict[str, Any]) -> None:
    """Another order gives the same file to the byte, other records another version."""
    records = crowd(300, 1)
    backwards = {name: records[name] for name in sorted(records, reverse=True)}
    assert json.dumps(train.train(backwards, PERSON)) == json.dumps(trained)
    assert train.train(crowd(300, 2), PERSON)["version"] != trained["version"]
    assert trained["version"].startswith("person-7-")


def test_weights_stay_near_those_it_starts_from(trained: dict[str, Any], tmp_path: Path) -> None:
    """A strange file cannot turn a weight round; and the file is read back as it is."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(trained))
    model, shipped = read_model(path, PERSON), model_of(told_model(PERSON), PERSON.fields)
    moved = 0
    for new, old in zip(model.fields, shipped.fields, strict=True):
        assert new.levels.keys() == old.levels.keys()
        for level, weight in new.levels.items():
            assert abs(weight - old.levels[level]) <= train.BITS_AWAY * 1000 + 1
            moved += weight != old.levels[level]
    assert moved > 5


def test_a_model_that_was_changed_by_hand_has_a_version_of_its_own(
    trained: dict[str, Any], tmp_path: Path
) -> None:
    """Else what was remembered under another model of this name would go on."""
    path = tmp_path / "model.json"
    path.write_text(json.dumps(trained))
    assert read_model(path, PERSON).version == trained["version"]
    path.write_text(json.dumps({**trained, "margin_bits": trained["margin_bits"] + 1}))
    changed = read_model(path, PERSON).version
    assert changed != trained["version"]
    assert changed.startswith("person-7-")


def test_what_few_hold_is_not_written_down() -> None:
    """Tables hold frequent words only, and no number, address or date of anybody."""
    told = train.train(crowd(400, 3), PERSON)
    assert told["frequencies"].keys() <= set(train.TABLES)
    held = [often for table in told["frequencies"].values() for often in table["values"].values()]
    assert min(held) >= train.HELD_LEAST


def test_a_table_stands_in_while_few_records_are_known() -> None:
    """What is frequent where the model was made is frequent here from the first record on."""
    told = {**told_model(PERSON), "frequencies": {"names": {"total": 9000, "values": {"li": 3000}}}}
    none = Counts(tuple({} for _ in PERSON.fields), tuple(0 for _ in PERSON.fields))
    weights = Weights(PERSON, model_of(told, PERSON.fields), none)
    assert weights.same(NAMES, "li") < 2_000 < weights.same(NAMES, "xu")


def test_too_few_records_are_refused() -> None:
    """With a remedy."""
    with pytest.raises(SettingsError, match="too few"):
        train.train(crowd(50, 1), PERSON)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 3}, "version"),
        ({"margin_bits": "x"}, "margin_bits"),
        ({"margin_bits": 1e9}, "margin_bits"),
        ({"births": {"same": 0.9}}, "births"),
        ({"surprise": 1}, "surprise"),
        ({"frequencies": {"names": {"total": -1, "values": {}}}}, "whole number"),
        ({"frequencies": {"shoes": {}}}, "frequencies"),
    ],
)
def test_a_broken_model_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    """The error says which value is wrong."""
    with pytest.raises(SettingsError, match=said):
        check({**told_model(PERSON), **change}, PERSON)


@given(st.sampled_from(sorted(told_model(PERSON))), json_values)
def test_no_model_file_breaks_more_than_itself(name: str, value: Any) -> None:
    """Whatever stands in a file: it is refused with an error, or it is a model."""
    told = {**told_model(PERSON), name: value}
    try:
        check(told, PERSON)
    except SettingsError:
        return
    model_of(told, PERSON.fields)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """No JSON, nested without end, or not there."""
    for text in ("{", "[" * 100_000, "7"):
        path = tmp_path / "model.json"
        path.write_text(text)
        with pytest.raises(SettingsError):
            read_model(path, PERSON)
    with pytest.raises(SettingsError):
        read_model(tmp_path / "none.json", PERSON)
