"""The extensions as an author writes them: shape and spelling are checked here, what the names lead to by their readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mock_server.contract.document import Node
from mock_server.contract.flaws import Flaws, did_you_mean, piece
from mock_server.contract.source import Json, Source, pointer_to

D = TypeVar("D", bound="Declaration")


class Declaration(BaseModel):
    """A mapping with known keys. `outcomes` lists, for each key that is a decision, what it may come to."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        defer_build=True,  # a document hardly has all of them, and a mock has to start fast
    )

    outcomes: ClassVar[Mapping[str, tuple[str, ...]]] = {}


class AssumptionDeclaration(Declaration):
    """An entry of `x-assumptions`."""

    choices: dict[str, str] = Field(min_length=2)
    default: str
    why: str = Field(min_length=1)


class DerivedDeclaration(Declaration):
    """An entry of `derived` in `x-resource`."""

    outcomes = {"when": ("never", "when-created", "when-stored", "when-shown")}

    join: list[str] = Field(min_length=1)
    when: Any = "when-created"


class ResourceDeclaration(Declaration):
    """`x-resource` of a schema under `components`."""

    outcomes = {
        "key_case": ("exact", "ignore", "lower", "lower-domain"),
        "key_space": ("exact", "ignore", "trim"),
        "previous_key": ("released", "remembered"),
        "modified_when_new": ("none", "created"),
    }

    owner: str | None = None
    id: str = "id"
    id_prefix: str = ""
    key: list[str] = Field(default=[], min_length=1)
    key_case: Any = "exact"
    key_space: Any = "exact"
    previous_key: Any = "released"
    created: str | None = None
    modified: str | None = None
    modified_when_new: Any = "none"
    type_name: dict[str, str] = Field(default={}, max_length=1)
    derived: dict[str, DerivedDeclaration] = {}


class DuplicateRuleDeclaration(Declaration):
    """An entry of `when-duplicate`."""

    outcomes = {"then": ("create", "reuse", "update", "conflict"), "when_several": ("oldest", "newest")}

    same: list[str] = Field(min_length=1)
    where: dict[str, Any] = {}
    then: Any
    when_several: Any = "oldest"


class UpdateDuplicateRuleDeclaration(DuplicateRuleDeclaration):
    """An entry of `when-duplicate` in an update."""

    outcomes = {"then": ("allow", "conflict"), "when_several": ("oldest", "newest")}


OTHERWISE = ("not-found", "invalid", "accept")
FOREIGN = ("hidden", "forbidden")
UNCHANGED = ("kept", "when-sent", "now")
"""What becomes of the time of the last change where a request changes nothing (`when-sent`: now, if it sends a field)."""


class FindDeclaration(Declaration):
    """The step `find`."""

    outcomes = {"otherwise": OTHERWISE, "foreign": FOREIGN}

    find: str
    where: dict[str, Any] = Field(min_length=1)
    otherwise: Any = "not-found"
    foreign: Any = "hidden"
    as_: str | None = Field(default=None, alias="as")


class FindOrCreateDeclaration(Declaration):
    """The step `find-or-create`."""

    outcomes = {
        "when_found": ("keep", "fill", "merge", "patch", "replace", "conflict"),
        "when_several": ("oldest", "newest", "latest"),
        "when_unchanged": UNCHANGED,
    }

    find_or_create: str
    from_: str | None = Field(default=None, alias="from")
    set: dict[str, Any] = {}
    when_found: Any = "keep"
    when_several: Any = "oldest"
    when_unchanged: Any = "kept"
    as_: str | None = Field(default=None, alias="as")


class CreateDeclaration(Declaration):
    """The step `create`."""

    outcomes = {
        "when_key_taken": ("conflict", "allow"),
        "when_several_apply": ("first", "next"),
        "when_unchanged": UNCHANGED,
    }

    create: str
    from_: str | None = Field(default=None, alias="from")
    set: dict[str, Any] = {}
    when_key_taken: Any = "conflict"
    when_several_apply: Any = "first"
    when_unchanged: Any = "kept"
    when_duplicate: list[DuplicateRuleDeclaration] = []
    as_: str | None = Field(default=None, alias="as")


class UpdateDeclaration(Declaration):
    """The step `update`."""

    outcomes = {
        "otherwise": ("not-found", "invalid"),
        "foreign": FOREIGN,
        "when_null": ("clear", "ignore", "refuse"),
        "when_key_null": ("clear", "ignore", "refuse"),
        "when_key_taken": ("conflict", "allow"),
        "when_unchanged": UNCHANGED,
    }

    update: str
    where: dict[str, Any] = Field(min_length=1)
    from_: str | None = Field(default=None, alias="from")
    set: dict[str, Any] = {}
    otherwise: Any = "not-found"
    foreign: Any = "hidden"
    when_null: Any = "clear"
    when_key_null: Any = "refuse"
    when_key_taken: Any = "conflict"
    when_unchanged: Any = "kept"
    when_duplicate: list[UpdateDuplicateRuleDeclaration] = []
    as_: str | None = Field(default=None, alias="as")


class DeleteDeclaration(Declaration):
    """The step `delete`."""

    outcomes = {
        "otherwise": OTHERWISE,
        "foreign": FOREIGN,
        "when_referred": ("conflict", "cascade"),
    }

    delete: str
    where: dict[str, Any] = Field(min_length=1)
    otherwise: Any = "not-found"
    foreign: Any = "hidden"
    when_referred: Any = "conflict"
    as_: str | None = Field(default=None, alias="as")


class ListDeclaration(Declaration):
    """The step `list`."""

    list: str
    where: dict[str, Any] = {}
    offset: Any = None
    limit: Any = None
    as_: str | None = Field(default=None, alias="as")


class AnswerDeclaration(Declaration):
    """The last step, `answer`."""

    answer: Any
    status: Any = None


class ProblemDeclaration(Declaration):
    """An entry of `x-problems`."""

    status: Any


VERBS: Mapping[str, type[Declaration]] = {
    "find": FindDeclaration,
    "find-or-create": FindOrCreateDeclaration,
    "create": CreateDeclaration,
    "update": UpdateDeclaration,
    "delete": DeleteDeclaration,
    "list": ListDeclaration,
    "answer": AnswerDeclaration,
}


SHAPES = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "string_type": "a text",
    "bool_type": "true or false",
}


def declared(model: type[D], node: Node) -> D | None:
    """Return `node` read as `model`; None, with every flaw noted, when it is wrong."""
    return read_declaration(model, node.value, node.source, node.pointer, node.document.flaws)


def read_declaration(model: type[D], value: Json, source: Source, pointer: str, flaws: Flaws) -> D | None:
    """Return `value`, which stands at `pointer` of `source`, read as `model`; None, with every flaw noted, when it is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            place = pointer + pointer_to(*(token for token in detail["loc"] if token != "[key]"))
            flaws.add(source, place, *_told(model, detail))
        return None


def _told(model: type[BaseModel], detail: Mapping[str, Any]) -> tuple[str, str]:
    last = detail["loc"][-1] if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return f"{piece(last)} is not known here", did_you_mean(str(last), _keys(_inner(model, detail["loc"][:-1])))
    if detail["type"] == "missing":
        return f"{piece(last)} is missing", ""
    if detail["type"] in SHAPES:
        is_scalar = isinstance(detail["input"], (bool, int, float))
        hint = "put it in quotes" if is_scalar and detail["type"] == "string_type" else ""
        return f"has to be {SHAPES[detail['type']]}, not {piece(detail['input'])}", hint
    if detail["type"] in ("too_short", "string_too_short"):
        return f"needs at least {detail['ctx']['min_length']}, not {piece(detail['input'])}", ""
    if detail["type"] == "too_long":
        return f"takes at most {detail['ctx']['max_length']}, not {piece(detail['input'])}", ""
    if detail["type"] == "literal_error":
        return f"{piece(detail['input'])} is not known here", f"it may be one of: {detail['ctx']['expected']}"
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]}, not {piece(detail['input'])}", ""


def _inner(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel]:
    """Return the model of the part that `location` leads to."""
    for token in location:
        for info in model.model_fields.values():
            if info.alias == token:
                models = [arg for arg in (info.annotation, *getattr(info.annotation, "__args__", ())) if isinstance(arg, type)]
                model = next((arg for arg in models if issubclass(arg, BaseModel)), model)
    return model


def _keys(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]
