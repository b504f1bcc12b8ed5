"""Dialects: the versions of OpenAPI that a document may be written in, each brought to one model, that of OpenAPI 3.1.

What is read and checked, served and shown afterwards is OpenAPI 3.1 with JSON Schema 2020-12; the places of mistakes stay those
of the file. Another version is another class in `DIALECTS`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Protocol

from mock_server.contract.documents.swagger import converted_from_swagger
from mock_server.contract.documents.vocabulary import EXTENSIONS
from mock_server.contract.files.flaws import Flaw
from mock_server.contract.files.source import Json, Source, pointer_to

COUNTS = frozenset(
    """
    minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains
    """.split()  # noqa: SIM905 (reads better)
)
"""Keywords whose values are whole numbers."""

MODEL_VERSION = "3.1.1"
"""The version that every document has once it is read."""


class Dialect(Protocol):
    """A version of OpenAPI."""

    @property
    def name(self) -> str:
        """What it is called: OpenAPI 3.0."""

    @property
    def more_keys(self) -> Collection[str]:
        """The keys of objects that it has beyond those of OpenAPI 3.1."""

    @property
    def ignored_keys(self) -> Collection[str]:
        """Those that it has as well, and of which nothing is made here."""

    def takes(self, value: Json) -> bool:
        """Say whether a document is written in it."""

    def converted(self, source: Source) -> Source:
        """Return a document with its objects where OpenAPI 3.1 has them; its schemas are still those of this dialect."""

    def convert_schema(self, schema: dict[str, Any]) -> None:
        """Make a schema say the same by the keywords of OpenAPI 3.1; the schemas within it are left alone."""


class OpenApi31:
    """OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html): nothing has to be converted."""

    name = "OpenAPI 3.1"
    more_keys: Collection[str] = ()
    ignored_keys: Collection[str] = ()
    _version = re.compile(r"3\.1(?:\.|$)")

    def takes(self, value: Json) -> bool:
        """Say whether a document is OpenAPI of this version."""
        return isinstance(value, dict) and bool(self._version.match(str(value.get("openapi", ""))))

    def converted(self, source: Source) -> Source:
        """Return the document, with the version of the model."""
        source.value["openapi"] = MODEL_VERSION
        return source

    def convert_schema(self, schema: dict[str, Any]) -> None:
        """Write counts such as `minItems: 2.0`, which JSON Schema allows, as whole numbers."""
        for keyword in COUNTS & schema.keys():
            if isinstance(schema[keyword], float) and schema[keyword].is_integer():
                schema[keyword] = int(schema[keyword])


class OpenApi32(OpenApi31):
    """OpenAPI 3.2 (https://spec.openapis.org/oas/v3.2.0.html), which adds to 3.1; what of it is known is read."""

    name = "OpenAPI 3.2"
    more_keys = frozenset(
        """
        $self query kind parent deviceAuthorization oauth2MetadataUrl deviceAuthorizationUrl nodeType defaultMapping deprecated
        name summary itemSchema
        """.split()  # noqa: SIM905 (reads better)
    )
    ignored_keys = frozenset(
        """
        mediaTypes additionalOperations prefixEncoding itemEncoding dataValue serializedValue
        """.split()  # noqa: SIM905 (reads better)
    )
    _version = re.compile(r"3\.2(?:\.|$)")


class OpenApi30(OpenApi31):
    """OpenAPI 3.0 (https://spec.openapis.org/oas/v3.0.4.html), whose schemas are an older JSON Schema with more words."""

    name = "OpenAPI 3.0"
    _version = re.compile(r"3\.0(?:\.|$)")

    def convert_schema(self, schema: dict[str, Any]) -> None:
        """Write `nullable`, exclusive bounds and lists of schemas as JSON Schema 2020-12 does; drop what is beside a `$ref`."""
        if isinstance(schema.get("$ref"), str):
            for key in schema.keys() - {"$ref"} - EXTENSIONS.keys():  # 3.0.4, section 4.7.23.1: they are ignored
                del schema[key]
            return
        super().convert_schema(schema)
        if isinstance(schema.get("items"), list):  # as older JSON Schemas write a list whose elements have their own schemas
            schema["prefixItems"] = schema.pop("items")
            if "additionalItems" in schema:
                schema["items"] = schema.pop("additionalItems")
        _convert_bound(schema, "exclusiveMinimum", "minimum")
        _convert_bound(schema, "exclusiveMaximum", "maximum")
        if isinstance(schema.get("nullable"), bool) and schema.pop("nullable"):
            kind = schema.get("type")  # 3.0.4, section 4.7.24.2: without a type it means nothing, and `enum` has to list null
            if isinstance(kind, str) and kind != "null":
                schema["type"] = [kind, "null"]
            elif isinstance(kind, list) and "null" not in kind:
                schema["type"] = [*kind, "null"]


class Swagger20(OpenApi30):
    """Swagger 2.0 (https://spec.openapis.org/oas/v2.0.html)."""

    name = "Swagger 2.0"

    def takes(self, value: Json) -> bool:
        """Say whether a document is Swagger 2.0."""
        return isinstance(value, dict) and "openapi" not in value and str(value.get("swagger", "")) in ("2.0", "2")

    def converted(self, source: Source) -> Source:
        """Return the document in the order of OpenAPI 3; each part is still told where it stands in the file."""
        return converted_from_swagger(source, MODEL_VERSION)

    def convert_schema(self, schema: dict[str, Any]) -> None:
        """Write files, discriminators and the usual `x-nullable` as OpenAPI 3.0 does, and that as 3.1."""
        if schema.get("type") == "file":
            schema.update(type="string", format="binary")
        if isinstance(schema.get("discriminator"), str):
            schema["discriminator"] = {"propertyName": schema["discriminator"]}
        if isinstance(schema.get("x-nullable"), bool):
            schema.setdefault("nullable", schema.pop("x-nullable"))
        super().convert_schema(schema)


DIALECTS: tuple[Dialect, ...] = (OpenApi31(), OpenApi30(), OpenApi32(), Swagger20())
SUPPORTED_VERSIONS = "the document has to be OpenAPI 3.0, 3.1 or 3.2, as in openapi: 3.1.0, or Swagger 2.0"


def dialect_of(value: Json) -> Dialect | None:
    """Return the dialect that a document is written in; None where it is none that is supported."""
    return next((dialect for dialect in DIALECTS if dialect.takes(value)), None)


def unsupported_version(main: Source) -> Flaw:
    """Return what is wrong with a file that is in no dialect that is supported."""
    value = main.value
    if isinstance(value, dict) and ("openapi" in value or "swagger" in value):
        key = "openapi" if "openapi" in value else "swagger"
        name = "OpenAPI" if key == "openapi" else "Swagger"
        return main.flaw(pointer_to(key), f"{name} {value[key]} is not supported", SUPPORTED_VERSIONS)
    return main.flaw("", "is not an OpenAPI document: there is no `openapi` at its top")


def _convert_bound(schema: dict[str, Any], exclusive: str, bound: str) -> None:
    """Write `{minimum: 1, exclusiveMinimum: true}` as `{exclusiveMinimum: 1}`."""
    if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
        schema[exclusive] = schema.pop(bound)
