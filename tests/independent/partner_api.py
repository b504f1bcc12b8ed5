"""The partner API as a backend team would build it: FastAPI, SQLite, threads.

`create_app()` makes an application with a database of its own. What the documents leave open is a `Variant`; a fault by
name makes it go wrong in that one way. Branches of faults stand beside the line that they spoil.
"""

from __future__ import annotations

import gzip
import json
import logging
import re
import secrets
import sqlite3
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

from .faults import TEXTS, Faults, Reply
from .storage import UNIQUE_EMAILS, UNIQUE_EMAILS_OF_ALL, UNIQUE_IDS, Database
from .variants import Variant

log = logging.getLogger(__name__)

TOKENS = {"acme-token": "acme", "globex-token": "globex"}
EXPIRED_TOKENS = {"acme-expired-token": "acme"}
PARTNERS = {"ptn_northwind": "acme", "ptn_contoso": "acme", "ptn_initech": "globex"}

Role = Literal["account_manager", "account_executive", "csm", "lead", "co_lead", "practice_lead"]


class Person(BaseModel):
    model_config = ConfigDict(strict=True)

    email: Annotated[str, Field(min_length=1)]
    internal_role: Role
    given_name: str | None = None
    family_name: str | None = None
    name: str | None = None
    phone: str | None = None
    job_title: str | None = None


class FloatingPerson(Person):
    """The same fields, which this POST may check in another way."""


class RoleChange(BaseModel):
    model_config = ConfigDict(strict=True)

    internal_role: Role


class ContactUpdate(BaseModel):
    model_config = ConfigDict(strict=True)

    email: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    name: str | None = None
    phone: str | None = None
    job_title: str | None = None


@dataclass
class Call:
    """A request as the operations see it."""

    request: Request
    body: bytes
    organization: str = ""

    @property
    def operation(self) -> str:
        return {"POST": "add", "PATCH": "change_role"}[self.request.method] if "partner_id" in self.path else {"POST": "create", "PATCH": "update"}[self.request.method]  # fmt: skip

    @property
    def path(self) -> dict[str, str]:
        return self.request.path_params


async def read_call(request: Request) -> Call:
    return Call(request, await request.body())


Incoming = Annotated[Call, Depends(read_call)]


class RefusedError(Exception):
    """A request is refused; the kind decides the status."""

    def __init__(self, kind: str, detail: str, violations: list[tuple[str, str, str]] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.violations, self.extra = kind, detail, violations or [], extra


class CrashError(Exception):
    """What a faulty deployment did not expect."""


def create_app(variant: Variant = Variant(), fault: str | None = None) -> FastAPI:  # noqa: B008 - it is frozen
    api = PartnerApi(variant, fault)
    app = FastAPI(openapi_url=None)
    app.add_api_route("/v2/partners/{partner_id}/internal-contacts", api.add_internal_contact, methods=["POST"])
    app.add_api_route(
        "/v2/partners/{partner_id}/internal-contacts/{assignment_id}", api.change_assignment_role, methods=["PATCH"]
    )
    app.add_api_route("/v2/internal-contacts", api.create_internal_contact, methods=["POST"])
    app.add_api_route("/v2/internal-contacts/{internal_contact_id}", api.update_internal_contact, methods=["PATCH"])

    def not_routed(request: Request, error: HTTPException) -> Response:
        status = variant.undocumented_method_status if error.status_code == 405 else error.status_code
        headers = dict(error.headers or {}) if status == 405 else {}
        body, media_type = api.error_body(status, str(error.detail), [])
        return Response(body, status, {**headers, "content-type": media_type} if body else headers)

    app.add_exception_handler(HTTPException, not_routed)  # type: ignore[arg-type]
    return app


class PartnerApi:
    def __init__(self, variant: Variant, fault: str | None) -> None:
        self.variant = variant
        self.fault = fault_of = Faults(fault)
        self.statuses = {
            "unauthenticated": int(variant.missing_token_status),
            "forbidden": 403,
            "not-found": 404,
            "conflict": 409,
            "too-large": 413,
            "rate-limited": 429,
            "invalid": int(variant.invalid_status),
            "malformed": int(variant.malformed_status),
            "unsupported-media-type": int(variant.media_type_status),
        }
        # Many a fault is a missing index in the first place.
        whole = fault is None or fault_of.hooks.family in {"shape", "text", "validation"} or fault == "integrity-crash"
        indexes = [UNIQUE_EMAILS, UNIQUE_IDS] if whole else []
        if fault in {"email-unique-in-all-organizations", "email-unique-crash"}:
            indexes = [UNIQUE_EMAILS_OF_ALL, UNIQUE_IDS]
        self._indexes = indexes
        self._numbers = {"contact": 0, "assignment": 0}
        self._lock = threading.Lock()
        self._start()
        # what only faulty deployments remember
        self._other_worker = PartnerApi(variant, None) if fault_of("worker-without-data") else None
        self._last: dict[str, Any] = {}
        self._cache: dict[Any, Any] = {}
        self._shared: dict[str, Any] = {}
        self._busy = 0

    def _start(self) -> None:
        self.database = Database(*self._indexes, timeout=0.0 if self.fault("locked-crash") else 20.0)
        with self.database.writing() as connection:
            connection.executemany(
                "INSERT INTO partners VALUES (?, ?, ?)",
                [(partner, organization, partner[4:].title()) for partner, organization in PARTNERS.items()],
            )
            if self.variant.seeded:
                self._seed(connection)

    def _seed(self, connection: sqlite3.Connection) -> None:
        for organization, partner in (("acme", "ptn_northwind"), ("globex", "ptn_initech")):
            for number, given in enumerate(["Ada", "Grace", "Alan", "Edsger", "Barbara", "Niklaus", "Frances", "John"] * 3):
                email = f"{given.lower()}{number // 8 or ''}@{organization}.example"
                texts = {"given_name": given, "family_name": None, "name": given, "phone": None, "job_title": "Person"}
                contact = self._insert_contact(connection, organization, email, self._key(email), texts)
                self._insert_assignment(connection, organization, contact, partner if number % 3 else None, "csm")

    # --- the operations ----------------------------------------------------------------------------------------------

    def add_internal_contact(self, partner_id: str, call: Incoming) -> Response:
        def work() -> tuple[int, Any]:
            organization, body, sent = self._admit(call, Person, lambda organization: self._partner(organization, partner_id))
            return self._record(call, organization, body, sent, partner_id, self.variant.existing_contact)

        return self._respond(call, work)

    def create_internal_contact(self, call: Incoming) -> Response:
        def work() -> tuple[int, Any]:
            organization, body, sent = self._admit(call, FloatingPerson, lambda organization: None)
            return self._record(call, organization, body, sent, None, self.variant.known_email)

        return self._respond(call, work)

    def change_assignment_role(self, partner_id: str, assignment_id: str, call: Incoming) -> Response:
        def look_up(organization: str) -> None:
            self._partner(organization, partner_id, role_change=True)
            self._well_formed(assignment_id, "assignment")
            with self.database.reading() as connection:
                self._assignment(connection, organization, partner_id, assignment_id)

        def work() -> tuple[int, Any]:
            organization, body, _ = self._admit(call, RoleChange, look_up)
            return self._change_role(organization, partner_id, assignment_id, body["internal_role"])

        return self._respond(call, work)

    def update_internal_contact(self, internal_contact_id: str, call: Incoming) -> Response:
        def look_up(organization: str) -> None:
            self._well_formed(internal_contact_id, "contact")
            with self.database.reading() as connection:
                self._contact(connection, organization, internal_contact_id)

        def work() -> tuple[int, Any]:
            organization, body, sent = self._admit(call, ContactUpdate, look_up)
            return self._update(organization, internal_contact_id, {name: body[name] for name in sent if name in body})

        return self._respond(call, work)

    # --- admission: token, body, ids of the path ---------------------------------------------------------------------

    def _admit(self, call: Call, model: type[BaseModel], look_up: Callable[[str], Any]) -> tuple[str, dict[str, Any], set[str]]:
        body, sent = {}, set()
        for step in ("body", "token", "path") if self.fault("body-before-token") else self.variant.order:
            if step == "syntax":
                self._parse(call)
            elif step == "token":
                call.organization = self._authenticate(call)
            elif step == "body":
                body, sent = self._read(call, model)
            else:
                look_up(call.organization)
        return call.organization, body, sent

    def _authenticate(self, call: Call) -> str:
        organization = self._organization(call)
        if organization is None:
            if self.fault("unauthenticated-500"):
                raise CrashError
            raise RefusedError("unauthenticated", "A valid bearer token is needed.")
        if self.fault("organization-of-first-token"):
            organization = self._shared.setdefault("organization", organization)
        elif self.fault("organization-of-partner"):
            organization = PARTNERS.get(call.path.get("partner_id", ""), organization)
        elif self.fault("organization-of-last-add"):
            before = self._shared.get("organization", organization)
            self._shared["organization"] = organization
            organization = before if call.operation == "create" else organization
        elif self.fault("organization-mixed-up"):
            self._shared["organization"] = organization
            time.sleep(0.01)
            organization = self._shared["organization"]
        return organization

    def _organization(self, call: Call) -> str | None:
        header = call.request.headers.get("authorization", "")
        scheme, _, token = header.partition(" ")
        token = token.strip()
        fault = self.fault
        if fault("token-not-checked-on-" + call.operation.replace("_", "-")) or (
            fault("missing-header-accepted") and not header
        ):
            return TOKENS.get(token, "acme")
        if fault("scheme-optional") and header in TOKENS:
            return TOKENS[header]
        if scheme.lower() != "bearer" and not fault("scheme-not-checked"):
            return None
        if token in TOKENS:
            return TOKENS[token]
        if not token:
            return "acme" if fault("empty-token") else None
        if fault("any-token") or (fault("long-tokens-accepted") and len(token) >= 8):
            return "acme"
        if fault("undefined-token-accepted") and token in {"null", "undefined"}:
            return "acme"
        if fault("expired-token-accepted"):
            return EXPIRED_TOKENS.get(token)
        alike = {
            "token-case-ignored": lambda known: known == token.lower(),
            "token-prefix-accepted": lambda known: len(token) >= 4 and known.startswith(token),
            "token-suffix-ignored": lambda known: token.startswith(known),
            "token-eight-characters": lambda known: token[:8] == known[:8],
        }.get(fault.name or "")
        return next((organization for known, organization in TOKENS.items() if alike and alike(known)), None)

    def _read(self, call: Call, model: type[BaseModel]) -> tuple[dict[str, Any], set[str]]:
        if len(call.body) > self.variant.largest_body:
            raise RefusedError("too-large", f"The body is larger than {self.variant.largest_body} bytes.")
        data = self.fault.hooks.body(self._parse(call)) if self.fault.hooks.body else self._parse(call)
        if not isinstance(data, dict) and (self.fault("list-body-crash") or (data is None and self.fault("null-body-crash"))):
            raise CrashError
        violations = []
        try:
            valid = model.model_validate(data)
            body, sent = valid.model_dump(), set(valid.model_fields_set)
        except ValidationError as error:
            overlooks = self.fault.hooks.overlooks or (lambda name, kind, value: False)
            for e in error.errors():
                name = str(e["loc"][0]) if e["loc"] else ""
                if not overlooks(name, e["type"], e["input"]):
                    violations.append((name, e["type"], e["msg"]))
            body = {name: data.get(name) for name in model.model_fields} if isinstance(data, dict) else {}
            sent = set(body).intersection(data) if isinstance(data, dict) else set()
        if not violations:
            violations = self._further_violations(model, data, body, sent)
        if self.fault.hooks.refuses and isinstance(data, dict) and self.fault.hooks.refuses(data):
            violations.append(("", "value_error", "Not accepted"))
        if violations:
            if self.fault("invalid-500"):
                raise CrashError
            raise RefusedError("invalid", "The request is invalid.", violations)
        self._crash_on_texts(data)
        if self.fault("server-fields-taken", "remote-id-taken", "partner-id-taken", "organization-taken"):
            body["taken"] = data
        return body, sent

    def _parse(self, call: Call) -> Any:
        declared = call.request.headers.get("content-type", "")
        media_type = declared.partition(";")[0].strip().lower()
        as_json = media_type == "application/json" or (
            self.variant.json_subtypes and media_type.startswith("application/") and media_type.endswith("+json")
        )
        if self.fault("charset-refused") and ";" in declared:
            as_json = False
        if self.fault("form-accepted") and media_type == "application/x-www-form-urlencoded":
            return dict(urllib.parse.parse_qsl(call.body.decode(errors="replace")))
        if not as_json and not self.fault("media-type-not-checked"):
            raise RefusedError("unsupported-media-type", "The body has to be application/json.")
        if self.fault("large-body-crash") and len(call.body) > 500_000:
            raise CrashError
        if self.fault("deep-json-crash") and call.body.count(b"[") > 900:
            raise CrashError
        if not call.body.strip():
            if self.fault("empty-body-crash"):
                raise CrashError
            raise RefusedError(self.variant.empty_body, "The body is empty.", [("", "missing", "Field required")])
        try:
            text = call.body.decode(json.detect_encoding(call.body) if self.variant.any_unicode else "utf-8")
            lenient = self.fault.hooks.parse
            return json.loads(lenient(text) if lenient else text, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            if self.fault("malformed-crash"):
                raise CrashError from error
            raise RefusedError("malformed", "The body is not JSON.") from error

    def _further_violations(
        self, model: type[BaseModel], data: dict[str, Any], body: dict[str, Any], sent: set[str]
    ) -> list[tuple[str, str, str]]:
        variant, found = self.variant, []
        where = {ContactUpdate: "_in_patch", FloatingPerson: "_in_create"}.get(model, "")
        unknown = set(data) - set(model.model_fields)
        if unknown and self.fault("unknown-property-crash"):
            raise CrashError
        if (
            unknown
            and variant.of(f"unknown_properties{where if 'email' in model.model_fields else '_in_role_change'}") == "refuse"
        ):
            found += [(name, "extra_forbidden", "Extra inputs are not permitted") for name in sorted(unknown)]
        for name, value in body.items():
            if isinstance(value, str) and "\0" in value and variant.of(f"nul_characters{where}") == "refuse":
                found.append((name, "string_nul", "The character U+0000 is not allowed"))
            if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
                found.append((name, "string_unicode", "Not a valid text"))
        email = body.get("email")
        if email is not None:
            if variant.of(f"blank_email{where}") == "refuse" and email and not email.strip():
                found.append(("email", "string_too_short", "The email is blank"))
            elif variant.of(f"email_syntax{where}") != "any" and email and not self._email_syntax(email):
                found.append(("email", "value_error", "Not an email address"))
        if model is ContactUpdate:
            if "email" in sent and email is None and variant.null_email == "refuse":
                found.append(("email", "string_type", "The email may not be null"))
            if email == "" and variant.empty_email == "refuse":
                found.append(("email", "string_too_short", "The email is empty"))
            if not sent and variant.empty_patch == "refuse":
                found.append(("", "missing", "Nothing to change"))
        return found

    def _email_syntax(self, email: str) -> bool:
        email = email.strip() if self.variant.email_syntax == "trimmed" else email
        if self.variant.email_check == "strict":
            return bool(re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", email, re.ASCII | re.IGNORECASE)) and len(email) <= 254  # fmt: skip
        return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email))

    def _crash_on_texts(self, data: dict[str, Any]) -> None:
        values = [value for value in data.values() if isinstance(value, str)]
        if (
            (self.fault("apostrophe-crash") and any("'" in value for value in values))
            or (self.fault("braces-crash") and any("{" in value and "}" not in value for value in values))
            or (self.fault("long-text-crash") and any(len(value) > 255 for value in values))
        ):
            raise CrashError

    def _well_formed(self, identifier: str, kind: str) -> None:
        status = self.variant.malformed_id_status
        patterns = {
            "prefix": {"contact": r"ict_[0-9a-f]{16}", "assignment": r"ica_[0-9a-f]{16}"}.get(kind, r"ptn_\w+"),
            "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" if kind != "partner" else r"ptn_\w+",
            "sequence": r"[0-9]+" if kind != "partner" else r"ptn_\w+",
        }
        if status and not re.fullmatch(patterns[self.variant.ids], identifier):
            raise RefusedError("not-found", f"Not an id: {identifier}", status=status)

    # --- looking up what the path names ------------------------------------------------------------------------------

    def _absent(
        self, what: str, foreign: bool = False, row: sqlite3.Row | None = None, *, forbidden: bool | None = None
    ) -> RefusedError:
        if foreign and self.fault("foreign-crash"):
            raise CrashError
        forbidden = self.variant.foreign_id == "forbidden" if forbidden is None else forbidden
        if foreign and forbidden:
            extra = {"resource": dict(row)} if row is not None and self.fault("foreign-contact-in-refusal") else {}
            return RefusedError("forbidden", f"This {what} belongs to another organization.", **extra)
        return RefusedError("not-found", f"No such {what}.")

    def _partner(self, organization: str, partner_id: str, *, role_change: bool = False) -> None:
        self._well_formed(partner_id, "partner")
        with self.database.reading() as connection:
            partner = connection.execute("SELECT * FROM partners WHERE id = ?", [partner_id]).fetchone()
        foreign = partner is not None and partner["organization"] != organization
        if partner is not None and (
            not foreign or self.fault("foreign-partner-accepted", "foreign-assignment-changed", "foreign-assignment-read")
        ):
            return
        where = "_in_role_change" if role_change else ""
        if foreign and self.variant.of(f"foreign_partner{where}") == "forbidden":
            raise self._absent("partner", foreign, forbidden=True)
        if self.variant.of(f"unknown_partner{where}") == "not-found":
            if self.fault("unknown-partner-crash"):
                raise CrashError
            raise self._absent("partner", foreign, forbidden=False)

    def _contact(self, connection: sqlite3.Connection, organization: str, contact_id: str) -> sqlite3.Row:
        by_id = "id = :id"
        if self.fault("contact-by-email-in-path"):
            by_id = "id = :id OR email = :id"
        elif self.fault("assignment-id-for-contact"):
            by_id = "id = :id OR seq = (SELECT contact FROM assignments WHERE id = :id)"
        elif self.fault("id-prefix-enough"):
            by_id = "length(:id) > 3 AND substr(id, 1, length(:id)) = :id"
        elif self.fault("id-case-ignored"):
            by_id = "lower(id) = lower(:id)"
        row = connection.execute(f"SELECT * FROM contacts WHERE {by_id} ORDER BY seq DESC", {"id": contact_id}).fetchone()
        foreign = row is not None and row["organization"] != organization
        if row is None and self.fault("unknown-contact-crash"):
            raise CrashError
        if row is None and self.fault("update-makes-unknown"):
            seq = self._insert_contact(connection, organization, None, None, dict.fromkeys(TEXTS))
            connection.execute("UPDATE contacts SET id = ? WHERE seq = ?", [contact_id, seq])
            return self._by_seq(connection, seq)
        if row is None or (foreign and not self.fault("foreign-contact-updated")):
            raise self._absent("internal contact", foreign, row)
        return row

    def _assignment(
        self, connection: sqlite3.Connection, organization: str, partner_id: str, assignment_id: str
    ) -> sqlite3.Row:
        row = connection.execute("SELECT * FROM assignments WHERE id = ? ORDER BY seq DESC", [assignment_id]).fetchone()
        if row is None and self.fault("unknown-assignment-other"):
            row = connection.execute(
                "SELECT * FROM assignments WHERE partner_id = ? ORDER BY seq DESC", [partner_id]
            ).fetchone()
        foreign = row is not None and row["organization"] != organization
        if foreign and self.fault("foreign-assignment-changed", "foreign-assignment-read"):
            return row
        if row is None or foreign:
            raise self._absent("assignment", foreign)
        if row["partner_id"] is None and self.variant.floating_assignment_in_role_change == "accept":
            return row
        if row["partner_id"] != partner_id and not self.fault("role-change-through-any-partner"):
            raise self._absent("assignment")
        return row

    @staticmethod
    def _by_seq(connection: sqlite3.Connection, seq: int) -> sqlite3.Row:
        return connection.execute("SELECT * FROM contacts WHERE seq = ?", [seq]).fetchone()

    # --- emails ------------------------------------------------------------------------------------------------------

    def _trimmed(self, text: str) -> str:
        return text.strip(" ") if self.variant.space_of == "spaces" else text.strip()

    def _lower(self, text: str) -> str:
        if self.variant.case_of == "ascii":
            return "".join(char.lower() if char.isascii() else char for char in text)
        return text.lower()

    def _stored_email(self, email: str) -> str:
        if self.variant.email_space == "trim":
            email = self._trimmed(email)
        if self.variant.email_case == "lower":
            email = self._lower(email)
        elif self.variant.email_case == "lower-domain" and "@" in email:
            local, _, domain = email.rpartition("@")
            email = f"{local}@{self._lower(domain)}"
        return email

    def _key(self, email: str, partner_id: str | None = None, role: str = "") -> str:
        key = self.fault.key(email)
        if self.variant.email_space == "ignore":
            key = self._trimmed(key)
        if self.variant.email_case == "ignore":
            key = self._lower(key)
        if self.fault("found-per-partner"):
            key = f"{partner_id}\x1f{key}"
        elif self.fault("found-per-role"):
            key = f"{role}\x1f{key}"
        elif self.fault("floating-contacts-apart"):
            key = f"{partner_id is None}\x1f{key}"
        return key

    # --- find or create ----------------------------------------------------------------------------------------------

    def _find(
        self, connection: sqlite3.Connection, organization: str, key: str, texts: dict[str, Any], floating: bool
    ) -> sqlite3.Row | None:
        fault = self.fault
        if fault("contact-always-new") or (fault("floating-always-new") and floating):
            return None
        condition = fault.hooks.where or "organization = :organization AND email_key = :key"
        if fault("found-late"):
            condition += f" AND created_at < {_now() - 40_000}"
        exact_first = "organization = :organization DESC, email_key = :key DESC, " if "OR" in condition or fault("foreign-contact-attached") else ""  # fmt: skip
        row = connection.execute(
            f"SELECT * FROM contacts WHERE {condition} ORDER BY {exact_first}seq LIMIT 1",
            {**texts, "organization": organization, "key": key},
        ).fetchone()
        if self.variant.old_email == "remembered" and (row is None or fault("old-email-kept-for-ever")):
            former = connection.execute(
                "SELECT contact FROM former_emails WHERE organization = ? AND email_key = ?", [organization, key]
            ).fetchone()
            row = self._by_seq(connection, former["contact"]) if former else row
        if row is not None and fault.nth("every-seventh-new", 7):
            return None
        if row is not None and fault("contact-flips") and fault.count("flips") % 2 == 0:
            twin = connection.execute("SELECT * FROM contacts WHERE name = ?", [f"twin of {row['id']}"]).fetchone()
            if twin is None:
                twin = self._by_seq(connection, self._insert_contact(connection, organization, row["email"], None, {}))
                connection.execute("UPDATE contacts SET name = ? WHERE seq = ?", [f"twin of {row['id']}", twin["seq"]])
            return twin
        if fault("previous-contact-sometimes"):
            before = self._last.get(organization)
            if row is not None:
                self._last[organization] = row["seq"]
                if before is not None and fault.count("look-ups") % 8 == 0:
                    return self._by_seq(connection, before)
        return row

    def _record(
        self,
        call: Call,
        organization: str,
        body: dict[str, Any],
        sent: set[str],
        partner_id: str | None,
        when_found: str,
    ) -> tuple[int, Any]:
        """Find or create the contact, then make the assignment."""
        fault, variant = self.fault, self.variant
        body, taken = dict(body), body.get("taken", {})
        email, role = self._stored_email(body["email"] or ""), body["internal_role"]
        if fault("role-mixed-up"):
            self._shared["role"] = role
            time.sleep(0.01)
            role = self._shared["role"]
        if fault("organization-taken"):
            organization = taken.get("organization_id", organization)
        if fault("organization-cached-by-email"):
            organization = self._cache.setdefault(email, organization)
        if fault("partner-id-taken"):
            partner_id = taken.get("partner_id", partner_id)
        texts = self._texts(body, sent)
        key = self._key(email, partner_id, role or "")
        racing = (
            fault("contact-race", "contact-race-wide", "integrity-crash", "id-race")
            or (fault("floating-race") and partner_id is None)
        )  # fmt: skip
        if racing:
            with self.database.reading() as connection:
                row = self._find(connection, organization, key, texts, partner_id is None)
            time.sleep(0.05 if fault("contact-race-wide") else 0.005)
        if fault("assignment-race"):
            time.sleep(0.002)
            with self.database.reading() as connection:
                self._shared[threading.get_ident()] = self._equal_assignments(connection, organization, key, partner_id, role)
            time.sleep(0.01)
        shown_before: sqlite3.Row | None = None
        with self.database.writing() as connection:
            if not racing:
                row = self._find(connection, organization, key, texts, partner_id is None)
            known = row is not None
            if row is None:
                row = self._create(connection, organization, email, key, texts, role, taken)
            else:
                if when_found == "conflict":
                    raise RefusedError("conflict", "There is an internal contact with this email.")
                if not racing:
                    unchanged = variant.of("modified_when_found" if partner_id is not None else "modified_when_known")
                    row = self._when_found(connection, row, texts, sent, when_found, unchanged)
                if fault("stale-by-one", "updates-not-found") or (
                    fault("updates-not-found-by-floating") and partner_id is None
                ):
                    shown_before = self._cache.get(row["seq"])
                if fault("update-seen-late"):
                    before, until = self._cache.get(row["seq"], (None, 0))
                    shown_before = before if _now() < until else None
            if fault("locked-crash"):
                time.sleep(0.003)
            assignment, made = self._assign(connection, organization, row, partner_id, role, taken)
            if fault("assignment-of-first-contact"):
                row = self._by_seq(connection, assignment["contact"])
            answer = self._show_assignment(assignment, shown_before or row)
        if fault("assignment-lost-under-load"):
            time.sleep(0.003)
            if self._busy > 1:
                with self.database.writing() as connection:
                    connection.execute("DELETE FROM assignments WHERE seq = ?", [assignment["seq"]])
        if fault("every-twentieth-id-again", "id-race"):
            self._last["contact"] = row["id"]
        answer = self._spoil_found(answer, organization, email, texts, known)
        by_outcome = 201 if made else 200
        return {"ok": 200, "created": 201, "by-outcome": by_outcome, "accepted": 202}[
            variant.of("success_status" if partner_id is not None else "floating_success_status")
        ], answer

    def _texts(self, body: dict[str, Any], sent: set[str]) -> dict[str, str | None]:
        fault = self.fault
        texts = {name: body[name] for name in TEXTS}
        if fault("absent-fields-of-previous-request"):
            texts = {name: value if name in sent else self._last.get(name) for name, value in texts.items()}
            self._last.update(texts)
        texts = {name: fault.text(name, value) for name, value in texts.items()}
        full = " ".join(part for part in (texts["given_name"], texts["family_name"]) if part) or None
        if fault("names-swapped"):
            texts["given_name"], texts["family_name"] = texts["family_name"], texts["given_name"]
        elif fault("name-overwritten"):
            texts["name"] = full or texts["name"]
        elif fault("name-split") and texts["name"] and not full:
            texts["given_name"], _, family = texts["name"].partition(" ")
            texts["family_name"] = family or None
        elif fault("name-is-email") and not (full or texts["name"]):
            texts["name"] = (body["email"] or "").partition("@")[0]
        elif fault("job-title-defaults-to-role"):
            texts["job_title"] = texts["job_title"] or body["internal_role"]
        elif fault("family-name-lost-alone") and not texts["given_name"]:
            texts["family_name"] = None
        elif fault("job-title-only-with-phone") and not texts["phone"]:
            texts["job_title"] = None
        return texts

    def _create(
        self,
        connection: sqlite3.Connection,
        organization: str,
        email: str,
        key: str,
        texts: dict[str, Any],
        role: str,
        taken: dict[str, Any],
    ) -> sqlite3.Row:
        fault = self.fault
        stored: str | None = email
        if fault("missing-email-accepted", "null-email-accepted") and not email:
            stored = None
        if self.variant.derived_name in {"when-created", "when-stored"} and self._lacks(texts["name"]):
            texts = {**texts, "name": _full_name(texts) or texts["name"]}
        kept = {} if fault("contact-stored-without-names") else texts
        if fault("contact-not-stored") or fault.nth("every-fortieth-contact-lost", 40):
            key = secrets.token_hex()  # nobody will find it
        try:
            seq = self._insert_contact(connection, organization, stored, key, kept, taken)
        except sqlite3.IntegrityError as error:
            if fault("email-unique-in-all-organizations"):
                raise RefusedError("conflict", "This email is taken.") from error
            if fault("integrity-crash", "email-unique-crash") or fault("server-fields-taken"):
                raise CrashError from error
            raise
        if fault("every-twentieth-id-again") and fault.count("contacts") % 20 == 0:
            connection.execute("UPDATE contacts SET id = ? WHERE seq = ?", [self._last.get("contact", "x"), seq])
        row = self._by_seq(connection, seq)
        if fault("contact-stored-without-names"):
            row = {**dict(row), **texts}  # type: ignore[assignment]
        return row

    def _insert_contact(
        self,
        connection: sqlite3.Connection,
        organization: str,
        email: str | None,
        key: str | None,
        texts: dict[str, Any],
        taken: dict[str, Any] | None = None,
    ) -> int:
        now = _now()
        identifier: Any = self._new_id("contact")
        if self.fault("server-fields-taken") and isinstance((taken or {}).get("id"), str):
            identifier = (taken or {})["id"]
        modified = now if self.variant.modified_when_new == "created" else None
        cursor = connection.execute(
            "INSERT INTO contacts (id, organization, email, email_key, given_name, family_name, name, phone, job_title,"
            " created_at, modified_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [identifier, organization, email, key, *(texts.get(name) for name in TEXTS), now, modified],
        )
        if self.fault(
            "stale-names",
            "updates-not-found",
            "updates-not-found-by-floating",
            "second-update-undoes-first",
            "role-change-contact-stale",
        ):
            self._cache[cursor.lastrowid] = self._by_seq(connection, cursor.lastrowid or 0)
        return cursor.lastrowid or 0

    def _when_found(
        self,
        connection: sqlite3.Connection,
        row: sqlite3.Row,
        texts: dict[str, Any],
        sent: set[str],
        how: str,
        when_unchanged: str,
    ) -> sqlite3.Row:
        fault = self.fault
        values = {
            "keep": {},
            "fill": {name: value for name, value in texts.items() if row[name] is None and value is not None},
            "merge": {name: value for name, value in texts.items() if value is not None},
            "patch": {name: value for name, value in texts.items() if name in sent},
            "replace": texts,
        }[how]
        if fault("found-replaces-job-title") and texts["job_title"]:
            values = {"job_title": texts["job_title"]}
        elif fault("found-loses-phone") and texts["phone"] is None:
            connection.execute("UPDATE contacts SET phone = NULL WHERE seq = ?", [row["seq"]])
        elif fault("found-touched"):
            connection.execute("UPDATE contacts SET modified_at = ? WHERE seq = ?", [_now(), row["seq"]])
        if how != "keep":
            self._change(connection, "contacts", row, values, when_unchanged)
        return self._by_seq(connection, row["seq"])

    def _change(
        self, connection: sqlite3.Connection, table: str, row: sqlite3.Row, values: dict[str, Any], when_unchanged: str = "kept"
    ) -> None:
        """Store values, and the time unless nothing changes."""
        touched = when_unchanged == "now" or (when_unchanged in ("when-sent", "when-taken") and values)
        if all(row[name] == value for name, value in values.items()) and not touched:
            return
        modified: int | None = _now()
        fault = self.fault
        if table == "contacts":
            if (
                fault("modified-at-not-set")
                or (fault("modified-at-set-once") and row["modified_at"])
                or (fault("modified-at-of-email-only") and values.get("email", row["email"]) == row["email"])
            ):
                modified = row["modified_at"]
            elif fault("modified-at-backwards"):
                modified = (row["modified_at"] or row["created_at"] + 1_800_000_000) - 3_600_000_000
            elif fault("modified-at-before-created-at"):
                modified = row["created_at"] - 1_000_000
        elif fault("role-change-modified-at-not-set"):
            modified = row["modified_at"]
        columns = ", ".join(f"{name} = ?" for name in [*values, "modified_at"])
        connection.execute(f"UPDATE {table} SET {columns} WHERE seq = ?", [*values.values(), modified, row["seq"]])

    def _spoil_found(
        self, answer: dict[str, Any], organization: str, email: str, texts: dict[str, Any], known: bool
    ) -> dict[str, Any]:
        fault, contact = self.fault, answer["internal_contact"]
        if known and fault("stale-names"):
            with self.database.reading() as connection:
                seq = connection.execute("SELECT seq FROM contacts WHERE id = ?", [contact["id"]]).fetchone()["seq"]
            answer["internal_contact"] = self._show_contact(self._cache[seq])
        elif fault("cache-across-organizations"):
            answer["internal_contact"] = self._cache.setdefault(email, contact)
        elif known and fault("found-shows-request"):
            contact.update(texts)
        elif known and fault("known-answers-null-contact"):
            contact.update(dict.fromkeys(("given_name", "family_name", "name")))
        elif fault("created-at-of-assignment"):
            contact["created_at"] = answer["created_at"]
        return answer

    # --- assignments -------------------------------------------------------------------------------------------------

    def _equal_assignments(
        self, connection: sqlite3.Connection, organization: str, key: str, partner_id: str | None, role: str
    ) -> bool:
        return connection.execute(
            "SELECT 1 FROM assignments a JOIN contacts c ON c.seq = a.contact WHERE c.organization = ? AND c.email_key = ?"
            " AND a.partner_id IS ? AND a.internal_role = ?",
            [organization, key, partner_id, role],
        ).fetchone() is not None  # fmt: skip

    def _assign(
        self,
        connection: sqlite3.Connection,
        organization: str,
        contact: sqlite3.Row,
        partner_id: str | None,
        role: str,
        taken: dict[str, Any],
    ) -> tuple[sqlite3.Row, bool]:
        """The assignment, and whether it was made."""
        variant, fault, seq = self.variant, self.fault, contact["seq"]
        of_contact = connection.execute("SELECT * FROM assignments WHERE contact = ? ORDER BY seq", [seq]).fetchall()
        here = [row for row in of_contact if row["partner_id"] == partner_id]
        same = [row for row in here if row["internal_role"] == role]
        floating = [row for row in of_contact if row["partner_id"] is None and row["internal_role"] == role]
        rules: list[tuple[str, sqlite3.Row, dict[str, Any]]] = []
        if same:
            rule = variant.duplicate_floating_assignment if partner_id is None else variant.duplicate_assignment
            racing = fault("assignment-race") and not self._shared.get(threading.get_ident())
            rules.append(("create" if racing else rule, same[0], {}))
        if here:
            rule = variant.second_floating_role if partner_id is None else variant.second_role
            rules.append((rule, here[0], {"internal_role": role}))
        if floating and partner_id is not None:
            rules.append((variant.floating_assignment, floating[0], {"partner_id": partner_id}))
        if variant.of("floating_points_that_meet" if partner_id is None else "points_that_meet") == "next":
            rules = [rule for rule in rules if rule[0] != "create"]
        rule, found, changes = rules[0] if rules else ("create", None, {})
        if rule == "conflict":
            raise RefusedError("conflict", "There is an assignment of this internal contact already.")
        if rule != "create" and found is not None:
            self._change(connection, "assignments", found, changes, variant.of("modified_when_assigned_again"))
            return connection.execute("SELECT * FROM assignments WHERE seq = ?", [found["seq"]]).fetchone(), False
        if of_contact and fault("role-of-first-assignment"):
            role = of_contact[0]["internal_role"]
        elif of_contact and fault("partner-of-first-assignment"):
            partner_id = of_contact[0]["partner_id"]
        elif fault.nth("assignment-of-first-contact", 5):
            first = connection.execute("SELECT min(seq) FROM contacts WHERE organization = ?", [organization])
            seq = first.fetchone()[0] or seq
        remote = taken.get("remote_id") if fault("remote-id-taken") else None
        made = self._insert_assignment(connection, organization, seq, partner_id, role, remote, contact["id"])
        return connection.execute("SELECT * FROM assignments WHERE seq = ?", [made]).fetchone(), True

    def _insert_assignment(
        self,
        connection: sqlite3.Connection,
        organization: str,
        contact: int,
        partner_id: str | None,
        role: str,
        remote_id: Any = None,
        contact_id: str = "",
    ) -> int:
        now, identifier = _now(), self._new_id("assignment")
        if self.fault("assignment-id-is-contact-id"):
            identifier = contact_id
        elif self.fault("assignment-ids-of-seconds"):
            identifier = f"ica_{now // 1_000_000}"
        elif self.fault("ids-wrap"):
            identifier = f"ica_{self.fault.count('assignments') % 64:04}"
        elif self.fault("id-race"):
            count = self._shared.get("assignments", 0)
            time.sleep(0.001)
            identifier = f"ica_{count // 2 if self._busy > 1 else uuid.uuid4().hex}"
            self._shared["assignments"] = count + 1
        if self.variant.remote_id == "generated":
            remote_id = remote_id or uuid.uuid4().hex
        modified = now if self.variant.of("modified_when_assigned") == "created" else None
        cursor = connection.execute(
            "INSERT INTO assignments (id, organization, contact, partner_id, internal_role, remote_id, created_at,"
            " modified_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [identifier, organization, contact, partner_id, role, remote_id, now, modified],
        )
        return cursor.lastrowid or 0

    def _change_role(self, organization: str, partner_id: str, assignment_id: str, role: str) -> tuple[int, Any]:
        fault = self.fault
        with self.database.writing() as connection:
            row = self._assignment(connection, organization, partner_id, assignment_id)
            if fault("role-change-of-wrong-assignment"):
                row = connection.execute("SELECT * FROM assignments WHERE partner_id = ? ORDER BY seq", [partner_id]).fetchone()
            contact = self._by_seq(connection, row["contact"])
            if fault("foreign-assignment-read") and row["organization"] != organization:
                return 200, self._show_assignment(row, contact)
            if self.variant.role_change_duplicate == "conflict" and role != row["internal_role"]:
                equal = connection.execute(
                    "SELECT 1 FROM assignments WHERE contact = ? AND partner_id IS ? AND internal_role = ?",
                    [row["contact"], row["partner_id"], role],
                ).fetchone()
                if equal:
                    raise RefusedError("conflict", "There is an equal assignment already.")
            seq = row["seq"]
            if fault("role-change-makes-assignment"):
                seq = self._insert_assignment(connection, organization, row["contact"], partner_id, role)
            elif fault("role-change-lost"):  # a cache knows the role, the table never will
                if self._cache.get(seq, row["internal_role"]) != role:
                    connection.execute("UPDATE assignments SET modified_at = ? WHERE seq = ?", [_now(), seq])
                self._cache[seq] = role
            elif fault("role-change-lost-for-rules"):
                connection.execute("UPDATE assignments SET modified_at = ? WHERE seq = ?", [_now(), seq])
            else:
                self._change(
                    connection, "assignments", row, {"internal_role": role}, self.variant.of("modified_when_role_unchanged")
                )
            if fault("role-change-of-all"):
                connection.execute("UPDATE assignments SET internal_role = ? WHERE contact = ?", [role, row["contact"]])
            elif fault("role-change-moves-partner"):
                first = min(partner for partner, owner in PARTNERS.items() if owner == organization)
                connection.execute("UPDATE assignments SET partner_id = ? WHERE seq = ?", [first, seq])
            elif fault("role-change-clears-partner"):
                connection.execute("UPDATE assignments SET partner_id = NULL WHERE seq = ?", [seq])
            elif fault("role-change-sets-created-at"):
                connection.execute("UPDATE assignments SET created_at = ? WHERE seq = ?", [_now(), seq])
            elif fault("remote-id-changes"):
                connection.execute("UPDATE assignments SET remote_id = ? WHERE seq = ?", [uuid.uuid4().hex, seq])
            elif fault("role-change-resets-names"):
                connection.execute(
                    "UPDATE contacts SET given_name = NULL, family_name = NULL, name = NULL WHERE seq = ?", [row["contact"]]
                )
            elif fault("role-change-touches-contact"):
                connection.execute("UPDATE contacts SET modified_at = ? WHERE seq = ?", [_now(), row["contact"]])
            contact = self._by_seq(connection, row["contact"])
            if fault("role-change-contact-of-other"):
                contact = connection.execute(
                    "SELECT * FROM contacts WHERE organization = ? ORDER BY seq DESC", [organization]
                ).fetchone()
            elif fault("role-change-contact-stale"):
                contact = self._cache[row["contact"]]
            answer = self._show_assignment(
                connection.execute("SELECT * FROM assignments WHERE seq = ?", [seq]).fetchone(), contact
            )
            if fault("role-change-lost", "role-change-lost-for-rules"):
                answer["internal_role"] = role
            elif fault("role-change-answers-old-role"):
                answer["internal_role"] = row["internal_role"]
        return 200, answer

    # --- updates of contacts -----------------------------------------------------------------------------------------

    def _update(self, organization: str, contact_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        fault = self.fault
        stale = None
        if fault("lost-update", "email-update-race"):
            with self.database.reading() as connection:
                stale = self._contact(connection, organization, contact_id)
                taken_before = self._taken(connection, stale, body.get("email"))
            time.sleep(0.01)
        with self.database.writing() as connection:
            row = self._contact(connection, organization, contact_id)
            if fault.nth("previous-contact-updated", 6):
                row = connection.execute(
                    "SELECT * FROM contacts WHERE organization = ? ORDER BY seq DESC", [organization]
                ).fetchone()
            values = self._values_of_update(row, body)
            if fault("lost-update") and stale is not None:
                values = {**{name: stale[name] for name in TEXTS}, **values}
            if values.get("email") is not None:
                taken = taken_before if fault("email-update-race") else self._taken(connection, row, values["email"])
                if taken is not None and not fault("taken-email-shared"):
                    if fault("taken-email-crash"):
                        raise CrashError
                    if fault("taken-email-answers-other"):
                        return 200, self._show_contact(self._by_seq(connection, taken))
                    if fault("taken-email-stolen"):
                        connection.execute("UPDATE contacts SET email = NULL, email_key = NULL WHERE seq = ?", [taken])
                    else:
                        raise RefusedError("conflict", "There is an internal contact with this email.")
            if "email" in values:
                values |= self._values_of_email(connection, row, values["email"])
            not_stored = fault("update-not-stored") or fault.nth("every-fortieth-update-lost", 40)
            if not not_stored:
                unchanged = self.variant.modified_when_unchanged  # what is sent and ignored is sent all the same
                self._change(connection, "contacts", row, values, "now" if unchanged == "when-sent" and body else unchanged)
            self._spoil_update(connection, organization, row, values, body)
            after = self._by_seq(connection, row["seq"])
        answer = self._show_contact(after)
        if not_stored:
            answer |= {name: value for name, value in values.items() if name in answer} | {"modified_at": self._time(_now())}
        elif fault("update-answers-old-values"):
            answer = self._show_contact(row)
        elif fault("email-answered-not-stored") and "email" in body:
            answer["email"] = body["email"]
        return 200, answer

    def _values_of_update(self, row: sqlite3.Row, body: dict[str, Any]) -> dict[str, Any]:
        fault, variant = self.fault, self.variant
        values = {name: fault.text(name, value) if name in TEXTS else value for name, value in body.items()}
        if variant.null_in_patch == "ignore":
            values = {name: value for name, value in values.items() if value is not None or name == "email"}
        if "email" in values:
            if values["email"] is None and variant.null_email == "ignore":
                del values["email"]
            elif values["email"] is not None:
                values["email"] = self._stored_email(values["email"])
        if fault("absent-fields-wiped"):
            values = {**dict.fromkeys(TEXTS), **values}
        elif fault("some-nulls-ignored") and values.get("job_title", "") is None:
            del values["job_title"]
        elif fault("empty-texts-ignored"):
            values = {name: value for name, value in values.items() if value != ""}
        elif fault("empty-texts-become-null"):
            values = {name: value if value != "" else None for name, value in values.items()}
        elif fault("phone-not-updated"):
            values.pop("phone", None)
        elif fault("only-first-field-updated"):
            first = next((name for name in body if name in values), None)
            values = {first: values[first]} if first else {}
        elif fault("only-one-name-updated") and "given_name" in values:
            values.pop("family_name", None)
        elif fault("email-not-updated", "email-answered-not-stored"):
            values.pop("email", None)
        elif fault("update-swaps-names") and {"given_name", "family_name"} & set(values):
            names = {"given_name": values.get("family_name"), "family_name": values.get("given_name")}
            values.update(names)
        elif fault("update-fills-name") and {"given_name", "family_name"} & set(values):
            values["name"] = _full_name({**dict(row), **values})
        elif fault("second-update-undoes-first"):
            values = {**{name: self._cache[row["seq"]][name] for name in TEXTS}, **values}
        return values

    def _taken(self, connection: sqlite3.Connection, row: sqlite3.Row, email: str | None) -> int | None:
        """The other contact that has the email."""
        if email is None:
            return None
        condition = "organization = :organization AND" if not self.fault("foreign-email-taken") else ""
        other = "AND seq != :seq" if not self.fault("own-email-taken") else ""
        values = {"organization": row["organization"], "key": self._key(self._stored_email(email)), "seq": row["seq"]}
        found = connection.execute(f"SELECT seq FROM contacts WHERE {condition} email_key = :key {other}", values).fetchone()
        return found["seq"] if found else None

    def _values_of_email(self, connection: sqlite3.Connection, row: sqlite3.Row, email: str | None) -> dict[str, Any]:
        """Columns that go with an email; the old one may be remembered."""
        key = None if email is None else self._key(email)
        if "\x1f" in (row["email_key"] or "") and key is not None:
            key = row["email_key"].partition("\x1f")[0] + "\x1f" + key.rpartition("\x1f")[2]
        if key == row["email_key"]:
            return {}
        if not self.fault("old-email-kept-for-ever"):
            taken = [row["organization"], key]
            connection.execute("DELETE FROM former_emails WHERE organization = ? AND email_key = ?", taken)
        if row["email_key"] is not None and key is not None:
            connection.execute(
                "INSERT OR REPLACE INTO former_emails VALUES (?, ?, ?)", [row["organization"], row["email_key"], row["seq"]]
            )
        if self.fault("found-by-first-email-only"):
            return {}
        if self.fault("lost-after-email-update"):
            return {"email_key": secrets.token_hex()}
        return {"email_key": key, "shared": int(self._taken(connection, row, email) is not None)}

    def _spoil_update(
        self,
        connection: sqlite3.Connection,
        organization: str,
        row: sqlite3.Row,
        values: dict[str, Any],
        body: dict[str, Any],
    ) -> None:
        fault, seq = self.fault, row["seq"]
        texts = {name: value for name, value in values.items() if name in TEXTS}
        if fault("lost-after-update"):
            connection.execute("UPDATE contacts SET email_key = ? WHERE seq = ?", [secrets.token_hex(), seq])
        elif fault("created-at-changes"):
            connection.execute("UPDATE contacts SET created_at = ? WHERE seq = ?", [_now(), seq])
        elif fault("id-changes"):
            connection.execute("UPDATE contacts SET id = ? WHERE seq = ?", [self._new_id("contact"), seq])
        elif fault("stale-by-one"):
            self._cache[seq] = row
        elif fault("update-seen-late"):
            self._cache[seq] = (row, _now() + 40_000)
        condition = {
            "all-contacts-updated": "organization = :organization",
            "same-family-updated": "organization = :organization AND family_name = :family_name",
            "foreign-token-sees-updates": "email = :email",
        }.get(fault.name or "")
        if condition and texts:
            columns = ", ".join(f"{name} = :new_{name}" for name in texts)
            new = {f"new_{name}": value for name, value in texts.items()}
            connection.execute(f"UPDATE contacts SET {columns} WHERE {condition}", {**dict(row), **new})

    def _spill(self, call: Call, refusal: RefusedError) -> None:
        """Do what is refused all the same."""
        if self.fault.hooks.spill != (call.operation, refusal.kind):
            return
        try:
            data = json.loads(call.body)
        except ValueError:
            return
        if not isinstance(data, dict):
            return
        valid = {name: data[name] for name in TEXTS if name in data and (data[name] is None or isinstance(data[name], str))}
        with self.database.writing() as connection:
            if call.operation in {"add", "create"}:
                owner = call.organization or PARTNERS.get(call.path.get("partner_id", ""), "")
                email = data.get("email")
                if owner and email and isinstance(email, str):
                    key = self._key(self._stored_email(email))
                    if self._find(connection, owner, key, {**dict.fromkeys(TEXTS), **valid}, False) is None:
                        self._insert_contact(connection, owner, email, key, valid)
            elif valid:
                row = connection.execute(
                    "SELECT * FROM contacts WHERE id = ?", [call.path.get("internal_contact_id")]
                ).fetchone()
                if row is not None:
                    self._change(connection, "contacts", row, valid)

    # --- answers -----------------------------------------------------------------------------------------------------

    def _respond(self, call: Call, work: Callable[[], tuple[int, Any]]) -> Response:
        if self._other_worker is not None and self.fault.count("requests to workers") % 4 == 0:
            return self._other_worker.repeat(call)
        count = self.fault.count("requests")
        with self._lock:
            self._busy += 1
        try:
            reply = self._perform(call, work, count)
        finally:
            with self._lock:
                self._busy -= 1
        if self.fault("answers-mixed-up") and reply.success:
            self._shared["reply"] = reply
            time.sleep(0.005)
            reply = self._shared["reply"]
        elif self.fault("sporadic-answer-of-another"):
            before, self._shared["reply"] = self._shared.get("reply", reply), reply
            reply = before if count % 60 == 59 else reply
        if self.fault.hooks.reply:
            reply = self.fault.hooks.reply(reply, count)
        if self.variant.compressed and "gzip" in call.request.headers.get("accept-encoding", "") and reply.content:
            reply.content = gzip.compress(reply.content, 1)
            reply.headers["content-encoding"] = "gzip"
        return Response(reply.content, reply.status, reply.headers)

    def repeat(self, call: Call) -> Response:
        """Do the operation of a call that came to another worker."""
        partner_id = call.path.get("partner_id", "")
        return {
            "add": lambda: self.add_internal_contact(partner_id, call),
            "create": lambda: self.create_internal_contact(call),
            "change_role": lambda: self.change_assignment_role(partner_id, call.path["assignment_id"], call),
            "update": lambda: self.update_internal_contact(call.path["internal_contact_id"], call),
        }[call.operation]()

    def _perform(self, call: Call, work: Callable[[], tuple[int, Any]], count: int) -> Reply:
        variant, fault = self.variant, self.fault
        headers = {"content-type": variant.content_type}
        if variant.extra_headers:
            headers |= {"x-request-id": uuid.uuid4().hex, "cache-control": "no-store", "x-ratelimit-remaining": "99"}
        if variant.close_connections:
            headers["connection"] = "close"
        if variant.delay:
            time.sleep(variant.delay)
        try:
            if variant.refuse_every and count % variant.refuse_every == 0:
                raise RefusedError("rate-limited", "Too many requests.")
            if fault("busy-500", "overload"):
                time.sleep(0.005)
                if self._busy > 4:
                    return Reply(call.operation, 500 if fault("busy-500") else 503, b"Busy", {"content-type": "text/plain"})
            if fault("connections-leak") and count > 150:
                raise CrashError
            if fault("restart-loses-contacts") and count == 200:
                self._start()
            status, answer = work()
        except RefusedError as refusal:
            self._spill(call, refusal)
            return self._refusal(call, refusal, headers)
        except CrashError:
            return Reply(call.operation, 500, b"Internal Server Error", {"content-type": "text/plain; charset=utf-8"})
        except sqlite3.OperationalError:
            if not fault("locked-crash"):
                raise
            return Reply(call.operation, 500, b"Internal Server Error", {"content-type": "text/plain; charset=utf-8"})
        if fault("unknown-assignment-200") and "internal_contact" in answer:
            self._last["assignment"] = answer
        if fault.hooks.shown:
            answer = fault.hooks.shown(answer)
        return Reply(call.operation, status, self._written(answer), headers)

    def _refusal(self, call: Call, refusal: RefusedError, headers: dict[str, str]) -> Reply:
        variant, fault = self.variant, self.fault
        status = refusal.extra.get("status") or self.statuses[refusal.kind]
        if refusal.kind == "unauthenticated":
            if fault("unauthenticated-redirect"):
                return Reply(call.operation, 302, b"", {"location": "/login"})
            if status == 401 and variant.challenge:
                headers["www-authenticate"] = 'Bearer realm="partner api"'
            status = 200 if fault("unauthenticated-200") else status
        elif refusal.kind == "rate-limited" and variant.retry_after:
            soon = datetime.now(UTC) + timedelta(seconds=1)
            headers["retry-after"] = (
                format_datetime(soon, usegmt=True) if variant.retry_after == "date" else variant.retry_after
            )
        elif refusal.kind == "invalid" and fault("invalid-200"):
            status = 200
        elif refusal.kind == "not-found" and fault("unknown-ids-200-null"):
            return Reply(call.operation, 200, b"null", headers)
        elif refusal.kind == "not-found" and call.operation == "update" and fault("unknown-contact-204"):
            return Reply(call.operation, 204, b"")
        elif fault("unknown-assignment-200") and refusal.kind == "not-found" and call.operation == "change_role":
            assignment = self._last.get("assignment")
            if assignment is not None:
                return Reply(call.operation, 200, self._written({**assignment, "id": call.path["assignment_id"]}), headers)
        body, media_type = self.error_body(status, refusal.detail, refusal.violations)
        if "resource" in refusal.extra:
            body = json.dumps({"detail": refusal.detail, "resource": refusal.extra["resource"]}).encode()
        if body:
            headers["content-type"] = media_type
        else:
            headers.pop("content-type")
        return Reply(call.operation, status, body, headers)

    def error_body(self, status: int, detail: str, violations: list[tuple[str, str, str]]) -> tuple[bytes, str]:
        """An error in the format of the variant: body and media type."""
        match self.variant.error_format:
            case "empty":
                return b"", ""
            case "text":
                return detail.encode(errors="replace"), "text/plain; charset=utf-8"
            case "html":
                return f"<html><body><h1>Error {status}</h1></body></html>".encode(), "text/html; charset=utf-8"
            case "error":
                error: Any = {"error": {"code": status, "message": detail}}
            case "errors":
                error = {"errors": [{"status": str(status), "title": message} for _, _, message in violations] or [detail]}
            case "detail":
                listed = [{"loc": ["body", name] if name else ["body"], "msg": msg, "type": t} for name, t, msg in violations]
                error = {"detail": listed or detail}
            case _:
                problem = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail}
                listed = [
                    {"location": "body", "pointer": f"/{name}" if name else "", "rule": kind, "message": message}
                    for name, kind, message in violations
                ]
                return json.dumps(
                    {**problem, **({"violations": listed} if listed else {})}
                ).encode(), "application/problem+json"
        return json.dumps(error).encode(), self.variant.content_type

    def _written(self, answer: Any) -> bytes:
        variant = self.variant
        if variant.key_order == "reversed":
            answer = _reversed(answer)
        layout: dict[str, Any] = {"indent": 2} if variant.indented else {"separators": (",", ":")}
        return json.dumps(
            answer, ensure_ascii=variant.ascii_only, sort_keys=variant.key_order == "sorted", **layout
        ).encode(errors="replace")  # fmt: skip

    def _show_contact(self, row: sqlite3.Row) -> dict[str, Any]:
        shown = {
            "id": row["id"],
            "object": self.variant.object_names[0],
            "email": row["email"],
            **{name: row[name] for name in TEXTS},
            "created_at": self._time(row["created_at"]),
            "modified_at": self._time(row["modified_at"]),
        }
        if self.variant.derived_name == "when-shown" and self._lacks(shown["name"]):
            shown["name"] = _full_name(shown) or shown["name"]
        if self.variant.extra_properties:
            shown |= {"avatar_url": None, "tags": [], "version": 3, "links": {"self": f"/v2/internal-contacts/{row['id']}"}}
        return shown

    def _lacks(self, name: str | None) -> bool:
        return not name if self.variant.empty_name_is_none else name is None

    def _show_assignment(self, row: sqlite3.Row, contact: sqlite3.Row) -> dict[str, Any]:
        shown = {
            "id": row["id"],
            "object": self.variant.object_names[1],
            "partner_id": row["partner_id"],
            "internal_role": row["internal_role"],
            "remote_id": row["remote_id"],
            "internal_contact": self._show_contact(contact),
            "created_at": self._time(row["created_at"]),
            "modified_at": self._time(row["modified_at"]),
        }
        if self.variant.extra_properties:
            shown |= {"archived": False, "owner": {"id": "usr_1"}}
        return shown

    def _time(self, microseconds: int | None) -> str | None:
        if microseconds is None:
            return None
        zone = self.variant.time_zone
        offset = timedelta()
        if zone != "Z":
            hours, minutes = zone[1:].split(":")
            offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if zone[0] == "-" else 1)
        moment = datetime.fromtimestamp(microseconds // 1_000_000, timezone(offset)).strftime("%Y-%m-%dT%H:%M:%S")
        digits = f"{microseconds % 1_000_000:06}000"[: self.variant.time_digits]
        return f"{moment}{'.' + digits if digits else ''}{zone}"

    def _new_id(self, kind: str) -> str:
        if self.variant.ids == "uuid":
            return str(uuid.uuid4())
        if self.variant.ids == "sequence":
            with self._lock:
                self._numbers[kind] += 1
                return str(self._numbers[kind])
        return {"contact": "ict_", "assignment": "ica_"}[kind] + secrets.token_hex(8)


def _now() -> int:
    return time.time_ns() // 1000


def _full_name(texts: Any) -> str | None:
    return " ".join(part for part in (texts["given_name"], texts["family_name"]) if part) or None


def _reversed(value: Any) -> Any:
    return {name: _reversed(item) for name, item in reversed(value.items())} if isinstance(value, dict) else value


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")
