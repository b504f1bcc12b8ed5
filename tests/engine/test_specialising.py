"""A specialised function does what the function does that it was made of, in the same order, but for the calls."""

from __future__ import annotations

import random
import re
import runpy
import traceback
from itertools import count
from urllib.parse import quote

import orjson
import pytest
from places import FIXTURES, LIBRARY, PARTNER_API

from mock_server.contract.behaviours.expressions import FromBody
from mock_server.contract.model import Contract
from mock_server.engine.choices import Choices, Undecided
from mock_server.engine.engine import OFTEN
from mock_server.engine.fixtures import Fixtures, read_fixtures
from mock_server.engine.generating import Generator
from mock_server.engine.loading import read_contract
from mock_server.engine.specialising import Definitions, specialise
from mock_server.exchange.exchange import Credentials, Exchange
from mock_server.exchange.messages import Request


class Log:
    """What a function under test does to it, in order; its calls stay calls, since nothing is known of it."""

    def __init__(self, **values: object) -> None:
        self.values = values
        self.seen: list[object] = []

    def see(self, what: object) -> object:
        self.seen.append(what)
        return what


class Pair:
    def __init__(self, left: object, right: object) -> None:
        self.left = left
        self.right = right

    def either(self, log: Log) -> object:
        return log.see(self.left) or log.see(self.right)

    @property
    def changing(self) -> object:
        return object()


FIELDS = ("a", "b", "c")
PAIR = Pair(0, "right")


def first_of(log: Log, names: tuple[str, ...]) -> object:
    for name in names:
        if name in log.values:
            return log.see(log.values[name])
        log.see(f"no {name}")
    return None


def of_early_returns(log):
    found = first_of(log, FIELDS)
    other = first_of(log, ("c",))
    return [found, other]


def of_a_method(log):
    return PAIR.either(log)


def of_order(log):
    return [log.see(1), first_of(log, FIELDS), log.see(2), {log.see(3): first_of(log, ("b",)), "k": log.see(4)}]


def of_conditions(log):
    return (log.see("x") and first_of(log, FIELDS)) or (first_of(log, ("c",)) if log.see(0) else log.see("else"))


def of_loops(log):
    total = 0
    for value in log.values.values():
        total = total + twice(value)
        if total > 10:
            break
    while total > 3:
        total = total - 1
        log.see(total)
    return total


def twice(value, *, times=2):
    value = value * times
    return value


def of_a_default_and_a_keyword(log):
    return [twice(1), twice(times=log.see(3), value=log.see(2))]


def of_branches(log):
    name = "unset"
    if log.values:
        name = "set"
        log.see(name)
    doubled = twice(2)
    return f"{name} {doubled}"


def of_a_variable_that_changes_in_a_loop(log):
    kept = None
    for name in FIELDS:
        value = log.see(f"{name} of {log.values}")
        if name == "b":
            kept = value
    return kept


def of_a_variable_that_changes_in_branches(log):
    value = "none"
    given = value
    if log.values:
        value = first_of(log, FIELDS)
        given = value
    else:
        log.see(given)
    value = log.see("other")
    return [value, given]


def of_an_exception(log):
    log.see("before")
    fail(log)
    return log.see("after")


def fail(log):
    if log.see("failing"):
        raise KeyError(*FIELDS)


def of_a_return_in_a_loop(log):
    return [first_true(log), log.see("after")]


def first_true(log):
    for name, value in log.values.items():
        if log.see(value):
            return name
    return None


def of_swapping(log):
    one, other = first_of(log, ("a",)), log.see("other")
    one, other = other, one
    return [one, other]


def of_aliases(log):
    kept = given = first_of(log, ("a",))
    return [kept, given]


def of_a_name_assigned_later(log):
    last = log.see("first")
    kept = last
    last = first_of(log, FIELDS)
    return [kept, last]


def of_recursion(log):
    return countdown(log, 3)


def countdown(log, number):
    log.see(number)
    return countdown(log, number - 1) if number else "done"


def of_comprehensions(log):
    return [{name: log.see(name) for name in FIELDS if name in log.values}, all(log.see(name) for name in FIELDS)]


def of_deletion(log):
    record = {"a": None, **log.values}
    for name in FIELDS:
        if name in record and record[name] is None:
            del record[name]
    return record


FUNCTIONS = [value for name, value in list(globals().items()) if name.startswith("of_")]
VALUES = [{}, {"a": 1}, {"b": 2, "c": 3}, {"a": 0, "c": 9}, {"a": 20, "b": 30, "c": 40}]


def outcome(function, values):
    log = Log(**values)
    try:
        result = function(log)
    except Exception as exception:
        result = repr(exception)
    return result, log.seen


@pytest.mark.parametrize("values", VALUES, ids=str)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_specialised_function_does_the_same_in_the_same_order(function, values):
    specialised = specialise(function, Definitions())

    assert hasattr(specialised, "source") == (function not in (of_aliases, of_comprehensions))
    assert outcome(specialised, values) == outcome(function, values)


def test_calls_are_written_out_and_what_is_known_disappears():
    source = specialise(of_early_returns, Definitions()).source

    assert "first_of(" not in source
    assert "FIELDS" not in source
    assert "if 'a' in log.values:" in source


def test_a_property_is_asked_each_time():
    def function(log):
        return PAIR.changing

    specialised = specialise(function, Definitions())

    assert specialised(Log()) is not specialised(Log())


def test_steady_attributes_are_read_once():
    source = specialise(of_early_returns, Definitions(), ("values",)).source

    assert source.count("log.values") == 1


def test_what_cannot_be_written_out_stays_a_call():
    def gather(log):
        yield from FIELDS

    def function(log):
        return list(gather(log))

    assert specialise(function, Definitions())(Log()) == list(FIELDS)


def test_without_source_a_function_stays_as_it_is():
    names: dict[str, object] = {}
    exec("def function(log):\n    return 1\n", names)

    assert specialise(names["function"], Definitions()) is names["function"]


def test_when_its_source_was_changed_meanwhile_a_function_stays_as_it_is(tmp_path):
    file = tmp_path / "changing.py"
    file.write_text("def function(log):\n    return 1\n")
    names = runpy.run_path(str(file))
    file.write_text("def function(log):\n    return 2\n")

    assert specialise(names["function"], Definitions()) is names["function"]


def test_a_traceback_shows_the_line_of_a_specialised_function():
    specialised = specialise(of_an_exception, Definitions())

    with pytest.raises(KeyError) as raised:
        specialised(Log())

    assert "raise KeyError(*('a', 'b', 'c'))" in "".join(traceback.format_exception(raised.value))


class Deployment:
    """One of two servers that get the same requests; ids and times are fixed."""

    def __init__(self, contract: Contract, fixtures: Fixtures, *, specialised: bool) -> None:
        self.exchange = Exchange(contract, Credentials(fixtures.tokens))
        self.store = self.exchange.engine.new_store(fixtures.seed)
        ticks = count(1_750_000_000_000_000_000, 1_234_567)
        self.generator = Generator(clock=lambda: next(ticks), random_seed=7)
        if specialised:
            for operation in contract.operations:
                if operation.behaviour:
                    self.exchange.engine.specialise(operation.id)

    def ask(self, request: Request, profile: dict[str, str]) -> tuple[object, ...]:
        choices = Choices(profile)
        try:
            answer = self.exchange.answer(request, self.store, choices, self.generator)
        except Undecided as undecided:
            return "undecided", undecided.assumption, list(choices.rested_on.items())
        body = orjson.dumps(answer.body) if isinstance(answer.body, (dict, list)) else answer.body
        return answer.status, body, list(answer.rested_on.items()), answer.changes, self.generator.text()


class Requests:
    """Random requests for the operations of a document; their values are few, so that they meet each other again."""

    def __init__(self, contract: Contract, fixtures: Fixtures, chance: random.Random) -> None:
        self.contract, self.chance = contract, chance
        self.tokens = list(fixtures.tokens)
        self.values: dict[str, list[object]] = {}
        for by_owner in fixtures.seed.records.values():
            for records in by_owner.values():
                for record in records.values():
                    self.learn(record)

    def learn(self, body: object) -> None:
        """Use the values of a record, or of an answer, in later requests."""
        for value in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
            self.learn(value)
        for field, value in body.items() if isinstance(body, dict) else ():
            if not isinstance(value, (dict, list)):
                self.values.setdefault("id" if field.endswith("id") else field, []).append(value)

    def profile(self) -> dict[str, str]:
        """Return choices for nearly all assumptions, now and then for few."""
        chance, assumptions = self.chance, self.contract.assumptions.items()
        decided = chance.choice([1, 0.9, 0.3])
        return {name: chance.choice(list(one.choices)) for name, one in assumptions if chance.random() < decided}

    def next(self) -> Request:
        """Return a request; most of its values are those of fields with the same name."""
        chance = self.chance
        operation = chance.choice([one for one in self.contract.operations if one.behaviour])
        writes = [write for step in operation.behaviour.steps for write in getattr(step, "writes", ())]
        sources = [one for write in writes for one in write.value.possible()]
        fields = list(dict.fromkeys(one.tokens[0] for one in sources if isinstance(one, FromBody)))
        body = {field: self.value(field) for field in fields if chance.random() < 0.8}
        path = re.sub(r"{(\w+)}", lambda match: quote(str(self.value(match[1]))), operation.path)
        headers = {b"authorization": f"Bearer {chance.choice(self.tokens)}".encode(), b"content-type": b"application/json"}
        return Request(operation.method.upper(), path, "", headers, orjson.dumps(body))

    def value(self, field: str) -> object:
        chance = self.chance
        odd = [None, "", "Ada", 7, 7.0, True, "A@ACME.example ", "a@acme.example", "account_manager", ["x"]]
        known = self.values.get("id" if field.endswith("id") else field, odd)
        value = chance.choice(known if chance.random() < 0.9 else odd)
        return value.swapcase() + " " if isinstance(value, str) and chance.random() < 0.1 else value


@pytest.mark.parametrize("document", [LIBRARY, PARTNER_API], ids=lambda path: path.stem)
def test_every_operation_can_be_specialised(document):
    contract = read_contract(document)
    deployment = Deployment(contract, read_fixtures(FIXTURES[document], contract, Generator()), specialised=True)
    performed_by = deployment.exchange.engine._performed_by

    assert [id for id, function in performed_by.items() if not hasattr(function, "source")] == []


@pytest.mark.parametrize("document", [LIBRARY, PARTNER_API], ids=lambda path: path.stem)
def test_random_requests_are_answered_alike_with_and_without_specialising(document):
    contract = read_contract(document)
    fixtures = read_fixtures(FIXTURES[document], contract, Generator(clock=lambda: 0, random_seed=1))
    plain, flat = (Deployment(contract, fixtures, specialised=one) for one in (False, True))
    requests, seen = Requests(contract, fixtures, random.Random(document.stem)), set()
    for _ in range(60):
        profile = requests.profile()
        for request in [requests.next() for _ in range(OFTEN // 2)]:
            expected = plain.ask(request, profile)
            assert flat.ask(request, profile) == expected, (request, profile)
            seen.add(expected[0])
    assert {"undecided", 200, 201, 404, 409, 422} <= seen
    assert flat.store.snapshot() == plain.store.snapshot()
