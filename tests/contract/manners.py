"""Small documents of CRUD APIs, each written in another manner."""

from __future__ import annotations

from typing import Any

Json = Any

TEXT: Json = {"type": "string"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def thing(required: str = "", **properties: Json) -> Json:
    return {"type": "object", "required": required.split(), "properties": properties}


def operation(status: int = 200, answer: Json = None, body: Json = None, query: Json = None, more: Json = None) -> Json:
    """Return an operation; `more` are further statuses with their descriptions."""
    response: Json = {"description": "Done."}
    if answer is not None:
        response["content"] = {"application/json": {"schema": answer}}
    told: Json = {"responses": {str(status): response, **{key: {"description": text} for key, text in (more or {}).items()}}}
    if body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if query:
        told["parameters"] = [{"name": name, "in": "query", "schema": schema} for name, schema in query.items()]
    return told


def document(paths: Json, schemas: Json, *, secured: bool = False, parameter: Json = None) -> Json:
    """Return a document; every parameter of a path is of one type."""
    items = {}
    for path, item in paths.items():
        names = [part[1:].split("}")[0] for part in path.split("/") if part.startswith("{")]
        described = [{"name": name, "in": "path", "required": True, "schema": parameter or TEXT} for name in names]
        items[path] = {"parameters": described, **item} if described else item
    made = {"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": items, "components": {"schemas": schemas}}
    if secured:
        made["security"] = [{"key": []}]
        made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return made


NOTE = thing("id text", id=TEXT, text=TEXT, created_at={"type": "string", "format": "date-time"})
NEW_NOTE = thing("text", text=TEXT)


def crud(base: str, name: str, parameter: str, new: Json = None, *, wrap: Any = lambda one: one, page: Any = listed) -> Json:
    """Return the paths of a collection: list and create, get, patch and delete."""
    one, body = wrap(ref(name)), new or ref(f"New{name}")
    return {
        base: {"get": operation(200, page(ref(name))), "post": operation(201, one, body)},
        f"{base}/{{{parameter}}}": {
            "get": operation(200, one),
            "patch": operation(200, one, body),
            "delete": operation(204),
        },
    }


SNAKE = document(crud("/notes", "Note", "note_id"), {"Note": NOTE, "NewNote": NEW_NOTE})
CAMEL = document(
    crud("/api/v2/userNotes", "UserNote", "userNoteId"),
    {
        "UserNote": thing("userNoteId text", userNoteId=TEXT, text=TEXT, createdAt={"type": "string", "format": "date-time"}),
        "NewUserNote": NEW_NOTE,
    },
)
ENVELOPES = document(
    crud(
        "/v1/notes",
        "Note",
        "id",
        wrap=lambda one: thing("data", data=one),
        page=lambda one: thing("data", data=listed(one), meta=thing(total={"type": "integer"})),
    ),
    {"Note": NOTE, "NewNote": NEW_NOTE},
)
NAMED = document(
    crud(
        "/notes",
        "Note",
        "id",
        thing("note", note=ref("NewNote")),
        wrap=lambda one: thing("note", note=one),
        page=lambda one: thing("notes", notes=listed(one)),
    ),
    {"Note": NOTE, "NewNote": NEW_NOTE},
)
SINGULAR = document(crud("/note", "Note", "noteId"), {"Note": NOTE, "NewNote": NEW_NOTE})
SECURED = document(crud("/notes", "Note", "id"), {"Note": NOTE, "NewNote": NEW_NOTE}, secured=True)
NUMBERED = document(
    crud("/people", "Person", "person", new=thing("name", name=TEXT)),
    {"Person": thing("id name", id={"type": "integer"}, name=TEXT)},
    parameter={"type": "integer"},
)
BY_NAME = document(
    crud("/users", "User", "username"),
    {"User": thing("id username", id=TEXT, username=TEXT), "NewUser": thing("username", username=TEXT)},
)
NESTED = document(
    {
        **crud("/books", "Book", "book_id", thing("title", title=TEXT)),
        **crud("/books/{book_id}/pages", "Page", "page_id", thing("text", text=TEXT)),
    },
    {
        "Book": thing("id title", id=TEXT, title=TEXT),
        "Page": thing("id book_id text", id=TEXT, book_id=TEXT, text=TEXT),
    },
)
COMPOSED = document(
    crud("/notes", "Note", "note_id"),
    {
        "Base": thing("id", id={"type": "string", "readOnly": True}),
        "NewNote": NEW_NOTE,
        "Note": {"allOf": [ref("Base"), ref("NewNote")]},
    },
)
SUMMARIES = document(
    crud("/notes", "Note", "id", page=lambda _: listed(ref("NoteSummary"))),
    {"Note": NOTE, "NewNote": NEW_NOTE, "NoteSummary": thing("id", id=TEXT)},
)

MANNERS = {
    "snake case": SNAKE,
    "camel case beneath a version": CAMEL,
    "envelopes": ENVELOPES,
    "envelopes by name": NAMED,
    "singular paths": SINGULAR,
    "secured": SECURED,
    "numbers": NUMBERED,
    "found by a name": BY_NAME,
    "composed schemas": COMPOSED,
    "summaries in lists": SUMMARIES,
}
"""Each with one collection of five operations."""
