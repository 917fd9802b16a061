"""The mapping of a plan, as a YAML document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from phonenumbers import SUPPORTED_REGIONS

from hub.connect.drift import anywhere
from hub.connect.scaffold import status
from hub.connect.scaffold.entries import entries
from hub.connect.scaffold.kinds import Kind, is_nothing
from hub.connect.scaffold.plan import DOMAINS, Plan
from hub.connect.scaffold.roles import OF, Guess, Role, label_step, words


class Place(NamedTuple):
    """Where the system is, for what its records do not say."""

    owner: str
    zone: str = "UTC"
    country: str = ""
    currency: str = "USD"


def document(plan: Plan, place: Place) -> dict[str, Any]:
    """The mapping as plain values."""
    made = _Made(plan, place)
    event = {
        "event": plan.event,
        "occurred": made.moment(plan.occurred),
        "body": made.body(),
    }
    claims = made.claims()
    parts: dict[str, Any] = {
        "mapping": "1",
        "name": plan.name,
        "owner": place.owner,
        "system": plan.name.replace("_", "-"),
        "purpose": plan.name.replace("_", "-"),
        "domain": DOMAINS[plan.event],
        "doc": f"{plan.name.replace('_', ' ').capitalize()}, by {next(iter(plan.sample.source))}.",
        "source": dict(plan.sample.source),
    }
    if made.tables:
        parts["tables"] = made.tables
    parts["record_key"] = [{"constant": plan.name}, *(made.path(one) for one in plan.key)]
    if plan.version is not None:
        parts["record_version"] = made.version(plan.version)
    if claims:
        parts["claims"] = claims
    parts["events"] = [event]
    extra = [name for name in made.top_fields() if name not in made.read] + made.inner_rest()
    if extra:
        parts["extra"] = extra
    return parts


def text(parts: Mapping[str, Any], comment: str) -> str:
    """The document as YAML, with a comment before it."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    body = yaml.safe_dump(dict(parts), sort_keys=False, allow_unicode=True, width=100)
    return f"{head}{body}"


def constants(plan: Plan) -> dict[str, str]:
    """Fields of the event's class that are the same for each record, as no field says them."""
    return dict(_constants(_Made(plan, Place("")).body()))


def _constants(parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in parts.items():
        if isinstance(value, Mapping):
            if "constant" in value:
                yield name, value["constant"]
            yield from _constants(value)


class _Made:
    """Parts of one document, and which fields they read."""

    def __init__(self, plan: Plan, place: Place) -> None:
        self.plan = plan
        self.place = place
        self.read: set[str] = set()
        self.done: set[tuple[str, ...]] = set()
        self.entries: set[str] = set()
        self.tables: dict[str, dict[str, str]] = {}

    def top_fields(self) -> list[str]:
        return list(dict.fromkeys(one.field.steps[0] for one in self.plan.guesses))

    def inner_rest(self) -> list[str]:
        """Paths of what nothing reads of tables of which something is read; of lists at any place.

        Of a list the first entry is read, so that all that the others have is left.
        """
        left = (
            anywhere(one.field.path)
            for one in self.plan.guesses
            if not self.plan.sample.flat
            and len(one.field.steps) > 1
            and one.field.steps[0] in self.read
            and not any("." in step for step in one.field.steps)
            and (one.field.steps not in self.done or anywhere(one.field.path) != one.field.path)
            and anywhere(one.field.path) not in self.entries
        )
        return list(dict.fromkeys(left))

    def path(self, one: Guess) -> Any:
        """A column, or a path; as steps where a name holds a dot."""
        self.read.add(one.field.steps[0])
        self.done.add(one.field.steps)
        plain = self.plan.sample.flat or not any("." in step for step in one.field.steps)
        return one.field.path if plain else {"path": list(one.field.steps)}

    def of(self, role: Role) -> Any:
        one = self.plan.of(role)
        return None if one is None else self.path(one)

    def moment(self, one: Guess) -> dict[str, Any]:
        looked, path = one.looked, self.path(one)
        if looked.kind is Kind.EPOCH:
            return {"epoch": path, "unit": looked.format}
        if looked.kind is Kind.DATE:
            return {"date": path, "format": looked.format}
        told = {"time": path} | ({"format": looked.format} if looked.format else {})
        return told if looked.offset else {**told, "zone": self.place.zone}

    def moment_of(self, role: Role) -> dict[str, Any] | None:
        one = self.plan.of(role)
        return None if one is None else self.moment(one)

    def version(self, one: Guess) -> dict[str, Any]:
        if one.looked.kind is Kind.WHOLE:
            return {"whole": self.path(one)}
        return {"latest": [self.moment(one)]}

    def key(self) -> Any:
        keys = [self.path(one) for one in self.plan.key]
        return keys[0] if len(keys) == 1 else {"join": keys, "with": "-"}

    def status(self, default: str) -> Any:
        """Where a record stands: never the same for all where the source says it."""
        one = self.plan.standing()
        if one is None:
            return {"constant": default}
        table = status.table(self.plan.event, one)
        if not table:
            return {"code": self.path(one)}
        self.tables["status"] = table
        return {"code": self.path(one), "table": "status"}

    def money(self) -> dict[str, Any] | None:
        one = self.plan.of(Role.MONEY)
        if one is None:
            return None
        paid_in = self.plan.of(Role.CURRENCY)
        currency: Any = one.looked.currency or self.place.currency
        if paid_in is not None:
            currency = {"path": self.path(paid_in)}
        told: dict[str, Any] = {"money": self.path(one), "currency": currency}
        if not OF["cents"].isdisjoint(words(label_step(one.field.steps))):
            told["units"] = "0.01"
        return {**told, "decimal": ","} if one.looked.format == "," else told

    def body(self) -> dict[str, Any]:
        """The fields of the event's class that the sample speaks of."""
        made = getattr(self, f"_{self.plan.event}")()
        return {name: value for name, value in made.items() if value is not None}

    def _LicenceIssued(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        persons = any(one.role not in (Role.ORGANISATION, Role.TRADING) for one in self._named())
        licence = {
            "licence_number": self.key(),
            "licence_id": self.key(),
            "licence_class": {"constant": "professional" if persons else "business"},
            "licence_code": self.of(Role.CATEGORY),
            "description": self.of(Role.TITLE),
            "application_type": {"constant": "issue"},
            "term_from": self.moment_of(Role.FROM),
            "term_to": self.moment_of(Role.TO),
            "status": self.status("issued"),
        }
        return {"licence": {name: value for name, value in licence.items() if value is not None}}

    def _ServiceRequestOpened(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {
            "request_id": self.key(),
            "service_name": self.of(Role.CATEGORY),
            "detail": self.of(Role.TITLE),
            "status": self.status("open"),
            "requested": self.moment(self.plan.occurred),
            "expected": self.moment_of(Role.DUE),
        }

    def _ApplicationSubmitted(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {
            "application_number": self.key(),
            "project_title": self.of(Role.TITLE),
            "requested": self.money(),
        }

    def _AwardGranted(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {
            "award_number": self.key(),
            "title": self.of(Role.TITLE),
            "awarded": self.money(),
            "from_on": self.moment_of(Role.FROM),
            "to_on": self.moment_of(Role.TO),
        }

    def _ContactRecorded(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {"contact_number": self.key()}

    def _OpportunityPosted(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {
            "opportunity_id": self.key(),
            "title": self.of(Role.TITLE),
            "category": {"constant": "other"},
            "status": self.status("posted"),
            "posted_on": self.moment(self.plan.occurred),
            "closes_on": self.moment_of(Role.TO) or self.moment_of(Role.DUE),
        }

    def _EntryRecorded(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {
            "register": {"constant": self.plan.name.replace("_", " ")},
            "entry_number": self.key(),
            "category_text": self.of(Role.CATEGORY),
            "title": self.of(Role.TITLE),
            "status_text": self.of(Role.STATUS),
            "outcome_text": self.of(Role.OUTCOME),
            "amount": self.money(),
            "due_on": self.moment_of(Role.DUE),
            "from_on": self.moment_of(Role.FROM),
            "to_on": self.moment_of(Role.TO),
        }

    def _MessageStatusReported(self) -> dict[str, Any]:  # noqa: N802 - the event's name
        return {
            "message_id": self.key(),
            "channel": {"constant": "email"},
            "status": self.status("sending"),
        }

    def _named(self) -> list[Guess]:
        return [one for ones in self.plan.parties.values() for one in ones]

    def claims(self) -> dict[str, Any]:
        """Persons, organisations, their ties, and free texts."""
        persons, organisations, roles = [], [], []
        for ref, ones in self.plan.parties.items():
            is_person = any(one.role in _OF_PERSON for one in ones)
            company = next((one for one in ones if one.role in _OF_COMPANY), None)
            if company is None or is_person:
                persons.append(self._person(ref, ones, alone=company is None))
            if company is not None:
                name = f"{ref}_organisation" if is_person else ref
                organisations.append(self._organisation(name, ones, alone=not is_person))
                if is_person:
                    tie = {"person_ref": ref, "organisation_ref": name, "kind": "contact"}
                    roles.append(tie)
        texts = [self.path(one) for one in self.plan.guesses if one.role is Role.TEXT]
        found = {
            "persons": persons,
            "organisations": organisations,
            "roles": roles,
            "texts": texts,
        }
        return {name: value for name, value in found.items() if value}

    def _person(self, ref: str, ones: Sequence[Guess], *, alone: bool) -> dict[str, Any]:
        by_role = {one.role: one for one in ones}
        parts = {
            part: self.path(by_role[role])
            for part, role in (
                ("given", Role.GIVEN), ("middle", Role.MIDDLE), ("family", Role.FAMILY)
            )
            if role in by_role
        }  # fmt: skip
        person: dict[str, Any] = {"ref": ref}
        if parts:
            person["names"] = [parts]
        elif Role.FULL_NAME in by_role:
            person["names"] = [self._full_name(by_role[Role.FULL_NAME])]
        for part, role in (("born", Role.BORN), ("died", Role.DIED)):
            if role in by_role and by_role[role].looked.kind is Kind.DATE:
                person[part] = self.moment(by_role[role])
        return {**person, **self._rest(ones, Role.NATIONAL, _ADDRESS if alone else ())}

    def _full_name(self, one: Guess) -> dict[str, Any]:
        commas = sum("," in value for value in one.field.values)
        order = "family first" if commas * 2 > len(one.field.values) else "given first"
        return {"name": self.path(one), "order": order}

    def _organisation(self, ref: str, ones: Sequence[Guess], *, alone: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"ref": ref}
        for one in ones:
            if one.role is Role.ORGANISATION:
                made.setdefault("legal_name", self.path(one))
        trading = [self.path(one) for one in ones if one.role is Role.TRADING]
        if trading:
            made["trading_names"] = trading
        contact = self._rest(ones, Role.COMPANY, _ADDRESS)
        if not alone:  # the person's own
            contact.pop("emails", None)
            contact.pop("phones", None)
        return {**made, **contact}

    def _rest(
        self, ones: Sequence[Guess], numbers: Role, address: Mapping[str, Role] | tuple[()]
    ) -> dict[str, Any]:
        """Identifiers, an address, e-mails and telephones."""
        found: dict[str, Any] = {}
        schemes = [
            {"scheme": self._scheme(one), "value": self.path(one), "assurance": "claimed"}
            for one in ones
            if one.role is numbers
        ]
        if schemes:
            found["identifiers"] = schemes
        by_role = {one.role: one for one in reversed(ones)}
        place = {
            part: self.path(by_role[role])
            for part, role in dict(address).items()
            if role in by_role
        }
        if "street" in place and Role.HOUSE in by_role:
            pair = [by_role[Role.STREET], by_role[Role.HOUSE]]  # in the order of the record
            place["street"] = {"join": [self.path(one) for one in sorted(pair, key=ones.index)]}
        if place:
            if self.place.country and "country" not in place:
                place["country"] = {"constant": self.place.country}
            found["addresses"] = [place]
        for name, role in (("emails", Role.EMAIL), ("phones", Role.PHONE)):
            paths = [told for one in ones if (told := self._contact_of(one, role)) is not None]
            if paths:
                found[name] = paths
        return found

    def _contact_of(self, one: Guess, role: Role) -> Any:
        """What a field tells of a role; one in a list may tell several, some of them another."""
        listed = None
        if one.role in (Role.EMAIL, Role.PHONE) and not self.plan.sample.flat:
            listed = entries(self.plan.sample.records, one.field.steps)
        if listed is None:
            return self._contact(one) if one.role is role else None
        if role not in listed.roles.values():
            return None
        self.path(one)
        if listed.kind:
            self.entries.add(anywhere(".".join((*listed.path, "0", listed.kind))))
        self.entries.add(anywhere(one.field.path))
        return listed.of(role)

    def _contact(self, one: Guess) -> Any:
        """An e-mail address or a telephone number; words that stand for nothing are none."""
        told: Any = self.path(one)
        if nothing := sorted({value for value in one.field.values if is_nothing(value)}):
            told = {"clean": told, "none": nothing}
        if one.role is Role.PHONE and self.place.country in SUPPORTED_REGIONS:
            return {"phone": told, "region": self.place.country}
        return told

    def _scheme(self, one: Guess) -> str:
        if one.reason.endswith("social security numbers"):
            return "us-ssn"
        if one.reason.endswith("employer numbers"):
            return "us-ein"
        return f"{self.plan.name.replace('_', '-')}-{'-'.join(words(label_step(one.field.steps)))}"


_OF_PERSON = (Role.GIVEN, Role.FAMILY, Role.FULL_NAME, Role.BORN, Role.NATIONAL)
_OF_COMPANY = (Role.ORGANISATION, Role.TRADING, Role.COMPANY)
_ADDRESS: Mapping[str, Role] = {
    "full": Role.ADDRESS,
    "street": Role.STREET,
    "unit": Role.UNIT,
    "locality": Role.LOCALITY,
    "region": Role.REGION,
    "postal_code": Role.POSTAL_CODE,
    "country": Role.COUNTRY,
}
