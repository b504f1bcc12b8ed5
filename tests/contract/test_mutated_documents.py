"""Documents that went wrong in any way are either contracts still, or are refused with flaws: never a crash."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from places import FIXTURES

from mock_server.contract.files.flaws import FlawedInput
from mock_server.contract.files.source import Source
from mock_server.engine.loading import load_contract

ODD = [
    *[None, True, False, 0, -1, 3.5, 1e300, 10**30, "", "x", "200", "{}", "{a}"],
    *["$", "$ref", "$a.b", "$request.body", "$request.body#/", "$generated"],
    *[[], [[]], [None], [{}], {}, {"": ""}, {"type": "string"}, {"type": []}, {"x-when": {}}],
    *[{"$ref": "#"}, {"$ref": ""}, {"$ref": "#/nope"}, {"$ref": "#/components"}, {"$ref": 1}, {"$ref": "#x"}],
    *[
        {"assumption": None},
        {"assumption": []},
        {"assumption": "x", "cases": {}},
        {"assumption": "success-status", "cases": []},
    ],
]


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*place, key)
        yield from places(member, (*place, key))


def at(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


def mutate(document: Any, chance: random.Random) -> None:
    """Remove, replace, rename, copy or add one part of the document."""
    every = list(places(document))
    place, other = chance.choice(every), chance.choice(every)
    whole, key = at(document, place[:-1]), place[-1]
    match chance.choice(["remove", "odd", "odd", "copy", "rename", "add"]):
        case "remove":
            del whole[key]
        case "odd":
            whole[key] = copy.deepcopy(chance.choice(ODD))
        case "copy":
            whole[key] = copy.deepcopy(at(document, other))
        case "rename" if isinstance(whole, dict):
            whole[str(other[-1])] = whole.pop(key)
        case _ if isinstance(whole, dict):
            whole[str(other[-1])] = copy.deepcopy(at(document, other))
        case _:
            whole.append(copy.deepcopy(chance.choice(ODD)))


@pytest.mark.parametrize("document", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(4))
def test_a_mutated_document_is_a_contract_or_is_refused_with_flaws(document, seed, tmp_path):
    original = json.dumps(Source.from_path(document).value)
    chance = random.Random(seed)
    refused = []
    for tried in range(120):
        if tried >= 30 and len(refused) > 15:
            break  # of a document that says little of its own, fewer mistakes are ours to refuse
        mutated = json.loads(original)
        for _ in range(chance.choice([1, 1, 2, 4])):
            mutate(mutated, chance)
        file = tmp_path / "mutated.json"
        file.write_text(json.dumps(mutated))
        try:
            load_contract(file)
        except FlawedInput as error:
            refused.append(error)

    assert len(refused) > 15
    assert all(flaw.message and flaw.line > 0 for error in refused for flaw in error.flaws)
