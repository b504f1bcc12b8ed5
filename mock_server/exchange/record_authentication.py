"""Who calls, where records authenticate callers beside the credentials of fixtures."""

from __future__ import annotations

from mock_server.contract.access.security import SchemeUse, Security
from mock_server.contract.model import Operation
from mock_server.engine.credential_records import CredentialRecords, Found
from mock_server.engine.credentials import UNLIMITED
from mock_server.engine.execution import Execution
from mock_server.engine.generating import Generator
from mock_server.engine.store import Record, Store
from mock_server.exchange.authentication import Authenticator, Credentials, Known
from mock_server.exchange.messages import Answer, Request
from mock_server.exchange.responders import Responder


class RecordAuthenticator(Authenticator):
    """Finds out who calls by the credentials of fixtures first, and then by records of the store."""

    def __init__(self, security: Security, credentials: Credentials, records: CredentialRecords) -> None:
        super().__init__(security, credentials)
        self._records = records

    def known(self, store: Store | None, generator: Generator | None) -> Known:
        """Return whom credentials stand for just now."""
        return self._credentials if store is None else _Kept(self._credentials, self._records, store, generator)

    def caller(self, request: Request, store: Store, generator: Generator | None) -> Record | None:
        """Return the record of the credential that a request shows; that of one of the fixtures has its secret and its user."""
        for use in (use for alternative in self._security.alternatives for use in alternative):
            credential = use.scheme.credential(request.headers, request.query)
            if credential is None or use.scheme.name not in self._records:
                continue
            if credential in self._credentials.tokens:
                fields, user = self._records.fields(use.scheme.name), self._credentials.limits.get(credential, UNLIMITED).user
                return {fields.secret: credential, **({fields.user: user} if fields.user else {})}
            found = self._records.find(use, credential, store, generator)
            if found is not None:
                return found.record
        return None


class _Kept:
    """Whom credentials stand for: those of fixtures, and those that are records."""

    def __init__(self, credentials: Credentials, records: CredentialRecords, store: Store, generator: Generator | None) -> None:
        self.tokens = credentials.tokens
        self.first = credentials.first
        self._credentials = credentials
        self._records = records
        self._store = store
        self._generator = generator

    def owner(self, use: SchemeUse, credential: str) -> str | None:
        """Return the organization that a credential stands for; None where it is unknown, or has expired."""
        if credential in self.tokens or use.scheme.name not in self._records:
            return self._credentials.owner(use, credential)
        found = self._found(use, credential)
        return (found.owner or self.first) if found else None

    def lacks(self, use: SchemeUse, credential: str) -> bool:
        """Say whether a credential lacks a scope that is asked for."""
        if credential in self.tokens or use.scheme.name not in self._records:
            return self._credentials.lacks(use, credential)
        found = self._found(use, credential)
        return found is not None and found.lacks(use)

    def _found(self, use: SchemeUse, credential: str) -> Found | None:
        return self._records.find(use, credential, self._store, self._generator)


class CallerResponder:
    """Tells an execution the record of its caller before its operation is answered."""

    def __init__(self, responder: Responder, authenticator: Authenticator) -> None:
        self._responder = responder
        self._authenticator = authenticator

    def respond(self, operation: Operation, execution: Execution) -> Answer:
        """Return the answer of the responder within."""
        if isinstance(execution.request, Request):
            execution.caller = self._authenticator.caller(execution.request, execution.store, execution.generator)
        return self._responder.respond(operation, execution)
