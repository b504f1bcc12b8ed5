"""Credentials in fixtures: the tokens, API keys, user names and passwords that stand for organizations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mock_server.contract.access.security import CredentialKind, SchemeUse
from mock_server.contract.access.security_schemes import credential_of_user
from mock_server.contract.behaviours.declarations import read_declaration
from mock_server.contract.files.flaws import Flaws, piece
from mock_server.contract.files.source import Json, Source, pointer_to

KINDS: tuple[CredentialKind, ...] = ("token", "api-key", "username")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a credential is good for: schemes of one kind, or all; some scopes, or all."""

    kind: CredentialKind | None = None
    scopes: frozenset[str] | None = None
    user: str | int | None = None
    """The id of the user whose it is."""

    def is_for(self, use: SchemeUse) -> bool:
        """Say whether the credential is one for a scheme."""
        return self.kind in (None, use.scheme.kind)

    def lacks(self, use: SchemeUse) -> bool:
        """Say whether the credential lacks a scope that is asked for."""
        return self.scopes is not None and not self.scopes.issuperset(use.scopes)


UNLIMITED = Limit()


def written(credential: str, limit: Limit) -> Json:
    """Return a credential as fixtures write it."""
    if limit == UNLIMITED:
        return credential
    entry: dict[str, Json] = {limit.kind or "token": credential}
    if limit.kind == "username":
        user, _, password = credential.partition(":")
        entry = {"username": user, "password": password}
    if limit.scopes is not None:
        entry["scopes"] = sorted(limit.scopes)
    return entry if limit.user is None else {**entry, "user": limit.user}


class CredentialReader:
    """Reads the credentials of organizations from a source; flaws are noted."""

    def __init__(self, source: Source, flaws: Flaws) -> None:
        self._source = source
        self._flaws = flaws
        self.tokens: dict[str, str] = {}
        """The organization of each credential."""

        self.limits: dict[str, Limit] = {}
        """What those are good for that are not good for everything."""

        self.users: list[tuple[str | int, str, str]] = []
        """The users whose credentials they are, with their organizations and the places where they are named."""

    def read(self, organization: str, listed: Json, pointer: str) -> None:
        """Read the list of an organization, which stands at `pointer`."""
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            place = pointer + pointer_to(index)
            if isinstance(entry, str):
                self._check(entry, place, "a token")
                self._keep(entry, UNLIMITED, organization, place)
            elif isinstance(entry, dict):
                self._read_mapping(entry, organization, place)
            elif isinstance(entry, (bool, int, float)):
                self._flaws.add(self._source, place, f"has to be a text, not {piece(entry)}", "put it in quotes")
            else:
                self._flaws.add(self._source, place, f"has to be a text or a mapping, not {piece(entry)}")

    def _read_mapping(self, entry: Mapping[str, Json], organization: str, place: str) -> None:
        declaration = read_declaration("credential", entry, self._source, place, self._flaws)
        if declaration is None:
            return
        kinds = [kind for kind in KINDS if kind in entry]
        if len(kinds) != 1:
            hint = "give it a `token`, an `api-key`, or a `username` with a `password`; more than one are more than one entry"
            self._flaws.add(self._source, place, f"a credential is one thing, not {len(kinds)}", hint)
            return
        kind, credential = kinds[0], entry[kinds[0]]
        if "password" in entry and kind != "username":
            hint = "a password goes with a `username`"
            self._flaws.add(self._source, place + pointer_to("password"), f"{piece(kind)} has no password", hint)
        if kind == "username":
            password = declaration["password"]
            if ":" in credential or not f"{credential}{password}".isprintable() or not (credential or password):
                self._flaws.add(self._source, place, "a user name and a password are printable, and no name has a colon")
            credential = credential_of_user(credential, password)
        else:
            self._check(credential, place + pointer_to(kind), "a token" if kind == "token" else "a key")
        scopes = declaration["scopes"]
        limit = Limit(kind, None if scopes is None else frozenset(scopes), declaration["user"])
        if limit.user is not None:
            self.users.append((limit.user, organization, place + pointer_to("user")))
        self._keep(credential, limit, organization, place)

    def _check(self, credential: str, place: str, noun: str) -> None:
        if not credential or not credential.isascii() or any(character.isspace() for character in credential):
            self._flaws.add(self._source, place, f"{noun} is ASCII text without white space")

    def _keep(self, credential: str, limit: Limit, organization: str, place: str) -> None:
        if credential in self.tokens:
            self._flaws.add(self._source, place, "this token stands twice", "a token belongs to one organization")
            return
        self.tokens[credential] = organization
        if limit != UNLIMITED:
            self.limits[credential] = limit
