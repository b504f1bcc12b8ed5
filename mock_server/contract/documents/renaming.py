"""What the parts of a document are called in the one that it is joined to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mock_server.contract.files.source import Json, pointer_to, pointer_tokens

PLAIN = frozenset({"as", "each", "from", "otherwise", "foreign", "if-match", "send", "url"})
"""The keys of steps whose texts are no names of components, beside those of decisions."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """What the parts of a document go by in the one that they are joined to."""

    names: Mapping[tuple[str, str], str]
    prefix: str
    start: str

    def apply(self, root: Json) -> None:
        """Let everything in a document refer to the new names."""
        stack = [root]
        while stack:
            part = stack.pop()
            if isinstance(part, dict):
                self._rename_in(part)
                stack.extend(part.values())
            elif isinstance(part, list):
                stack.extend(part)

    def _rename_in(self, part: dict[str, Json]) -> None:
        if isinstance(part.get("$ref"), str):
            part["$ref"] = self._reference(part["$ref"])
        mapping = part.get("mapping")
        if isinstance(mapping, dict) and isinstance(part.get("propertyName"), str):
            for value, target in mapping.items():
                if isinstance(target, str):
                    mapping[value] = self._reference(target) if "#" in target else self._name("schemas", target)
        for requirement in part["security"] if isinstance(part.get("security"), list) else ():
            if isinstance(requirement, dict):
                renamed = {self._name("securitySchemes", name): scopes for name, scopes in requirement.items()}
                requirement.clear()
                requirement.update(renamed)
        behaviour, resource, view = part.get("x-behaviour"), part.get("x-resource"), part.get("x-view")
        for step in behaviour if isinstance(behaviour, list) else ():
            keys = step if isinstance(step, dict) else ()
            self._rename_words(step, [key for key in keys if key not in PLAIN and not str(key).startswith("when-")])
        if isinstance(resource, dict):
            self._rename_words(resource.get("credential"), ["scheme"], "securitySchemes")
            references = resource.get("references")
            for field, reference in references.items() if isinstance(references, dict) else ():
                self._rename_words(references, [field])
                self._rename_words(reference, ["to"])
        self._rename_words(view, ["of"])
        self._rename_words(part.get("$count"), ["of"])
        self._rename_words(part.get("$view"), ["as"])

    def _rename_words(self, part: Json, keys: Iterable[str], section: str = "schemas") -> None:
        """Let the members of a part of an extension that name components do so by their new names."""
        for key in keys if isinstance(part, dict) else ():
            if isinstance(part.get(key), str):
                part[key] = self._name(section, part[key])

    def _name(self, section: str, name: str) -> str:
        return self.names.get((section, name), name)

    def _reference(self, reference: str) -> str:
        file, _, fragment = reference.partition("#")
        if file:
            return reference if "://" in file or file.startswith("/") else f"{self.start}{reference}"
        tokens = pointer_tokens(fragment)
        if tokens[:1] == ["components"] and len(tokens) > 2:
            tokens[2] = self._name(tokens[1], tokens[2])
        elif tokens[:1] == ["paths"] and len(tokens) > 1:
            tokens[1] = self.prefix + tokens[1]
        return "#" + pointer_to(*tokens)
