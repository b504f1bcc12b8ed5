"""The verbs of behaviours, one module each, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mock_server.contract.model import Create, Delete, Find, FindOrCreate, List, Resource, Step, Update
from mock_server.engine.scope import Lookups, Perform, Scope
from mock_server.engine.verbs import create, delete, find, find_or_create, list, update


class Verb(NamedTuple):
    """What a verb does with its steps: `compile` makes one a function, `lookups` says by which fields it finds records."""

    compile: Callable[[Any, Scope], Perform]
    lookups: Callable[[Any, Mapping[str, Resource]], Lookups]


VERBS: Mapping[type[Step], Verb] = {
    Find: Verb(find.compile_find, find.lookups),
    FindOrCreate: Verb(find_or_create.compile_find_or_create, find_or_create.lookups),
    Create: Verb(create.compile_create, create.lookups),
    Update: Verb(update.compile_update, update.lookups),
    Delete: Verb(delete.compile_delete, delete.lookups),
    List: Verb(list.compile_list, list.lookups),
}
