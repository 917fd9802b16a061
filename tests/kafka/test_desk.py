"""The stewards' desk over a real PostgreSQL: what its commands say, and what they do not."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_businesses import businesses
from made_events import KEY, event
from made_people import AGENCIES, Told, crowd, person, subject
from registers import Register, Registers, decided
from typer.testing import CliRunner

from hub import clock
from hub.canon.model import Claims, DecisionKind
from hub.cli.app import app
from hub.cli.identity_told import verdict
from hub.errors import SettingsError
from hub.identity.cluster import AMBIGUOUS
from hub.identity.decisions import answer
from hub.identity.scope import Scope
from hub.identity.subjects import ORGANISATION, PERSON, subject_id
from hub.identity.words import RULES
from hub.processor import reveals
from hub.processor.desk import DAY_US, desk
from hub.processor.memory import Policy
from hub.processor.rows import Wanted
from hub.processor.scratch import take_place_of
from hub.processor.stewards import Said, decide_pair
from hub.processor.weighing import weigh_pairs
from hub.processor.work import state_secret
from hub.telemetry.logs import captured

pytestmark = pytest.mark.kafka
SECRET = state_secret(KEY)
MARIA = Told("Maria", "Garcia", "1950-01-11", phone="(312) 867-5301", street="12 Oak Street")
OLGA = Told("Olga", "Nowakowska", "1962-05-05", phone="(312) 867-5377", street="7 Elm Ave")
Asked = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Register], Asked]:
    """Runs commands of `hub identity` on a register; what they said."""
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "dsn").write_text("unused")

    def on(register: Register) -> Asked:
        (tmp_path / "scope.toml").write_text(scope_toml(register.policy.scope))
        (tmp_path / "hub.toml").write_text(
            'bootstrap_servers = "127.0.0.1:1"\nregistry_url = "http://127.0.0.1:1"\n'
            'postgres_dsn_file = "dsn"\nidentity_key_file = "key"\nscope_file = "scope.toml"\n'
            f"approvers = {register.policy.approvers}\n"
        )
        monkeypatch.setattr("hub.cli.roles.store_of", lambda _: register.store)

        def asked(*words: str, text: bool = False) -> Any:
            options = ["--settings", str(tmp_path / "hub.toml"), *([] if text else ["-o", "json"])]
            done = CliRunner().invoke(app, ["identity", *words, *options], catch_exceptions=False)
            assert done.exit_code == 0, done.output
            return done.stdout if text else json.loads(done.stdout)

        return asked

    return on


def scope_toml(scope: Scope) -> str:
    """A scope as its file."""
    return f"apart = {json.dumps([sorted(pair) for pair in scope.apart])}\n"


def test_the_queue_weighs_as_the_processor_did(registers: Registers) -> None:
    """Each pair's evidence adds up to the weight it waits with, and its rule is the same."""
    register = registers("desk_weighs")
    register.tell(*crowd(250, 3), *businesses(120, 3))
    register.worker.renew_weights()
    with desk(register.store) as seen:
        pairs = seen.waiting(Wanted(), 1_000)
        found = weigh_pairs(seen, SECRET, Policy(), pairs)
    assert len(found) > 20
    assert {pair.refusal for pair in pairs} >= {None, AMBIGUOUS}
    assert {pair.kind for pair in pairs} == {PERSON, ORGANISATION}
    for pair, weighed in found:
        assert weighed.explanation.total == pair.weight
        if pair.refusal is not None:
            assert weighed.explanation.refusal == pair.refusal
        assert not weighed.explanation.together
        assert weighed.near
    unsure = [one for pair, one in found if pair.refusal == AMBIGUOUS]
    told = [verdict(one) for one in unsure if one.runners_up]
    assert any(re.search(r"ambiguous between \S{36} and \S{36}", said) for said in told)
    for one in unsure:
        ends = [{*side.entities} for side in one.sides]
        for rival in one.runners_up:
            assert {rival.of} in ends
            assert {rival.other} not in ends


def test_businesses_are_explained_and_decided_as_people_are(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """Why two businesses are not one is told by own fields and rules; merges are previewed."""
    register = registers("desk_businesses")
    register.tell(
        event(1, ein=2103594, name="Riverside Bakery Ltd"),
        event(2, ein=2103595, name="Riverside Bakery Ltd"),
    )
    asked = ask(register)
    one, other = (
        subject_id(event(number).envelope.origin.record_id, ORGANISATION, "holder")
        for number in (1, 2)
    )
    told = asked("explain", one, other)
    assert told["verdict"].startswith("not one")
    assert any("legal name agrees" in line for line in told["speaks_for"])
    assert any("number" in line for line in told["speaks_against"])
    assert "Riverside" not in json.dumps(told)
    assert {line["field"] for line in told["fields"]} >= {"legal name", "identification number"}
    changes = asked("why-not", one, other)["would_have_to_change"]
    assert RULES["other_verified_identifier"].change in changes
    why = ("--as", "anna", "--reason", "one firm", "--preview")
    (after,) = asked("merge", one, other, *why)["after"]
    assert after["subjects"] == sorted((one, other))
    register.tell(person(3, MARIA))
    with pytest.raises(SettingsError, match="a role ties them"):
        asked("explain", one, subject(3))


def test_a_false_link_lists_its_disclosures_whenever_it_began(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """Two that came in one batch and were one from the first version are listed as well."""
    register = registers("desk_disclosed")
    register.tell(person(1, MARIA), person(2, MARIA, agency=AGENCIES[1]))
    entity = register.entity(1)
    assert entity == register.entity(2)
    register.tell(decided(DecisionKind.NOT_SAME, [1], [2], 1))
    assert register.entity(1) != register.entity(2)
    (span,) = ask(register)("disclosures", subject(1), subject(2))
    assert (span["entity_id"], span["first"], span["last"]) == (entity, 1, 1)
    assert span["until"] >= span["since"]


def test_what_no_agreement_allows_is_neither_compared_nor_explained(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """Two records that would be one: counted by agencies, told to nobody, and no field of them."""
    apart = Scope(apart=(frozenset(AGENCIES[:2]),))
    register = registers("desk_apart", Policy(apart))
    register.tell(person(1, MARIA), person(2, MARIA, agency=AGENCIES[1]))
    register.tell(person(3, MARIA, agency=AGENCIES[2]))
    asked = ask(register)
    assert register.worker.memory.left_out == {tuple(sorted(AGENCIES[:2])): 1}
    told = asked("explain", subject(1), subject(2))
    assert told["refusal"] == "no_agreement"
    assert told["fields"] == []
    assert told["agencies_without_agreement"] == [sorted(AGENCIES[:2])]
    changes = asked("why-not", subject(1), subject(2))["would_have_to_change"]
    assert len(changes) == 1
    assert "scope file" in changes[0]
    register.restart()
    assert register.entity(1) != register.entity(2)


def test_values_are_shown_for_a_reason_and_leave_a_trace(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """No value without --reveal; with it the look is stored and logged, without any value."""
    register = registers("desk_revealed")
    register.tell(person(1, MARIA), person(2, OLGA))
    asked = ask(register)
    for words in (("explain", subject(1), subject(2)), ("why-not", subject(1), subject(2))):
        for said in (json.dumps(asked(*words)), asked(*words, text=True)):
            assert not any(value in said for value in ("Maria", "Garcia", "1950", "Nowak", "5301"))
    with pytest.raises(SettingsError, match="for a reason only"):
        asked("explain", subject(1), subject(2), "--reveal", "--as", "anna")
    with pytest.raises(SettingsError, match="to a steward only"):
        asked("explain", subject(1), subject(2), "--reveal", "--reason", "a call")
    assert asked("reveals") == []
    with captured():  # restores how logs are written
        why = ("--as", "anna", "--reason", "Maria called about it")
        told = asked("explain", subject(1), subject(2), "--reveal", *why)
    values = told["values"]
    assert values[0][0]["claim"]["names"][0]["family"] == "Garcia"
    assert values[1][0]["claim"]["born"]["text"] == "1962-05-05"
    (kept,) = asked("reveals", subject(2))
    assert (kept["steward"], kept["reason"]) == ("anna", "Maria called about it")
    assert {*kept["subjects"]} == {subject(1), subject(2)}
    assert asked("reveals", str(register.entity(1)))[0]["reveal"] == kept["reveal"]
    with captured() as lines:
        reveals.reveal(register.store, [[subject(1)]], Said("bert", "Maria called again", 2))
    (line,) = lines
    assert (line["event"], line["steward"], line["subjects"]) == ("values_revealed", "bert", 1)
    assert "Maria" not in json.dumps(line)
    assert {one["reveal"] for one in asked("reveals")} == {kept["reveal"], line["reveal_id"]}


def test_what_a_source_protects_stays_hidden(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """A steward's reason opens no record that its source marks; nor are many shown at once."""
    register = registers("desk_protected")
    event_ = person(1, MARIA)
    (claimed,) = event_.claims.persons  # type: ignore[union-attr]
    hidden = Claims((claimed._replace(protected=True),), (), ())
    register.tell(event_._replace(claims=hidden), person(2, OLGA))
    asked = ask(register)
    with captured():
        why = ("--as", "anna", "--reason", "a call")
        told = asked("explain", subject(1), subject(2), "--reveal", *why)
    assert told["values"][0][0]["claim"] is None
    assert "Garcia" not in json.dumps(told)
    register.tell(*(person(number, MARIA) for number in range(3, 60)))
    many = [subject(number) for number in range(3, 60)]
    with pytest.raises(SettingsError, match="at most 50"):
        reveals.reveal(register.store, [many], Said("anna", "a call", 3))


def test_a_rebuilt_store_remembers_who_saw_what(registers: Registers) -> None:
    """The trace survives the replacement of the store."""
    register = registers("desk_old")
    register.tell(person(1, MARIA), person(2, OLGA))
    register.store.connection().execute(
        "INSERT INTO reveal VALUES (gen_random_uuid(), 1, 'anna', 'why', '{}')"
    )
    anew = registers("desk_new")
    with take_place_of(anew.store, "desk_old", {}):
        pass
    with desk(register.store) as seen:
        assert [one.steward for one in seen.reveals(None, 10)] == ["anna"]


def test_a_preview_says_what_then_happens(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """A merge of three and the split of one: as previewed, and nothing was changed before."""
    register = registers("desk_preview")
    told = [person(number, one) for number, one in enumerate((MARIA, OLGA, MARIA, OLGA), 1)]
    register.tell(*(one for one in told))
    asked = ask(register)
    why = ("--as", "anna", "--reason", "seen", "--preview")
    names = [str(register.entity(1)), str(register.entity(2))]
    found = asked("merge", *names, *why)
    assert register.entity(1) != register.entity(2)
    (after,) = found["after"]
    assert len(after["subjects"]) == 4
    assert found["refused"] is found["alone"] is False
    (gone,) = found["redirected"]
    merge = decided(DecisionKind.SAME, [1, 3], [2, 4], 1)
    register.tell(merge)
    assert register.entity(1) == register.entity(2) == after["entity_id"]
    assert gone in names
    assert asked("explain", gone, subject(1))["entities"] == [after["entity_id"]]  # it still leads
    parted = asked("split", subject(4), subject(2), *why)
    assert parted["overrides"] != []
    assert {tuple(one["subjects"]) for one in parted["after"]} == {
        tuple(sorted((subject(1), subject(3)))),
        tuple(sorted((subject(2), subject(4)))),
    }
    register.tell(decided(DecisionKind.NOT_SAME, [2, 4], [1, 3], 2))
    assert {register.entity(1), register.entity(2)} == {one["entity_id"] for one in parted["after"]}
    with pytest.raises(SettingsError, match="nothing of the entity would be left"):
        asked("split", str(register.entity(1)), *why)
    with pytest.raises(SettingsError, match="not of one entity"):
        asked("split", subject(1), subject(2), *why)
    with pytest.raises(SettingsError, match="the same record"):
        asked("merge", subject(1), subject(1), *why)


def test_the_queue_is_filtered_aged_and_says_what_waits_for_a_second(
    registers: Registers, ask: Callable[[Register], Asked]
) -> None:
    """By kind, rule and age; a pair that one steward decided of says so until another approves."""
    register = registers("desk_queue", Policy(approvers=2))
    register.tell(*crowd(120, 3))
    register.worker.renew_weights()
    asked = ask(register)
    pairs = asked("review", "--limit", "500")
    assert len(pairs) > 5
    assert all(pair["speaks_for"] for pair in pairs)
    assert not any("Garcia" in json.dumps(pair) for pair in pairs)
    assert asked("review", "--kind", "organisation") == []
    short = asked("review", "--why", "short_of_evidence", "--limit", "500")
    assert 0 < len(short) < len(pairs)
    assert {pair["why"] for pair in short} == {"not enough evidence"}
    assert {pair["rule"] for pair in short} == {"short_of_evidence"}
    with pytest.raises(SettingsError, match="no rule"):
        asked("review", "--why", "anything")
    assert all(pair["pair"] in asked("review", text=True) for pair in pairs[:20])
    assert asked("review", "--older-than", "7") == []
    oldest = pairs[-1]
    register.store.connection().execute(
        "UPDATE possible SET since_us = since_us - %s WHERE pair_id = %s",
        [10 * DAY_US, oldest["pair"]],
    )
    (old,) = asked("review", "--older-than", "7")
    assert old["pair"] == oldest["pair"]
    with desk(register.store) as seen:
        ages = seen.ages(clock.now_us())
    assert ages == {"day": len(pairs) - 1, "week": 0, "month": 1, "older": 0}
    assert asked("review", "show", old["pair"])["verdict"].startswith("not one")
    register.tell(first := proposed_of(register, old))
    (old,) = asked("review", "--older-than", "7")
    assert old["proposed"] == "not_same, waits: approved by 1 of 2"
    agreed = decide_pair(register.store, old["pair"], DecisionKind.NOT_SAME, Said("bert", "no", 2))
    assert (agreed.kind, agreed.decision_id) == (DecisionKind.APPROVE, first.decision_id)
    other = decide_pair(register.store, old["pair"], DecisionKind.SAME, Said("bert", "yes", 2))
    assert other.kind is DecisionKind.SAME
    again = decide_pair(register.store, old["pair"], DecisionKind.NOT_SAME, Said("anna", "no", 3))
    assert again.kind is DecisionKind.NOT_SAME
    (waits,) = asked("decisions", "--waiting")
    assert waits["decision"] == first.decision_id
    register.tell(answer(first, DecisionKind.APPROVE, "bert", "I agree", 2))
    assert asked("decisions", "--waiting") == []
    (stands,) = asked("decisions")
    assert stands["state"] == "counts"


def proposed_of(register: Register, pair: dict[str, Any]) -> Any:
    """What anna says of a pair of the queue."""
    return decide_pair(register.store, pair["pair"], DecisionKind.NOT_SAME, Said("anna", "no", 1))
