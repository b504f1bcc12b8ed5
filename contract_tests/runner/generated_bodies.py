"""Bodies that Schemathesis makes of the schemas, valid and invalid ones, each held to the contract.

Schemathesis knows schemas best; of keys, state and organizations it knows nothing. So it makes the bodies, keys and ids are
filled in here, and the engine says what the answer has to be. Its own checks are not used: each of their known false alarms
(a hidden resource, a 429, an undocumented refusal) is a matter of what the contract leaves open, which the oracle knows.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from functools import partial
from typing import Any

from schemathesis.core import NOT_SET

from contract_tests.runner.player import Played, Player
from contract_tests.runner.searching import Generation, Sender, is_json_value
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import BodyList, Signature, Slot
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import Scenario
from contract_tests.scenarios.values import LONGEST_ORDINARY
from mock_server.contract.files.source import Json


def generate(
    player: Player, *, examples: int, random_seed: int, known: set[str], limits: list[str] | None = None
) -> list[Played]:
    """Send generated bodies to every operation that takes one; return the smallest that goes wrong, for each operation."""
    taking = [one for one in player.subject.signatures if one.operation.body is not None and one.operation.behaviour]
    generation = Generation(player.subject.contract, examples, random_seed, known, [] if limits is None else limits)
    return list(generation.search(taking, partial(_sender, player)))


def _sender(player: Player, signature: Signature, mode: str) -> Sender:
    """Return what sends the body of one case."""

    def send(case: Any) -> Played | None:
        if case.body is NOT_SET or not is_json_value(case.body):
            return None
        scenario = _scenario(player.subject, signature, case.body, mode)
        if scenario is None:
            return None
        played = player.play(scenario)
        if played.failure is None:
            player.keep(played)
        return played

    return send


def _scenario(subject: Subject, signature: Signature, made: Json, mode: str) -> Scenario | None:
    """Return the scenario that sends a generated body; None where it cannot be sent, or means nothing."""
    builder = ScenarioBuilder(subject, f"{signature.operation}: a generated body, {mode}")
    listed = [one for one in signature.lists_in if _elements(made, one)]
    try:
        items = [(one, builder.item(signature, one, 0, 1, 0, "full")) for one in listed]
        builder.call(signature, f"a {mode} body", values={})
    except Unprovidable:
        return None
    filled = builder.requests.pop()
    body = _with_ids(_with_keys(made, signature), signature, filled.body)
    for one, item in items:
        body = _with_listed_ids(body, one, item)
    if isinstance(body, dict) and body and not {slot.name for slot in signature.of("body")} & body.keys():
        return None  # whether a body of nothing but unknown properties is an empty one is nobody's business
    shared = not _is_tagged(body, signature) or any(
        slot.role == "key" for listed in signature.lists_in for slot in listed.slots
    )
    builder.requests.append(replace(filled, body=body, may_refuse=_may_refuse(body), shared=shared))
    return builder.scenario()


def _with_keys(body: Any, signature: Signature) -> Any:
    """Return a generated body with keys of this run in place of valid ones that were made up."""
    if not isinstance(body, dict):
        return body
    keys = {slot.name: slot for slot in signature.keys}
    return {name: keys[name].key(1) if name in keys and _is_key(keys[name], value) else value for name, value in body.items()}


def _with_ids(body: Any, signature: Signature, filled: Any) -> Any:
    """Return a generated body with ids of real records in place of valid ones that were made up: those may be somebody's."""
    if not isinstance(body, dict):
        return body
    ids = {slot.name: slot for slot in signature.of("body") if slot.role == "id"}
    known = filled if isinstance(filled, dict) else {}
    made_up = {name for name, value in body.items() if name in ids and value is not None and ids[name].accepts(value)}
    return {
        name: known[name] if name in made_up else value for name, value in body.items() if name not in made_up or name in known
    }


def _elements(body: Any, listed: BodyList) -> list[Any]:
    """Return the elements of a list of a body; of one that lies deeper than its members, none."""
    found = body if not listed.at else body.get(listed.at[0]) if isinstance(body, dict) and len(listed.at) == 1 else None
    return found if isinstance(found, list) else []


def _with_listed_ids(body: Any, listed: BodyList, item: dict[str, Any]) -> Any:
    """Return a body with the ids of an element of real records in place of valid ones that were made up, in each element."""
    ids = {slot.name: slot for slot in listed.slots if slot.role == "id" and slot.name in item}
    elements = [
        {name: item[name] if name in ids and ids[name].accepts(value) else value for name, value in one.items()}
        if isinstance(one, dict)
        else one
        for one in _elements(body, listed)
    ]
    if not elements:
        return body
    return {**body, listed.at[0]: elements} if listed.at else elements


def _is_key(slot: Slot, value: Any) -> bool:
    """Say whether a value may be a key, and where that holds for some readers only, as it does for odd addresses."""
    return slot.accepts(value) or (slot.is_address and isinstance(value, str) and "@" in value)


def _is_tagged(body: Any, signature: Signature) -> bool:
    """Say whether the keys of a body are this run's own: there is none, or each is."""
    return not isinstance(body, dict) or not any(
        slot.name in body and isinstance(body[slot.name], (str, int)) for slot in signature.keys
    )


def _may_refuse(body: Any) -> str:
    """Say why a deployment may refuse a generated body although no document does."""
    for text in _texts_in(body):
        if len(text) > LONGEST_ORDINARY:
            return "very long texts"
        if any(unicodedata.category(character) in ("Cc", "Cn", "Cs", "Co") and character not in "\t\n\r" for character in text):
            return "control characters"
    return ""


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [*map(str, value), *(text for member in value.values() for text in _texts_in(member))]
    if isinstance(value, list):
        return [text for element in value for text in _texts_in(element)]
    return []
