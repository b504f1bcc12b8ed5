"""What is inferred of searches in several kinds of records; in doubt nothing."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from manners import TEXT, crud, document, listed, operation, ref, thing

from mock_server.contract.files.source import Source
from mock_server.contract.inferring.proposal import Proposal
from mock_server.contract.inferring.proposing import proposed
from mock_server.engine.verbs import VERBS

BOOK = thing("id title", id=TEXT, title=TEXT, pages={"type": "integer"})
AUTHOR = thing("id name", id=TEXT, name=TEXT)
SHELVES = document(
    {
        **crud("/books", "Book", "book_id", thing("title", title=TEXT)),
        **crud("/authors", "Author", "author_id", thing("name", name=TEXT)),
        "/search": {
            "get": operation(
                200,
                thing("hits", hits=listed({"oneOf": [ref("BookHit"), ref("Author")]})),
                query={"q": TEXT, "type": {"type": "string", "enum": ["books", "authors"]}, "locale": TEXT},
            )
        },
    },
    {"Book": BOOK, "Author": AUTHOR, "BookHit": thing("kind title", kind={"const": "book"}, title=TEXT)},
)


def proposal_of(value: Any) -> Proposal:
    return proposed(Source(Path("api.json"), json.dumps(value)), VERBS)[0]


def test_a_search_lists_each_kind_that_fits_and_shows_it_as_its_component_does():
    actions = {action.label: action for action in proposal_of(SHELVES).actions}

    assert actions["BookHit"].update == {"x-view": {"of": "Book", "set": {"kind": "book"}}}
    assert actions["GET /search"].update["x-behaviour"] == [
        {
            "list": "Book",
            "if": {"$request.query.type": ["books", None]},
            "match": {"any": ["title"], "contains": "$request.query.q"},
            "as": "books",
        },
        {
            "list": "Author",
            "if": {"$request.query.type": ["authors", None]},
            "match": {"any": ["name"], "contains": "$request.query.q"},
            "as": "authors",
        },
        {"answer": {"hits": {"$all": [{"$view": {"as": "BookHit", "of": "$books"}}, "$authors"]}}},
    ]
    assert actions["GET /search"].why == "not used: locale"


def other_field(value: Any) -> None:
    value["components"]["schemas"]["BookHit"]["properties"]["score"] = {"type": "number"}


def other_name(value: Any) -> None:
    schemas = value["components"]["schemas"]
    schemas["Result"] = schemas.pop("BookHit")
    value["paths"]["/search"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["hits"][
        "items"
    ]["oneOf"][0] = ref("Result")


def no_text(value: Any) -> None:
    del value["paths"]["/search"]["get"]["parameters"][0]


def more_to_answer(value: Any) -> None:
    schema = value["paths"]["/search"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema["properties"]["took"] = {"type": "integer"}
    schema["required"].append("took")


@pytest.mark.parametrize("change", [other_field, other_name, no_text, more_to_answer], ids=lambda change: change.__name__)
def test_nothing_is_proposed_where_it_is_not_clear_what_is_found(change):
    changed = copy.deepcopy(SHELVES)
    change(changed)
    found = proposal_of(changed)

    assert "GET /search" in found.left
    assert not {"BookHit", "Result"} & {action.label for action in found.actions}
