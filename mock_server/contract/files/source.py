"""A YAML or JSON file as plain data, and where any part of it stands."""

from __future__ import annotations

import sys
from pathlib import Path

from mock_server.contract.files.document_cache import DocumentCache
from mock_server.contract.files.flaws import MOST_LISTED, Flaw, FlawedInput, piece
from mock_server.contract.files.json_text import as_yaml, is_like_json, read_json_text, read_with_duplicates
from mock_server.contract.files.outline import Outline
from mock_server.contract.files.parsed import DuplicateKey, MalformedText, Parsed
from mock_server.contract.files.parsed import Json as Json
from mock_server.contract.files.yaml_text import read_yaml

LONGEST_SILENCE = 5_000_000
"""How long a text may be without a word about its being read, which takes a third of a second."""


class Source:
    """A file, its text, and the plain data in it: `value`, read from the text unless it is given.

    A key that stands in its mapping again is refused, unless the source `allows_duplicates`: then the last one counts, and
    `duplicates` has a flaw for each. Unless it `is_located`, lines of JSON are not looked for. What takes long to read is
    looked for in the `cache`, and kept there.
    """

    def __init__(
        self,
        path: Path,
        text: str,
        *,
        allows_duplicates: bool = False,
        is_located: bool = True,
        cache: DocumentCache | None = None,
        value: Json = None,
    ) -> None:
        self.path = path
        self.name = str(path)
        self.text = text
        self._outline: Outline | None = None
        self._is_located = is_located or not is_like_json(text)
        parsed = self._parsed(cache) if value is None else Parsed(value)
        self.value: Json = parsed.value
        self.duplicates = tuple(map(self._duplicate, parsed.duplicates))
        """A flaw for every key that stands in its mapping again."""

        if not allows_duplicates:
            self.refuse_duplicates()

    @classmethod
    def from_path(cls, path: Path, *, allows_duplicates: bool = False) -> Source:
        """Read the file at `path`; raise `FlawedInput` when it cannot be read or is neither YAML nor JSON."""
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise FlawedInput([Flaw(str(path), 0, 0, "", f"cannot be read: {error.strerror or error}")]) from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise FlawedInput([Flaw(str(path), line, 1, "", "is not UTF-8", "save the file as UTF-8")]) from error
        return cls(path, text, allows_duplicates=allows_duplicates, cache=DocumentCache.from_environment())

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that it was read from."""
        return (self.path,)

    def refuse_duplicates(self) -> None:
        """Raise `FlawedInput` with every key that stands in its mapping again."""
        if self.duplicates:
            raise FlawedInput(self.duplicates[:MOST_LISTED], len(self.duplicates[MOST_LISTED:]))

    def flaw(self, pointer: str, message: str, hint: str = "") -> Flaw:
        """Return a flaw of the part that `pointer` names."""
        return Flaw(self.name, *self.locate(pointer), pointer, message, hint)

    def locate(self, pointer: str) -> tuple[int, int]:
        """Return line and column, from 1, of the part that `pointer` names, or of the nearest part around it."""
        if not self._is_located:
            return (1, 1)
        if self._outline is None:
            try:
                self._outline = Outline(as_yaml(self.text) if is_like_json(self.text) else self.text)
            except MalformedText:
                self._is_located = False  # JSON that YAML cannot read, as for control characters in a text
                return (1, 1)
        return self._outline.place(pointer_tokens(pointer))

    def _duplicate(self, duplicate: DuplicateKey) -> Flaw:
        message = f"the key {piece(duplicate.path[-1])} stands here a second time"
        return Flaw(self.name, duplicate.line, duplicate.column, pointer_to(*duplicate.path), message)

    def _parsed(self, cache: DocumentCache | None) -> Parsed:
        if is_like_json(self.text):
            try:
                return Parsed(read_json_text(self.text))
            except ValueError:
                pass  # It may be a flow mapping of YAML, or have duplicates.
        try:
            return cache.parsed(self.text, self._parse) if cache else self._parse(self.text)
        except MalformedText as error:
            raise FlawedInput([Flaw(self.name, error.line, error.column, "", error.message, error.hint)]) from error

    def _parse(self, text: str) -> Parsed:
        if len(text) > LONGEST_SILENCE:
            sys.stderr.write(f"Reading {self.path.name} ({len(text) / 1e6:.1f} MB) …\n")
        if is_like_json(text):
            try:
                return read_with_duplicates(text)
            except ValueError:
                pass  # If it is no YAML either, the reader of that tells where it fails.
        return read_yaml(text)


def pointer_tokens(pointer: str) -> list[str]:
    """Return the unescaped steps of a JSON Pointer (RFC 6901, section 4)."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def pointer_to(*tokens: str | int) -> str:
    """Return the JSON Pointer that goes through `tokens`."""
    return "".join(["/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens])
