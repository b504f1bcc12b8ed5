"""Reading security requirements: what callers have to show, as a document says at its top and at its operations."""

from __future__ import annotations

from mock_server.contract.access.security import SchemeUse, Security, SecurityScheme
from mock_server.contract.access.security_schemes import SUPPORTED_SCHEMES, scheme_of
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.flaws import did_you_mean, piece


class RequirementReader:
    """Reads the security requirements of a document of a `title`; flaws are noted in the document."""

    def __init__(self, document: Document, title: str) -> None:
        self._document = document
        self._title = title
        self._known: dict[str, SecurityScheme] = {}

    def read(self, node: Node) -> Security | None:
        """Return what callers have to show at `node`: the document, or an operation; None where it cannot be read."""
        security = node.get("security")
        if security is None:
            return Security()
        if security.is_broken:
            return None
        alternatives = []
        is_readable = True
        for requirement in security.elements():
            uses = []
            for name, scopes in requirement.items():
                scheme = self._known.get(name) or self._scheme(requirement, name)
                if scheme is None:
                    is_readable = False
                else:
                    self._known[name] = scheme
                    uses.append(SchemeUse(scheme, tuple(map(str, scopes.value))))
            alternatives.append(tuple(uses))
        return Security(tuple(alternatives)) if is_readable else None

    def _scheme(self, requirement: Node, name: str) -> SecurityScheme | None:
        """Return the scheme that a requirement names; None where there is none, or none that is supported."""
        root = self._document.root
        components = root.get("components")
        schemes = components.get("securitySchemes") if components else None
        scheme = schemes.get(name) if schemes else None
        if scheme is None and (root.is_unsure or (components and components.is_unsure)):
            return None
        if scheme is None:
            known = schemes.value if schemes else ()
            requirement.breaks(f"there is no security scheme {piece(name)}", did_you_mean(name, known), name)
            return None
        if scheme.is_broken or scheme.resolved().is_broken:
            return None
        read = scheme_of(name, scheme.resolved().value, self._title)
        if read is None:
            requirement.breaks(f"the security scheme {piece(name)} is not supported", SUPPORTED_SCHEMES, name)
        return read
