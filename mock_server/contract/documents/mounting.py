"""Several documents in one: each beneath a path of its own, everything else shared.

They are joined before anything is read, as one document of OpenAPI 3.1. So there is one set of resources, assumptions and
tokens, one journal and one console, and nothing after this knows that there were several. A component or an operationId whose
name an earlier document has goes by the name of its file as well: `billing_Customer`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mock_server.contract.documents.dialects import DIALECTS, MODEL_VERSION
from mock_server.contract.documents.document import Document, Node
from mock_server.contract.documents.overlay import document_source
from mock_server.contract.documents.renaming import Renaming
from mock_server.contract.documents.servers import base_paths
from mock_server.contract.documents.vocabulary import METHODS, SAFE_METHODS
from mock_server.contract.files.flaws import Flaw, FlawedInput, piece
from mock_server.contract.files.origins import Composed, Origin, Part
from mock_server.contract.files.source import Source, pointer_to

ONCE = ("webhooks", "x-assumptions", "x-problems", "x-webhook-delivery")
"""Members of the documents whose entries are joined, and of which no two may have one name."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A document, and the path that its own paths stand beneath; None takes the path of its first server."""

    path: Path
    prefix: str | None = None

    @classmethod
    def from_text(cls, text: str) -> Mount:
        """Read `/crm=crm.yaml`, or the name of a file alone; raise `ValueError` for a prefix that is none."""
        prefix, separator, file = text.partition("=")
        if not separator or not prefix.startswith("/"):
            return cls(Path(text))
        if not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)*/?", prefix):
            raise ValueError(f"{prefix!r} is not a path to mount a document at, such as /crm")
        return cls(Path(file), prefix.rstrip("/"))


def mounted(mounts: Sequence[Mount], change: Callable[[Source], Source] = lambda source: source) -> Document:
    """Return the documents, each changed, as one; raise `FlawedInput` where one cannot be read, or two cannot stand beside
    each other."""
    sources = [change(document_source(mount.path)) for mount in mounts]
    if len(mounts) == 1 and mounts[0].prefix is None:
        return Document.from_source(sources[0])
    documents = [Document.from_source(source) for source in sources]
    prefixes = [_prefix(mount, document) for mount, document in zip(mounts, documents, strict=True)]
    _refuse_same(prefixes, sources)
    folder = Path(os.path.commonpath([str(mount.path.absolute().parent) for mount in mounts]))
    joining = _Joining(folder, sources)
    for document, prefix in zip(documents, prefixes, strict=True):
        joining.add(document, prefix)
    return joining.document()


class _Joining:
    """The one document, as the others are added to it."""

    def __init__(self, folder: Path, sources: Sequence[Source]) -> None:
        self.folder = folder
        self.sources = sources
        self.root = Part({"openapi": MODEL_VERSION}, Origin(sources[0], ""))
        for key in ("info", "paths", "components"):
            self.root.put(key, self.root.made({}))
        self.root.value["info"] |= {"title": "", "version": ""}
        self.files: dict[str, Source] = {}
        self._operation_ids: set[str] = set()

    def add(self, document: Document, prefix: str) -> None:
        """Add a document with its paths beneath `prefix`."""
        root = Part(document.main.value, Origin(document.main, "")).copy()
        stem = re.sub("[^A-Za-z0-9.-]+", "-", document.main.path.stem)
        names = self._new_names(root, stem)
        Renaming(names, prefix, self._start(document)).apply(root.value)
        self._add_title(root)
        for operation in _operations(root):
            self._name_operation(operation, stem)
            if "security" in root and "security" not in operation:
                operation.put("security", root["security"].copy())
        self._spread_idempotency(document, root)
        for section, entries in root["components"].items() if "components" in root else ():
            for name, entry in entries.items():
                self._member("components", section).put(names.get((section, name), name), entry)
        for path, item in root["paths"].items() if "paths" in root else ():
            self.root["paths"].put(path if path.startswith("x-") else prefix + path, item)
        for key in ONCE:
            for name, entry in root[key].items() if key in root else ():
                if name in self._member(key):
                    message = f"{piece(name)} is declared by another document too"
                    raise FlawedInput([document.main.flaw(pointer_to(key, name), message, "rename one of them")])
                self._member(key).put(name, entry)
        for tag in root["tags"].elements() if "tags" in root else ():
            self.root.value.setdefault("tags", [])
            self.root["tags"].append(tag)
        for source in document.sources.values():
            self.files[os.path.relpath(source.path.absolute(), self.folder)] = source

    def document(self) -> Document:
        """Return the one document."""
        path = self.folder / f"({' + '.join(source.path.name for source in self.sources)})"  # the name of no file
        main = Composed(self.sources[0], self.root, self.sources[1:], path)
        document = Document(main, DIALECTS[0])
        document.sources.update(self.files)
        for source in self.sources:
            document.note_duplicates(source)
        return document

    def _member(self, *keys: str) -> Part:
        part = self.root
        for key in keys:
            if key not in part:
                part.put(key, part.made({}))
            part = part[key]
        return part

    def _new_names(self, root: Part, stem: str) -> dict[tuple[str, str], str]:
        """Return the names of components that are taken, with what they are called instead."""
        names = {}
        for section, entries in root["components"].items() if "components" in root else ():
            for name, _ in entries.items():
                if name in self._member("components", section):
                    names[section, name] = f"{stem}_{name}"
        return names

    def _add_title(self, root: Part) -> None:
        info, own = self.root.value["info"], root.value.get("info")
        for key in ("title", "version"):
            text = str(own.get(key, "")) if isinstance(own, dict) else ""
            info[key] = ", ".join(filter(None, [info[key], text]))

    def _name_operation(self, operation: Part, stem: str) -> None:
        name = operation.value.get("operationId")
        if isinstance(name, str):
            if name in self._operation_ids:
                operation.value["operationId"] = f"{stem}_{name}"
            self._operation_ids.add(operation.value["operationId"])

    def _spread_idempotency(self, document: Document, root: Part) -> None:
        """Let each operation that takes the header of the keys of its document say so itself."""
        if "x-idempotency" not in root:
            return
        declared = root["x-idempotency"]
        header = declared.value.get("header") if isinstance(declared.value, dict) else None
        if not isinstance(header, str):
            return
        for path, item in root["paths"].items() if "paths" in root else ():
            node = document.root["paths"][path].resolved()
            for method in METHODS:
                if method in SAFE_METHODS or method not in item or not isinstance(item[method].value, dict):
                    continue
                if header.lower() in _headers(node, node[method]) and "x-idempotency" not in item[method]:
                    item[method].put("x-idempotency", declared.copy())

    def _start(self, document: Document) -> str:
        """Return the folder of a document, seen from the one that they share."""
        start = os.path.relpath(document.main.path.absolute().parent, self.folder)
        return "" if start == "." else f"{start}/"


def _operations(root: Part) -> Iterator[Part]:
    for _, item in root["paths"].items() if "paths" in root else ():
        yield from (item[method] for method in METHODS if method in item and isinstance(item[method].value, dict))


def _prefix(mount: Mount, document: Document) -> str:
    if mount.prefix is not None:
        return mount.prefix
    return next(iter(base_paths(document.root)), "")


def _refuse_same(prefixes: Iterable[str], sources: Sequence[Source]) -> None:
    """Refuse documents beneath one path."""
    taken: dict[str, Source] = {}
    flaws: list[Flaw] = []
    for prefix, source in zip(prefixes, sources, strict=True):
        if prefix in taken:
            message = f"stands beneath {prefix or '/'}, as {taken[prefix].path.name} does"
            flaws.append(source.flaw("/servers", message, "mount each at a path of its own, as in --mount /crm=crm.yaml"))
        taken.setdefault(prefix, source)
    if flaws:
        raise FlawedInput(flaws)


def _headers(*nodes: Node) -> set[str]:
    """Return the names of the header parameters of an operation and of the path around it, in lower case."""
    parameters = [one.resolved().value for node in nodes if "parameters" in node.value for one in node["parameters"].elements()]
    named = [one for one in parameters if isinstance(one, dict) and one.get("in") == "header"]
    return {str(one.get("name")).lower() for one in named}
