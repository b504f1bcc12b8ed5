"""The words of OpenAPI, of JSON Schema and of our extensions: which keys hold what, and where each belongs."""

from __future__ import annotations

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

SAFE_METHODS = frozenset({"get", "head", "options", "trace", "query"})
"""The methods that change nothing (RFC 9110 section 9.2.1), and QUERY."""

SUBSCHEMA = frozenset(
    """
    items additionalProperties not if then else contains propertyNames unevaluatedProperties unevaluatedItems contentSchema
    """.split()  # noqa: SIM905 (reads better)
)
SUBSCHEMA_LIST = ("allOf", "anyOf", "oneOf", "prefixItems")
SUBSCHEMA_MAP = ("properties", "patternProperties", "$defs", "dependentSchemas")
SCHEMA_KEYWORDS = frozenset(
    """
    $ref $comment type enum const multipleOf maximum
    exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains
    minContains maxProperties minProperties required dependentRequired title description default deprecated readOnly
    writeOnly examples format contentEncoding contentMediaType discriminator xml externalDocs example
    """.split()  # noqa: SIM905 (reads better)
).union(SUBSCHEMA, SUBSCHEMA_LIST, SUBSCHEMA_MAP)

EXTENSIONS = {
    "x-assumptions": "it stands at the top of the document",
    "x-problems": "it stands at the top of the document",
    "x-idempotency": "it stands at the top of the document, or in an operation",
    "x-webhook-delivery": "it stands at the top of the document",
    "x-resource": "it stands in a schema under /components/schemas, or in a file that one of these names: NAME: {$ref: FILE}",
    "x-view": "it stands in a schema under /components/schemas, or in a file that one of these names: NAME: {$ref: FILE}",
    "x-behaviour": "it stands in an operation",
    "x-when": "it stands in a schema of a request",
    "x-only-when": "it stands in a media type of a response",
    "x-source": "it stands in a response",
}
"""The extensions that a contract is read from, and where each belongs."""

PLAIN_VALUES = frozenset({"example", "value", "default", "enum", "const", "security", "variables", "flows"})
"""Keys of a document whose values are plain data, in which a `schema` or a `$ref` means nothing."""

SCHEMA = "schema"
OBJECT = "object"
NAMES = "names"
PARTS = {
    # key: what stands behind it, by name or in a list; the words are those of the OpenAPI Initiative's own schema
    "paths": "path-item",
    "webhooks": "path-item",
    "pathItems": "path-item",
    "parameters": "parameter",
    "requestBodies": "request-body",
    "responses": "response",
    "headers": "header",
    "examples": "example",
    "securitySchemes": "security-scheme",
    "links": "link",
    "callbacks": "callbacks",
    "content": "media-type",
    "schemas": SCHEMA,
}
UNUSED_KEYS = frozenset(
    """
    info tags servers webhooks externalDocs summary description deprecated operationId contact license jsonSchemaDialect
    callbacks links termsOfService
    """.split()  # noqa: SIM905 (reads better)
)
"""Keys of objects without which every request can be answered."""

UNUSED_PARTS = frozenset({"example", "link", "callbacks", "header"})
"""Kinds of parts without which every request can be answered."""

NAMED = frozenset({*PARTS, *SUBSCHEMA_MAP})
"""Keys of a document whose values are mappings from names; a name such as `default` or `value` is no keyword there."""

IDENTIFYING = ("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$schema", "$vocabulary")
"""Keywords of JSON Schema that change what a reference or a keyword means; a contract does without."""
