"""Swagger 2.0 brought to the objects of OpenAPI 3.1 (https://spec.openapis.org/oas/v2.0.html). Its schemas stay as they are.

Each part of the result knows where it stands in the file. What is not known here stays where it stands, and is told as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.contract.documents.vocabulary import METHODS
from mock_server.contract.files.origins import Composed, Origin, Part
from mock_server.contract.files.source import Json, Source, pointer_to, pointer_tokens
from mock_server.contract.messages.content_types import FORM, JSON, MULTIPART

MOVED = {"definitions": "schemas", "parameters": "parameters", "responses": "responses"}
"""Where references lead to, and the section of `components` that this becomes."""

KEPT = frozenset({"name", "in", "description", "required", "allowEmptyValue"})
"""Members of a parameter that are not said of its value."""

DELIMITED = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}
FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def converted_from_swagger(source: Source, version: str) -> Source:
    """Return a Swagger 2.0 document as one of OpenAPI `version`."""
    root = Part(source.value, Origin(source, "")).copy()
    return Composed(source, _Conversion(root).result(version))


class _Conversion:
    """One document on its way."""

    def __init__(self, root: Part) -> None:
        self.root = root
        self.consumes = _texts(root, "consumes")
        self.produces = _texts(root, "produces")
        shared = root["parameters"] if "parameters" in root else root.made({})
        self.forms = {name: entry for name, entry in shared.items() if _in(entry) == "formData"}
        """Parameters that several operations share and that are fields of their forms."""

        self.bodies = {name for name, entry in shared.items() if _in(entry) == "body"}

    def result(self, version: str) -> Part:
        """Return the whole document."""
        old = self.root
        self._refer(old.value)
        new = old.made({"openapi": version})
        for key, part in old.items():
            if key not in (*MOVED, "swagger", "host", "basePath", "schemes", "consumes", "produces", "securityDefinitions"):
                new.put(key, part)
        new.put("servers", old.made([{"url": url} for url in self._servers()]))
        components = old.made({})
        for key, section in (("definitions", "schemas"), ("securityDefinitions", "securitySchemes")):
            if key in old:
                components.put(section, old[key])
        if "securitySchemes" in components:
            for _, scheme in components["securitySchemes"].items():
                _convert_scheme(scheme)
        self._share_parameters(components)
        if "responses" in old:
            for _, response in old["responses"].items():
                self._convert_response(response, self.produces)
            components.put("responses", old["responses"])
        new.put("components", components)
        for _, item in new["paths"].items() if "paths" in new else ():
            self._convert_item(item)
        return new

    def _refer(self, value: Json) -> None:
        """Let the references in a value lead to where their targets go."""
        stack = [value]
        while stack:
            part = stack.pop()
            if isinstance(part, dict):
                reference = part.get("$ref")
                if isinstance(reference, str) and reference.startswith("#/"):
                    part["$ref"] = self._moved(reference)
                stack.extend(part.values())
            elif isinstance(part, list):
                stack.extend(part)

    def _moved(self, reference: str) -> str:
        first, *others = pointer_tokens(reference)
        if first not in MOVED:
            return reference
        section = "requestBodies" if first == "parameters" and others and others[0] in self.bodies else MOVED[first]
        return "#" + pointer_to("components", section, *others)

    def _servers(self) -> Iterator[str]:
        host, base = self.root.value.get("host"), self.root.value.get("basePath") or "/"
        base = base if isinstance(base, str) else "/"
        if not isinstance(host, str):
            yield base
            return
        for scheme in _texts(self.root, "schemes") or ["https"]:
            yield f"{scheme}://{host}{base}"

    def _share_parameters(self, components: Part) -> None:
        parameters, bodies = components.made({}), components.made({})
        for name, entry in self.root["parameters"].items() if "parameters" in self.root else ():
            if name in self.bodies:
                bodies.put(name, _body_of(entry, self.consumes or [JSON]))
            elif name not in self.forms:
                parameters.put(name, _parameter_of(entry))
        components.put("parameters", parameters)
        components.put("requestBodies", bodies)

    def _convert_item(self, item: Part) -> None:
        shared = list(item["parameters"].elements()) if "parameters" in item else []
        shared_body = [entry for entry in shared if self._is_of_body(entry)]
        if shared:
            others = [_parameter_of(entry) for entry in shared if not self._is_of_body(entry)]
            item.put("parameters", _listed(item["parameters"], others))
        for method in METHODS:
            if method in item and isinstance(item[method].value, dict):
                self._convert_operation(item[method], shared_body)

    def _convert_operation(self, operation: Part, shared_body: list[Part]) -> None:
        consumes = _texts(operation, "consumes") or self.consumes
        produces = _texts(operation, "produces") or self.produces
        own = list(operation["parameters"].elements()) if "parameters" in operation else []
        of_body = [entry for entry in own if self._is_of_body(entry)] or shared_body
        if own:
            others = [_parameter_of(entry) for entry in own if not self._is_of_body(entry)]
            operation.put("parameters", _listed(operation["parameters"], others))
        body = self._request_body(operation, of_body, consumes)
        if body is not None:
            operation.put("requestBody", body)
        for _, response in operation["responses"].items() if "responses" in operation else ():
            self._convert_response(response, produces)
        for key in ("consumes", "produces", "schemes"):
            if key in operation:
                operation.remove(key)

    def _is_of_body(self, entry: Part) -> bool:
        name = _shared_name(entry)
        return _in(entry) in ("body", "formData") or (name is not None and (name in self.bodies or name in self.forms))

    def _request_body(self, operation: Part, entries: list[Part], consumes: list[str]) -> Part | None:
        """Return what the parameters that are a body, or fields of a form, make together; None where there are none."""
        if not entries:
            return None
        first = entries[0]
        if _shared_name(first) in self.bodies:
            return first  # a reference to a request body
        if _in(first) == "body":
            return _body_of(first, consumes or [JSON])
        fields = [self.forms.get(_shared_name(entry) or "", entry) for entry in entries]
        return _form_of(operation, fields, consumes)

    def _convert_response(self, response: Part, produces: list[str]) -> None:
        if not isinstance(response.value, dict) or "$ref" in response.value:
            return
        content = response.made({})
        examples = dict(response["examples"].items()) if "examples" in response else {}
        if "schema" in response:
            for media_type in produces or [JSON]:
                media = response.made({})
                media.put("schema", response["schema"])
                content.put(media_type, media)
            response.remove("schema")
        for media_type, example in examples.items():
            if media_type not in content:
                content.put(media_type, response.made({}))
            content[media_type].put("example", example)
        if "examples" in response:
            response.remove("examples")
        if content.value:
            response.put("content", content)
        for name, header in response["headers"].items() if "headers" in response else ():
            response["headers"].put(name, _with_schema(header))
        if "description" not in response:
            response.put("description", response.made(""))


def _texts(part: Part, key: str) -> list[str]:
    value = part.value.get(key) if isinstance(part.value, dict) else None
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _in(entry: Part) -> str | None:
    return entry.value.get("in") if isinstance(entry.value, dict) else None


def _shared_name(entry: Part) -> str | None:
    """Return the name of the shared parameter that an entry refers to; None where it is no such reference."""
    reference = entry.value.get("$ref") if isinstance(entry.value, dict) else None
    return pointer_tokens(reference)[-1] if isinstance(reference, str) and reference.startswith("#/components/") else None


def _listed(around: Part, entries: list[Part]) -> Part:
    new = around.made([])
    for entry in entries:
        new.append(entry)
    return new


def _with_schema(entry: Part) -> Part:
    """Return a parameter or a header with what is said of its value in a `schema`."""
    new, schema = entry.made({}), entry.made({})
    for key, part in entry.items():
        (new if key in KEPT or key.startswith("x-") else schema).put(key, part)
    collection = schema.value.pop("collectionFormat", None)
    new.put("schema", schema)
    if schema.value.get("type") == "array":
        if isinstance(collection, str) and collection in DELIMITED:
            new.value.update(style=DELIMITED[collection], explode=False)
        elif _in(entry) in ("query", "formData", "cookie"):
            new.value["explode"] = collection == "multi"
    return new


def _parameter_of(entry: Part) -> Part:
    if not isinstance(entry.value, dict) or isinstance(entry.value.get("$ref"), str):
        return entry
    return _with_schema(entry)


def _body_of(entry: Part, media_types: list[str]) -> Part:
    body, content = entry.made({}), entry.made({})
    for key in ("description", "required"):
        if key in entry:
            body.put(key, entry[key])
    for media_type in media_types:
        media = entry.made({})
        if "schema" in entry:
            media.put("schema", entry["schema"])
        content.put(media_type, media)
    body.put("content", content)
    return body


def _form_of(operation: Part, fields: list[Part], consumes: list[str]) -> Part:
    """Return the body that fields of a form make."""
    schema = operation.made({"type": "object"})
    properties, required, encoding = operation.made({}), [], operation.made({})
    has_file = False
    for field in fields:
        name = str(field.value.get("name", ""))
        read = _with_schema(field)
        has_file = has_file or read["schema"].value.get("type") == "file"
        properties.put(name, read["schema"])
        if "description" in read:
            read["schema"].value.setdefault("description", read["description"].value)
        if read.value.get("required") is True:
            required.append(name)
        how = {key: read.value[key] for key in ("style", "explode") if key in read.value}
        if how:
            encoding.put(name, field.made(how))
    schema.put("properties", properties)
    if required:
        schema.value["required"] = required
    media_types = [one for one in consumes if one in (FORM, MULTIPART)] or [MULTIPART if has_file else FORM]
    content = operation.made({})
    for media_type in media_types:
        media = operation.made({})
        media.put("schema", schema)
        if encoding.value:
            media.put("encoding", encoding)
        content.put(media_type, media)
    body = operation.made({"required": bool(required)})
    body.put("content", content)
    return body


def _convert_scheme(scheme: Part) -> None:
    if not isinstance(scheme.value, dict):
        return
    kind = scheme.value.get("type")
    if kind == "basic":
        scheme.value.update(type="http", scheme="basic")
    elif kind == "oauth2" and "flow" in scheme:
        old = scheme.value
        flow = {key: old.pop(key) for key in ("authorizationUrl", "tokenUrl") if key in old}
        name = str(old.pop("flow"))
        flow["scopes"] = old.pop("scopes", {})
        old["flows"] = {FLOWS.get(name, name): flow}
