"""The words of a document for people."""

from __future__ import annotations

from mock_server.contract.documents.document import Document, Node
from mock_server.contract.files.source import pointer_tokens


def text_at(document: Document, pointer: str) -> str:
    """Return the text at a JSON Pointer, read through references, on one line; an empty text where there is none."""
    node: Node = document.root
    for token in pointer_tokens(pointer):
        node = node.resolved()
        if isinstance(node.value, dict) and token in node.value:
            node = node[token]
        elif isinstance(node.value, list) and token.isdecimal() and int(token) < len(node.value):
            node = node[int(token)]
        else:
            return ""
    value = node.resolved().value
    return " ".join(value.split()) if isinstance(value, str) else ""
