"""A long conversation with a mock, written from the contract alone: whatever a break is about, something here meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import quote, urlencode

from contract_tests.mutants.facts import KeyLookup, body_properties, body_schema, id_lookups, key_lookups, written_properties
from contract_tests.mutants.families.text import DAMAGES
from contract_tests.mutants.hooks import Mutant
from contract_tests.mutants.mock_target import MockTarget
from contract_tests.mutants.setup import MockSetup, setup_for
from contract_tests.oracle.shapes import answer_shape, shown_records
from contract_tests.transport.wire import WireRequest, WireResponse
from mock_server.contract.behaviours.expressions import FromBody
from mock_server.contract.model import Contract, Operation, Resource
from mock_server.contract.sampling.least import sample
from mock_server.engine.generating import SECOND
from mock_server.engine.verbs import Create, Find, FindOrCreate, List, Update

START = 1_768_469_400 * SECOND  # 2026-01-15T09:30:00Z

KEYS = [
    "ada.byron+tag@mail.acme.example", "adabyron@mail.acme.example", "ada.byron@mail.acme.example", "ada.byron@acme.example",
    "Ada.Byron@Mail.Acme.Example", "grace@acme.example", "xgrace@acme.example", "grace@acme.examples", "g_ace@acme.example", "%@acme.example",
    "zoë@acme.example", "zoe@acme.example", "zoe\u0308@acme.example", "o'hara@acme.example", "ohara@acme.example", "o-hara@acme.example",
    "straße@acme.example", "strasse@acme.example", "lou@acme.example", "LOU@ACME.EXAMPLE", "a b@acme.example", "ab@acme.example", "a+b@acme.example", "a\u200bb@acme.example",
    "ada@007.acme.example", "ada@7.acme.example", "a%2Bb@acme.example", "a&amp;b@acme.example", "a&b@acme.example", "\ufb01n@acme.example", "fin@acme.example",
    "l" * 70 + "@acme.example", "l" * 70 + "@other.example", "grace@acme.example.", "grace@acme.test", "other@acme.test", 'a"b@acme.example',
    "a\\b@acme.example", "東京@acme.example", "k" * 110 + "@acme.example", "graceXacme.example", " grace@acme.example", "GRACE@acme.example",
]  # fmt: skip
NUMBERS = [7, -7, 1007, 8, 2**32 + 7, 2**53, 2**53 + 1, 70, 71, 69]


class Conversation:
    """Calls and what an unbroken mock answers to them."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.setup: MockSetup = setup_for(contract)
        self.exchanges: list[tuple[WireRequest, WireResponse]] = []
        self.shapes = {
            operation.id: list(shown_records(answer_shape(operation, contract))) for operation in contract.operations
        }
        self.ids: dict[tuple[str | None, str], dict[Any, Any]] = {}
        self.now = START
        self.target = self.mock(None)
        for call in self._calls():
            self.exchanges.append((call, self.send(self.target, call, len(self.exchanges))))
            self._learn(*self.exchanges[-1])

    def mock(self, mutant: Mutant | None) -> MockTarget:
        return MockTarget(self.contract, self.setup, mutant=mutant, random_seed=1, clock=lambda: self.now)

    def send(self, target: MockTarget, call: WireRequest, number: int) -> WireResponse:
        self.tick(number)
        return target.send(call)

    def tick(self, number: int) -> None:
        self.now = START + number * SECOND

    def first_difference(
        self, mutant: Mutant, most: int | None = None
    ) -> tuple[WireRequest, WireResponse, WireResponse] | None:
        """Return the first call that the break answers otherwise, with both answers."""
        target = self.mock(mutant)
        for number, (call, expected) in enumerate(self.exchanges[:most]):
            reply = self.send(target, call, number)
            assert not target.context.mistakes, (mutant.name, call, target.context.mistakes)
            if reply != expected and told(reply) != told(expected):
                return call, expected, reply
        return None

    def _learn(self, call: WireRequest, reply: WireResponse) -> None:
        if not 200 <= reply.status < 300 or not reply.body:
            return
        body = json.loads(reply.body)
        for pointer, resource in self.shapes[call.operation or ""]:
            record = body
            for token in pointer.split("/")[1:]:
                record = record[token]
            owner = call.organization if resource.owned else None
            self.ids.setdefault((owner, resource.name), {})[record[resource.id]] = record

    def call(
        self,
        operation: Operation,
        body: Any = None,
        path: Any = (),
        query: Any = (),
        organization: str = "",
        **headers: str | None,
    ) -> WireRequest:
        organization = organization or self.setup.organizations[0]
        values = {**self._path(operation, organization), **dict(path)}
        url = operation.path
        for name, value in values.items():
            url = url.replace("{" + name + "}", quote(str(value), safe=""))
        sent = {"Authorization": f"Bearer {self.setup.token_of(organization)}", "Content-Type": "application/json"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})  # type: ignore[misc]
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        kept = tuple((name, value) for name, value in sent.items() if value is not None and (content or name != "Content-Type"))
        return WireRequest(operation.method, url, urlencode(list(query)), kept, content, operation.id, organization)

    def _path(self, operation: Operation, organization: str, position: int = 0) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for parameter in operation.parameters:
            if parameter.location == "path":
                values[parameter.name] = sample(parameter.check.schema)
        known = self.setup.known[organization]
        for one in id_lookups(self.contract):
            if one.operation == operation:
                owner = organization if one.resource.owned else None
                made = self.ids.get((owner, one.resource.name), {})
                ids = [*known.get(one.resource.name, ()), *self._fitting(operation, made)]
                if ids:
                    values[one.parameter] = ids[position % len(ids)]
                    record = made.get(values[one.parameter], {})
                    values.update({name: record[name] for name in values if record.get(name)})
        return values

    def _others(self, operation: Operation, name: str, id: Any) -> list[Any]:
        """Other ids that a parameter can have."""
        known = self.setup.known[self.setup.organizations[0]]
        found = [
            known.get(one.resource.name, ())
            for one in id_lookups(self.contract)
            if one.operation == operation and one.parameter == name
        ]
        return [other for ids in found for other in ids if other != id]

    def _fitting(self, operation: Operation, made: dict[Any, Any]) -> list[Any]:
        """The ids of records that a path can name: nothing in it stands for a null."""
        names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
        return [id for id, record in made.items() if all(record.get(name, "") is not None for name in names)]

    def _misfits(self, operation: Operation) -> Iterator[WireRequest]:
        """Ask several times for records that a path cannot name: where it has a value, they have null."""
        for one in id_lookups(self.contract):
            made = self.ids.get((self.setup.organizations[0] if one.resource.owned else None, one.resource.name), {})
            fitting = self._fitting(operation, made)
            for id in [id for id in made if one.operation == operation and id not in fitting][:2]:
                for number in range(3):
                    yield self.call(operation, self._full(operation, 0, choice=number), path={one.parameter: id})

    # What is said

    def _calls(self) -> Iterator[WireRequest]:
        first, second = self.setup.organizations
        operations = [operation for operation in self.contract.operations if operation.behaviour]
        making = [
            operation
            for operation in operations
            if any(isinstance(s, (FindOrCreate, Create)) for s in operation.behaviour.steps)
        ]
        others = [operation for operation in operations if operation not in making and operation.method != "DELETE"]
        removing = [operation for operation in operations if operation.method == "DELETE"]
        yield from (self.call(operation) for operation in self.contract.operations if not operation.behaviour)
        for number in range(3):
            for operation in making:
                for organization in (first, second, first):
                    yield self.call(operation, self._full(operation, number), organization=organization)
                yield self.call(operation, self._full(operation, number, short=True))
            for operation in others:
                yield from self._every_id(operation, number)
        for operation in making + others:
            yield from self._auth(operation)
        for number, operation in enumerate(making):
            yield from self._near_keys(operation, f"acme{number}")
        for one in making:
            for operation in [one, *making]:
                tokens = [
                    each
                    for each in written_properties(self.contract)
                    if each.operation == operation and each.is_key and each.is_text
                ]
                for each in tokens:
                    yield self.call(operation, {**self._full(operation, 0), each.token: f"from-{one.id}@acme.example"})
                    yield self.call(operation, {**self._full(operation, 0), each.token: f"from-{one.id}@acme.example"})
        for number, operation in enumerate(making + others):
            if operation.body is not None:
                yield from self._texts(operation, f"acme{number}")
        for operation in making + others:
            yield from self._invalid(operation)
        for operation in making:
            for number in (0, 1):
                for path in self._paths(operation):
                    for role in range(7):
                        yield self.call(operation, self._full(operation, number, choice=role), path=path)
        for operation in making + others:
            yield from self._ids(operation)
        for number in range(2):
            for operation in making + others:
                yield self.call(operation, self._full(operation, number, short=True))
        yield from self._key_changes(others, making)
        for operation in others:
            for choice in range(7):
                yield self.call(operation, self._full(operation, 1, choice=choice))
        yield from self._references(making, others)
        for operation in others:
            yield from self._queries(operation)
        for operation in others:
            yield from self._single_fields(operation)
        for operation in removing:
            yield from self._removals(operation, others)
        for operation in others:
            yield from self._capitals(operation)
        for operation in others:
            yield from self._every_id(operation, 0)
        for operation in others:
            yield from self._misfits(operation)
        for operation in making + others:
            for _ in range(16):
                yield self.call(operation, self._full(operation, 1))
        first_ones = {call.operation: call for call, reply in reversed(self.exchanges) if 200 <= reply.status < 300}
        token = f"Bearer {self.setup.token_of(second)}"
        for call in first_ones.values():
            headers = tuple((name, token if name == "Authorization" else value) for name, value in call.headers)
            yield replace(call, organization=second, headers=headers)

    def _full(self, operation: Operation, number: int, *, short: bool = False, choice: int = 0) -> Any:
        """A body with all properties, or with those that are required."""
        if operation.body is None:
            return None
        schema = body_schema(operation)
        required = schema.required
        keys = {one.token for one in written_properties(self.contract) if one.operation == operation and one.is_key}
        named = dict(self._named(operation))
        body = {}
        for name, one in body_properties(operation).items():
            values = one.values
            if short and name not in required:
                continue
            if values:
                body[name] = values[choice % len(values)]
            elif name in named:
                ids = self._known_ids(named[name], self.setup.organizations[0])
                body[name] = ids[number % len(ids)] if ids else sample(one)
            elif "string" in one.types:
                body[name] = KEYS[number] if name in keys else f"Text {name} {number}"
            elif "number" in one.types:
                body[name] = NUMBERS[0] if name in keys else 3 + number
            elif "array" in one.types:
                body[name] = [f"{number}"]
            else:
                body[name] = sample(one)
        if not body and short and not required:
            body = dict(list(self._full(operation, number).items())[-1:])
        return body

    def _every_id(self, operation: Operation, number: int) -> Iterator[WireRequest]:
        for organization in self.setup.organizations:
            for position in (0, 1, 2, 3):
                path = self._path(operation, organization, position)
                yield self.call(operation, self._partial(operation, number, position), path=path, organization=organization)
                yield self.call(operation, self._partial(operation, number + 1, position), path=path, organization=organization)

    def _capitals(self, operation: Operation) -> Iterator[WireRequest]:
        """Keys with capitals, for several records."""
        for taken in written_properties(self.contract):
            if taken.operation == operation and taken.is_key and taken.is_text:
                for position in range(8):
                    path = self._path(operation, self.setup.organizations[0], position)
                    yield self.call(operation, {taken.token: f"Capital.{position}@Acme.Example"}, path=path)

    def _partial(self, operation: Operation, number: int, position: int) -> Any:
        body = self._full(operation, number, choice=number)
        keys = {one.token for one in written_properties(self.contract) if one.operation == operation and one.is_key}
        if isinstance(body, dict) and len(body) > 2:
            names = [name for name in body if name not in keys]
            return {name: body[name] for name in names[position % 2 :: 2]}
        return body

    def _auth(self, operation: Operation) -> Iterator[WireRequest]:
        token = self.setup.token_of(self.setup.organizations[0])
        full = self._full(operation, 0)
        if full is not None:
            keys = {
                one.token: f"auth-{operation.id}@acme.example"
                for one in written_properties(self.contract)
                if one.operation == operation and one.is_key and one.is_text
            }
            texts = {
                one.token: "auth"
                for one in written_properties(self.contract)
                if one.operation == operation and one.is_text and not one.is_key
            }
            yield self.call(operation, {**full, **texts, **keys}, Authorization=None)
            yield self.call(operation, {**full, **keys})
        yield self.call(operation, full, Authorization=None)
        yield self.call(operation, full)
        for header in (
            "Bearer", "Bearer ", "Bearer unknown", f"Basic {token}", token, f"Bearer {token[:-1]}", f"Bearer {token}x", f"Bearer {token.upper()}",
            f"Bearer {self.setup.expired}", f"Bearer {token[:8]}zzz", f"Bearer {'z' * len(token)}",
        ):  # fmt: skip
            yield self.call(operation, full, Authorization=header)
        yield self.call(operation, full, Authorization=None, query=[("access_token", token)])
        yield self.call(operation, full, Authorization=None, X_API_Key=token)

    def _near_keys(self, operation: Operation, name: str) -> Iterator[WireRequest]:
        tokens = [one for one in written_properties(self.contract) if one.operation == operation and one.is_key]
        second = self.setup.organizations[1]
        for one in tokens:
            for key in [key.replace("acme", name).replace("ACME", name.upper()) for key in KEYS] if one.is_text else NUMBERS:
                body = {**self._full(operation, 0), one.token: key}
                for path in self._paths(operation):
                    yield self.call(operation, body, path=path)
                yield self.call(operation, body, organization=second)

    def _paths(self, operation: Operation) -> list[dict[str, Any]]:
        first = self.setup.organizations[0]
        return [{}, self._path(operation, first, 1)]

    def _texts(self, operation: Operation, name: str) -> Iterator[WireRequest]:
        texts = [one for one in written_properties(self.contract) if one.operation == operation and one.is_text]
        free, keys = [one for one in texts if not one.is_key], [one for one in texts if one.is_key]
        is_update = keys and isinstance(keys[0].step, Update)
        path = self._path(operation, self.setup.organizations[0], 1)
        base = {
            token: value
            for token, value in self._full(operation, 0).items()
            if not is_update or token not in {one.token for one in keys}
        }

        def fresh(number: Any) -> dict[str, str]:
            return {} if is_update else {one.token: f"text{number}@{name}.example" for one in keys}

        for number, damage in enumerate(DAMAGES):
            values = {one.token: damage.witness for one in free if one.takes(damage.witness, self.contract)}
            yield self.call(operation, {**base, **values, **fresh(number)}, path=path)
            for one in keys:
                yield self.call(operation, {**base, one.token: f"{damage.witness}-{name}@acme.example"}, path=path)
        nulls = {one.token: None for one in free if one.nullable}
        yield self.call(operation, {**base, **nulls, **fresh("nulls")})
        for one in free:
            short = self._full(operation, 1, short=True)
            yield self.call(operation, {**short, one.token: "alone", **fresh(f"alone-{one.token}")})
            if one.nullable:
                yield self.call(operation, {**short, one.token: None, **fresh(f"alone-{one.token}")})

    def _single_fields(self, operation: Operation) -> Iterator[WireRequest]:
        free = [
            one for one in written_properties(self.contract) if one.operation == operation and one.is_text and not one.is_key
        ]
        for position in range(4):
            path = self._path(operation, self.setup.organizations[0], position)
            for one in reversed(free):
                yield self.call(operation, {one.token: f"single {position}"}, path=path)

    def _invalid(self, operation: Operation) -> Iterator[WireRequest]:
        full = self._full(operation, 1)
        if full is None:
            return
        if any(
            one.is_key and isinstance(one.step, Update)
            for one in written_properties(self.contract)
            if one.operation == operation
        ):
            full["email"] = "invalid@acme.example"
        for one in written_properties(self.contract):
            if one.operation == operation and one.is_text and not one.is_key:
                full[one.token] = f"Invalid {one.token}"
        for name in body_properties(operation):
            yield self.call(operation, {key: value for key, value in full.items() if key != name})
            for wrong in (
                5,
                -5,
                10**6,
                7.5,
                True,
                None,
                [],
                ["x"],
                [full[name]],
                {},
                {"a": 1},
                "",
                "5",
                "abc",
                "x" * 300,
                str(full[name]).upper(),
                f" {full[name]} ",
                str(full[name]).replace("_", " "),
            ):
                yield self.call(operation, {**full, name: wrong})
        for extra in ("created_at", "since", "id", "object", "remote_id", "partner_id", "branch", "nickname"):
            if extra not in full:
                yield self.call(
                    operation,
                    {**full, extra: "2020-01-01T00:00:00Z"},
                    path=self._path(operation, self.setup.organizations[0], 1),
                )
        text = json.dumps(full).encode()
        for wrong in (
            text[:-1] + b",}", text.replace(b'"', b"'"), text[:-1], text[:-2], text + b" x", b"/* a */" + text, text.replace(b"Invalid", b"Inv\xe9lid"), text[: text.rindex(b'"')], text[: text.rindex(b'"', 0, text.rindex(b'"'))] + b'"x',
            text.replace(b"Invalid", b"Inv\nalid"), b"{" + b"a: 1}", b'{unquoted: 1, ' + text[1:], b"null", b"[]", b"[" + text + b"]", json.dumps(text.decode()).encode(), b'"x"', b"3", b"{}", b"nonsense",
        ):  # fmt: skip
            yield self.call(operation, wrong)
        for media_type in (
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "application/json; charset=utf-8",
        ):
            yield self.call(operation, full, Content_Type=media_type)
        for name, value in full.items():
            yield self.call(operation, {**self._full(operation, 1, short=True), name: value})
        texts = [
            one for one in written_properties(self.contract) if one.operation == operation and one.is_text and not one.is_key
        ]
        keys = {
            one.token: f"stored-{operation.id}@acme.example"
            for one in written_properties(self.contract)
            if one.operation == operation and one.is_key and one.is_text
        }
        if texts:
            yield self.call(operation, {**full, **keys, **{one.token: "Stored" for one in texts}, texts[-1].token: 5})
            yield self.call(operation, {**self._full(operation, 1, short=True), **keys})
            yield self.call(
                operation, json.dumps({**self._full(operation, 1, short=True), texts[0].token: "Cut"}).encode()[:-2]
            )
        yield self.call(operation, b"a=1", Content_Type="application/x-www-form-urlencoded")
        yield self.call(operation, self._full(operation, 0))

    def _ids(self, operation: Operation) -> Iterator[WireRequest]:
        first, second = self.setup.organizations
        for position in range(4):
            own, foreign = self._path(operation, first, position), self._path(operation, second, position)
            body = self._full(operation, 2, choice=position)
            for name in own:
                for wrong in (
                    foreign[name],
                    str(own[name]).upper(),
                    str(own[name])[:-1],
                    f"{own[name]}0",
                    f" {own[name]}",
                    str(own[name]).partition("_")[2],
                    "unknown",
                    "1x",
                ):
                    yield self.call(operation, body, path={**own, name: wrong})
                    yield (
                        self.call(operation, {}, path={**own, name: wrong})
                        if isinstance(body, dict)
                        else self.call(operation, None, path=own)
                    )
            for name in own:
                for other in self._others(operation, name, own[name]):
                    yield self.call(operation, body, path={**own, name: other})
            yield self.call(operation, body, path=foreign)
            yield self.call(operation, self._full(operation, 0, short=True), path=foreign, organization=second)
            yield self.call(operation, body, path=own)
            for name, value in body.items() if isinstance(body, dict) else ():
                yield self.call(operation, {name: ""}, path=own)
                yield self.call(operation, {name: value}, path=own)
                yield self.call(operation, {name: str(value).upper()}, path=own)
                yield self.call(operation, {name: f"{value}"}, path=own)
                yield self.call(operation, {name: f"{value} "}, path=own)
                yield self.call(operation, {name: "x"}, path=own)
                yield self.call(operation, {name: None}, path=own)
                yield self.call(operation, {name: value}, path=own)

    def _key_changes(self, others: list[Operation], making: list[Operation]) -> Iterator[WireRequest]:
        for operation in others:
            keys = [one for one in written_properties(self.contract) if one.operation == operation and one.is_key]
            finding = [one for one in key_lookups(self.contract) if keys and one.resource == keys[0].resource]
            for one in finding:
                token = one.tokens[keys[0].field.name]

                def named(letter: str, one: KeyLookup = one) -> str:
                    return f"change-{letter}-{one.operation.id}@acme.example"

                for organization in self.setup.organizations:
                    for letter in "ab":
                        yield self.call(
                            one.operation, {**self._full(one.operation, 0), token: named(letter)}, organization=organization
                        )
                first, second = list(self.ids[self.setup.organizations[0], one.resource.name])[-2:]
                parameter = next(each.parameter for each in id_lookups(self.contract) if each.operation == operation)
                body = {} if "phone" not in body_properties(operation) else {"phone": "+1"}
                yield self.call(operation, {keys[0].token: named("c"), **body}, path={parameter: first})
                yield self.call(one.operation, {**self._full(one.operation, 0), token: named("a")})
                for id, letter in ((first, "d"), (second, "c"), (second, "e"), (first, "e"), (second, "e")):
                    yield self.call(
                        operation,
                        {keys[0].token: named(letter), "phone": f"+{letter}"} if body else {keys[0].token: named(letter)},
                        path={parameter: id},
                    )
                for letter in "abcde":
                    yield self.call(one.operation, {**self._full(one.operation, 0), token: named(letter)})
                    yield self.call(operation, {keys[0].token: named(letter)}, path={parameter: second})

    def _references(self, making: list[Operation], others: list[Operation]) -> Iterator[WireRequest]:
        """Bodies that name records: each with each, again and again; then the records change, and are shown again."""
        first, second = self.setup.organizations
        for organization, most in ((first, 10), (second, 2)):
            for operation in making:
                named = {name: self._known_ids(resource, organization)[:most] for name, resource in self._named(operation)}
                if named:
                    for short in (True, False, True):
                        for values in product(*named.values()):
                            body = {**self._full(operation, 0, short=short), **dict(zip(named, values, strict=True))}
                            yield self.call(operation, body, organization=organization, Authorization=None)
                            yield self.call(operation, body, organization=organization)
        for operation in making:
            changed = {"name": "Changed"} if "name" in body_properties(operation) else {}
            yield self.call(operation, {**self._full(operation, 0), **changed})
        for operation in others:
            for position in range(8):
                yield self.call(operation, self._full(operation, position), path=self._path(operation, first, position))
            path = self._path(operation, second)
            yield self.call(operation, self._full(operation, 3), path=path)
            yield self.call(operation, self._full(operation, 4, short=True), path=path, organization=second)

    def _named(self, operation: Operation) -> list[tuple[str, Resource]]:
        """The properties of a body that name records, with their resources."""
        finds = [step for step in operation.behaviour.steps if isinstance(step, Find)]
        sources = [(value.fixed, step.resource) for step in finds for value in step.where.values()]
        return [(source.tokens[0], resource) for source, resource in sources if isinstance(source, FromBody)]

    def _known_ids(self, resource: Resource, organization: str) -> list[Any]:
        owner = organization if resource.owned else None
        ids = [*self.setup.known[organization].get(resource.name, ()), *self.ids.get((owner, resource.name), {})]
        return ids[:4] + ids[6:]

    def _queries(self, operation: Operation) -> Iterator[WireRequest]:
        if not any(isinstance(step, List) for step in operation.behaviour.steps):
            branches = ["nowhere", *KEYS[:3]]
            for _ in range(3):
                for organization in (*self.setup.organizations, *self.setup.organizations):
                    yield self.call(operation, path={"branch": KEYS[0], "number": 7}, organization=organization)
            for values in ({"branch": branch, "number": number} for branch in branches for number in (7, 99)):
                if set(values) == {parameter.name for parameter in operation.parameters}:
                    yield self.call(operation, path=values)
            return
        names = [parameter for parameter in operation.parameters if parameter.location == "query"]
        yield self.call(operation)
        yield self.call(operation, query=[("offset", "1"), ("limit", "2")])
        yield self.call(operation, query=[("offset", "2"), ("limit", "2")])
        for parameter in names:
            for value in ("1", "2", "3", "0", "-1", "51", "x", KEYS[0], KEYS[5], KEYS[5][:4]):
                yield self.call(operation, query=[(parameter.name, value)])
        yield self.call(operation, organization=self.setup.organizations[1])

    def _removals(self, operation: Operation, others: list[Operation]) -> Iterator[WireRequest]:
        for position in (0, 1, 4, 5, *range(-1, -24, -1)):
            own = self._path(operation, self.setup.organizations[0], position)
            foreign = self._path(operation, self.setup.organizations[1], position)
            yield from (
                self.call(operation, path=own, Authorization=header)
                for header in (None, "Bearer", "Bearer unknown", "Bearer unknown-")
            )
            token = self.setup.token_of(self.setup.organizations[0])
            for header in (
                f"Bearer {token[:-1]}",
                f"Bearer {token}x",
                f"Bearer {token.upper()}",
                f"Basic {token}",
                token,
                f"Bearer {'z' * len(token)}",
                f"Bearer {self.setup.expired}",
            ):
                yield self.call(operation, path=own, Authorization=header)
            yield self.call(operation, path=foreign)
            for name in own:
                for wrong in (
                    f"{own[name]}x",
                    f" {own[name]}",
                    f"{own[name]}0",
                    str(own[name])[:-1],
                    str(own[name]).upper(),
                    "unknown",
                    "99",
                ):
                    yield self.call(operation, path={name: wrong})
            for _ in range(4):
                yield self.call(operation, path=own)
            yield from (self.call(other) for other in others if any(isinstance(step, List) for step in other.behaviour.steps))
            yield self.call(operation, path=foreign, organization=self.setup.organizations[1])
        making = [
            one
            for one in self.contract.operations
            if one.behaviour and any(isinstance(step, Create) for step in one.behaviour.steps)
        ]
        yield from self._references(making, others)


def told(reply: WireResponse) -> Any:
    """What a client can hold a reply to: of a refusal the status and the names in its body, not what it says in words."""
    if not 400 <= reply.status < 500:
        return replace(reply, headers=tuple(sorted(reply.headers)))
    try:
        body = json.loads(reply.body)
    except ValueError:
        return reply
    return reply.status, reply.trouble, names_in(body)


def names_in(value: Any) -> Any:
    return {name: names_in(member) for name, member in value.items()} if isinstance(value, dict) else type(value)
