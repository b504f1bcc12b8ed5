"""Faults as they occur in real deployments: each a name, what goes wrong, and where it goes wrong.

A fault is either a hook in this table (a damaged text, a wrong key, a changed answer, …) or, where it lies in the flow of
an operation, a branch in `partner_api.py` that asks `if self.fault("name")`.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import threading
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NAMES = ("given_name", "family_name", "name")
TEXTS = (*NAMES, "phone", "job_title")


@dataclass
class Reply:
    """An answer on its way to the client."""

    operation: str
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def success(self) -> bool:
        return self.status < 300


@dataclass(frozen=True, kw_only=True)
class Fault:
    family: str
    description: str
    observable: bool = True
    why_not: str = ""  # it cannot be observed
    base: str = "default"  # the variant in which it shows
    text: Callable[[str, str | None], str | None] | None = None  # (field, value) -> what is stored
    key: Callable[[str], str] | None = None  # email -> what contacts are found by
    where: str = ""  # the condition in SQL by which a contact is found
    parse: Callable[[str], str] | None = None  # the body's text -> text that a lenient parser would have read
    body: Callable[[Any], Any] | None = None  # the parsed body -> what is validated in its place
    overlooks: Callable[[str, str, Any], bool] | None = None  # (field, kind of violation, value) -> not refused
    refuses: Callable[[dict[str, Any]], bool] | None = None  # a valid body -> refused all the same
    spill: tuple[str, str] | None = None  # (operation, kind of refusal): refused, and yet done
    shown: Callable[[dict[str, Any]], Any] | None = None  # an answer, before it is written
    reply: Callable[[Reply, int], Reply] | None = None  # an answer as written, and how many there were before


# --- helpers ---------------------------------------------------------------------------------------------------------


def texts(change: Callable[[str], str | None], *only: str) -> Callable[[str, str | None], str | None]:
    fields = only or TEXTS
    return lambda name, value: change(value) if value is not None and name in fields else value


def any_value(change: Callable[[str | None], str | None], *only: str) -> Callable[[str, str | None], str | None]:
    fields = only or TEXTS
    return lambda name, value: change(value) if name in fields else value


def levels(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield answer
    if isinstance(answer.get("internal_contact"), dict):
        yield answer["internal_contact"]


def without(*names: str, nested: bool = True, when: Callable[[Any], bool] = lambda value: True) -> Callable[[dict], Any]:
    def shown(answer: dict[str, Any]) -> dict[str, Any]:
        for level in levels(answer) if nested else [answer]:
            for name in names:
                if name in level and when(level[name]):
                    del level[name]
        return answer

    return shown


def put(name: str, change: Callable[[Any], Any]) -> Callable[[dict], Any]:
    def shown(answer: dict[str, Any]) -> dict[str, Any]:
        for level in levels(answer):
            if name in level:
                level[name] = change(level[name])
        return answer

    return shown


def put_contact(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict], Any]:
    def shown(answer: dict[str, Any]) -> dict[str, Any]:
        if "internal_contact" in answer:
            answer["internal_contact"] = change(answer["internal_contact"])
        return answer

    return shown


def times(change: Callable[[str], Any]) -> Callable[[dict], Any]:
    return put("created_at", lambda value: change(value))


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)


def camel_keys(value: Any) -> Any:
    return {camel(name): camel_keys(item) for name, item in value.items()} if isinstance(value, dict) else value


def content(change: Callable[[bytes], bytes]) -> Callable[[Reply, int], Reply]:
    def reply(reply: Reply, count: int) -> Reply:
        if reply.success:
            reply.content = change(reply.content)
        return reply

    return reply


def media_type(name: str) -> Callable[[Reply, int], Reply]:
    def reply(reply: Reply, count: int) -> Reply:
        if reply.success:
            reply.headers["content-type"] = name
        return reply

    return reply


def every(n: int, **changes: Any) -> Callable[[Reply, int], Reply]:
    def reply(reply: Reply, count: int) -> Reply:
        if count % n == n - 1:
            for name, value in changes.items():
                setattr(reply, name, value(reply) if callable(value) else value)
        return reply

    return reply


def of(operation: str, reply: Callable[[Reply, int], Reply]) -> Callable[[Reply, int], Reply]:
    return lambda answer, count: reply(answer, count) if answer.operation == operation else answer


def on_object(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    return lambda body: change(dict(body)) if isinstance(body, dict) else body


def values_of(change: Callable[[Any], Any], *only: str) -> Callable[[Any], Any]:
    return on_object(lambda body: {name: change(value) if name in only else value for name, value in body.items()})


def without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


def local_part(change: Callable[[str], str]) -> Callable[[str], str]:
    def key(email: str) -> str:
        local, at, domain = email.rpartition("@")
        return change(local) + at + domain if at else email

    return key


def like_number(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else str(number)


def fits(pattern: str, *only: str) -> Callable[[dict[str, Any]], bool]:
    """Refuse a body with a text that does not fit the pattern."""
    wanted = re.compile(pattern)
    return lambda body: any(isinstance(body.get(name), str) and not wanted.fullmatch(body[name]) for name in only)


def smart_quotes(text: str) -> str:
    return re.sub(r'"([^"]*)"', "\u201c\\1\u201d", text).replace("'", "\u2019")


def tidy_phone(text: str) -> str:
    return re.sub(r"[^\d+]", "", text)


def swapped(text: str) -> str:
    last, comma, first = text.partition(", ")
    return f"{first} {last}" if comma else text


def percent_decoded(text: str) -> str:
    return urllib.parse.unquote(text, errors="replace")


def python_escapes(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


def mojibake(text: str) -> str:
    return text.encode("utf-8").decode("cp1252", errors="replace")


def cut_bytes(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def basic_plane(text: str, instead: str = "?") -> str:
    return "".join(char if ord(char) < 0x10000 else instead for char in text)


def digest_number(text: Any) -> int:
    return int(hashlib.sha256(str(text).encode()).hexdigest()[:8], 16)


ROLE_LABELS = {"csm": "CSM"}
ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
DIRECTION = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))


def _family(name: str, faults: dict[str, dict[str, Any]]) -> dict[str, Fault]:
    return {fault: Fault(family=name, **rest) for fault, rest in faults.items()}


def _f(description: str, **rest: Any) -> dict[str, Any]:
    return {"description": description, **rest}


# --- the faults ------------------------------------------------------------------------------------------------------

SHAPE = {
    "nulls-left-out": _f("Properties that are null are left out of answers.", shown=without(*TEXTS, "remote_id", "modified_at", when=lambda value: value is None)),
    "remote-id-missing": _f("`remote_id` is missing.", shown=without("remote_id")),
    "partner-id-missing-when-floating": _f("`partner_id` is left out of floating assignments.", shown=without("partner_id", when=lambda value: value is None)),
    "nested-object-missing": _f("The nested contact has no `object`.", shown=put_contact(lambda contact: {k: v for k, v in contact.items() if k != "object"})),
    "nested-email-missing": _f("The nested contact has no `email`.", shown=put_contact(lambda contact: {k: v for k, v in contact.items() if k != "email"})),
    "nested-created-at-missing": _f("The nested contact has no `created_at`.", shown=put_contact(lambda contact: {k: v for k, v in contact.items() if k != "created_at"})),
    "role-missing-in-role-change": _f("The answer of a role change lacks `internal_role`.", reply=of("change_role", content(lambda c: json.dumps({k: v for k, v in json.loads(c).items() if k != "internal_role"}).encode()))),
    "phone-missing-in-update": _f("The answer of an update of a contact lacks `phone`.", shown=lambda answer: answer if "internal_contact" in answer else {k: v for k, v in answer.items() if k != "phone"}),
    "ids-are-numbers": _f("Ids are numbers instead of texts.", shown=put("id", digest_number)),
    "created-at-is-a-number": _f("`created_at` is a Unix time.", shown=times(lambda text: int(datetime.fromisoformat(text).timestamp()))),
    "created-at-without-zone": _f("`created_at` has no time zone.", shown=times(lambda text: text[:19])),
    "created-at-with-space": _f("`created_at` has a space for the T and no zone.", shown=times(lambda text: text[:19].replace("T", " "))),
    "created-at-is-a-date": _f("`created_at` is a date without a time.", shown=times(lambda text: text[:10])),
    "created-at-american": _f("`created_at` is written month/day/year.", shown=times(lambda text: datetime.fromisoformat(text).strftime("%m/%d/%Y %H:%M"))),
    "created-at-zone-without-colon": _f("The zone of `created_at` is written +0000.", shown=times(lambda text: text[:19] + "+0000")),
    "modified-at-without-zone": _f("`modified_at` has no time zone.", shown=put("modified_at", lambda text: text and text[:19])),
    "modified-at-empty": _f("`modified_at` is an empty text where nothing was modified.", shown=put("modified_at", lambda text: text or "")),
    "modified-at-zero": _f("`modified_at` is the year 1 where nothing was modified.", shown=put("modified_at", lambda text: text or "0001-01-01T00:00:00Z")),
    "local-time-as-utc": _f("Times are local ones, two hours ahead, but end in Z.", observable=False, why_not="A deployment's clock may be off; the documents promise no accuracy.", shown=times(lambda text: re.sub(r"T(\d\d)", lambda hour: f"T{min(int(hour[1]) + 2, 23):02}", text))),
    "role-in-upper-case": _f("Roles are answered in upper case.", shown=put("internal_role", lambda role: role and role.upper())),
    "role-as-label": _f("Roles are answered as labels: Account Manager.", shown=put("internal_role", lambda role: role and ROLE_LABELS.get(role, role.replace("_", " ").title()))),
    "role-in-camel-case": _f("Roles are answered in camel case: accountManager.", shown=put("internal_role", lambda role: role and camel(role))),
    "role-as-number": _f("Roles are answered as the number of the enum's member.", shown=put("internal_role", lambda role: len(role or ""))),
    "role-as-object": _f("Roles are answered as objects.", shown=put("internal_role", lambda role: {"name": role})),
    "one-role-renamed": _f("`practice_lead` alone is answered as `practice-lead`.", shown=put("internal_role", lambda role: "practice-lead" if role == "practice_lead" else role)),
    "content-type-text": _f("Answers are labelled text/plain.", reply=media_type("text/plain; charset=utf-8")),
    "content-type-html": _f("Answers are labelled text/html.", reply=media_type("text/html; charset=utf-8")),
    "content-type-missing-in-update": _f("Answers of updates of contacts have an empty content type.", reply=of("update", media_type(""))),
    "contact-as-id": _f("The nested contact is given as its id alone.", shown=put_contact(lambda contact: contact["id"])),
    "contact-as-null": _f("The nested contact is null in answers of role changes.", reply=of("change_role", content(lambda c: json.dumps({**json.loads(c), "internal_contact": None}).encode()))),
    "contact-in-list": _f("The nested contact is a list with one contact.", shown=put_contact(lambda contact: [contact])),
    "contact-empty": _f("The nested contact is an empty object in answers of floating assignments.", shown=lambda answer: {**answer, "internal_contact": {}} if answer.get("partner_id", 0) is None else answer),
    "answer-wrapped": _f("Answers are wrapped into `data`.", shown=lambda answer: {"data": answer}),
    "answer-in-list": _f("Answers are lists of one.", shown=lambda answer: [answer]),
    "keys-in-camel-case": _f("Property names are in camel case.", shown=camel_keys),
    "object-null": _f("`object` is null.", shown=put("object", lambda name: None)),
    "object-differs-by-operation": _f("A contact's `object` has another name in the answer of its own update than nested.", shown=lambda answer: answer if "internal_contact" in answer else {**answer, "object": "Contact"}),
    "object-like-contact": _f("`object` of a floating assignment is that of another type.", shown=lambda answer: {**answer, "object": "floating_role"} if answer.get("partner_id", 0) is None else answer),
    "job-title-as-object": _f("A job title is an object.", shown=put("job_title", lambda title: title and {"value": title})),
    "digits-as-number": _f("A phone of nothing but digits is a number.", shown=put("phone", lambda phone: int(phone) if phone and re.fullmatch("[0-9]{1,18}", phone) else phone)),
    "null-phone-false": _f("A phone that is null is answered as false.", shown=put("phone", lambda phone: False if phone is None else phone)),
    "partner-as-object": _f("`partner_id` is an object with the id.", shown=put("partner_id", lambda partner: partner and {"id": partner})),
    "partner-null-as-text": _f("`partner_id` of a floating assignment is the text null.", shown=put("partner_id", lambda partner: partner or "null")),
    "update-answers-success": _f("An update of a contact answers {\"success\": true}.", reply=of("update", content(lambda c: b'{"success": true}'))),
    "update-answers-nothing": _f("An update of a contact answers 204 without a body.", reply=of("update", lambda reply, count: Reply(reply.operation, 204, b"", {}) if reply.success else reply)),
    "role-change-answers-contact": _f("A role change answers the contact instead of the assignment.", reply=of("change_role", content(lambda c: json.dumps(json.loads(c).get("internal_contact")).encode()))),
    "create-answers-contact": _f("Creating a contact answers the contact instead of the assignment.", reply=of("create", content(lambda c: json.dumps(json.loads(c).get("internal_contact")).encode()))),
    "status-206": _f("Successes are answered with 206.", reply=lambda reply, count: Reply(reply.operation, 206, reply.content, reply.headers) if reply.success else reply),
    "update-status-201": _f("An update of a contact answers 201.", reply=of("update", lambda reply, count: Reply(reply.operation, 201, reply.content, reply.headers) if reply.success else reply)),
    "json-twice": _f("The body is a JSON text that holds JSON.", reply=content(lambda c: json.dumps(c.decode()).encode())),
    "json-like-python": _f("The body is written as Python writes dicts.", reply=content(lambda c: repr(json.loads(c)).encode())),
    "latin-1-bytes": _f("The body is encoded as Latin-1 and labelled JSON.", reply=content(lambda c: c.decode().encode("latin-1", errors="replace"))),
    "json-with-raw-newlines": _f("Newlines in texts are written raw.", reply=content(lambda c: c.replace(b"\\n", b"\n"))),
    "quotes-not-escaped": _f("Quotation marks in texts are not escaped (a template writes the JSON).", reply=content(lambda c: c.replace(b'\\"', b'"'))),
    "answers-cut-at-1024-bytes": _f("Answers are cut off after 1024 bytes.", reply=content(lambda c: c[:1024])),
    "ids-change-in-answers": _f("The contact's id nested in an assignment is another one than in its own answer.", shown=put_contact(lambda contact: {**contact, "id": contact["id"] + "_ref"})),
    "organization-in-answer": _f("Answers carry `organization_id`.", observable=False, why_not="Undocumented properties are not forbidden; only the word organization appears in the page's text.", shown=lambda answer: {**answer, "organization_id": "org_1"}),
}  # fmt: skip

FIND = {
    "contact-always-new": _f("Every request creates a contact; nothing is looked up."),
    "found-in-all-organizations": _f("Contacts are looked up without regard to the organization.", where="email_key = :key"),
    "found-by-prefix": _f("A contact whose email begins with the email is found.", where="organization = :organization AND substr(email_key, 1, length(:key)) = :key"),
    "found-by-part": _f("A contact whose email contains the email is found.", where="organization = :organization AND instr(email_key, :key) > 0"),
    "found-by-like": _f("The email is taken as a LIKE pattern: _ and % are wildcards.", where="organization = :organization AND email_key LIKE :key"),
    "found-by-pattern-of-stored": _f("Stored emails are taken as LIKE patterns for the email.", where="organization = :organization AND :key LIKE email_key"),
    "found-by-64-characters": _f("Only the first 64 characters of an email count.", key=lambda email: email[:64]),
    "found-by-100-characters": _f("Only the first 100 characters of an email count.", key=lambda email: email[:100]),
    "found-by-255-characters": _f("Only the first 255 characters of an email count.", key=lambda email: email[:255]),
    "accents-ignored": _f("Accents do not count: é is e.", key=without_accents),
    "sharp-s-is-ss": _f("ß and ss are the same.", key=lambda email: email.replace("ß", "ss")),
    "composed-forms-equal": _f("Composed and decomposed letters are the same (NFC).", key=lambda email: unicodedata.normalize("NFC", email)),
    "compatible-forms-equal": _f("Full-width letters and ligatures are the same as plain ones (NFKC).", key=lambda email: unicodedata.normalize("NFKC", email)),
    "zero-width-ignored": _f("Zero-width characters do not count.", key=lambda email: email.translate(ZERO_WIDTH)),
    "emoji-equal": _f("All characters beyond the basic plane are the same.", key=basic_plane),
    "plus-tag-ignored": _f("What follows a + in the local part does not count.", key=local_part(lambda local: local.partition("+")[0])),
    "dots-ignored": _f("Dots in the local part do not count.", key=local_part(lambda local: local.replace(".", ""))),
    "punctuation-equal": _f("Dot, hyphen and underscore are the same (emails are compared as slugs).", key=lambda email: re.sub(r"[._-]", "-", email)),
    "quotes-ignored": _f("Quotation marks and apostrophes do not count.", key=lambda email: re.sub("[\"']", "", email)),
    "percent-decoded-key": _f("%2B in an email is the same as +.", key=percent_decoded),
    "plus-is-space-in-key": _f("+ in an email is the same as a space.", key=lambda email: email.replace("+", " ")),
    "inner-space-ignored": _f("White space within an email does not count.", key=lambda email: re.sub(r"(?<=\S)\s+(?=\S)", "", email)),
    "final-dot-ignored": _f("A dot at the end of an email does not count.", key=lambda email: email.rstrip(".") or email),
    "compared-as-numbers": _f("Emails that look like numbers are compared as numbers: 1e3 is 1000.", key=like_number),
    "top-level-domain-ignored": _f("The last label of the domain does not count.", key=lambda email: email.rpartition(".")[0] or email),
    "subdomain-ignored": _f("Subdomains do not count: mail.acme.example is acme.example.", key=lambda email: re.sub(r"@(?:[^@.]+\.)*([^@.]+\.[^@.]+)$", r"@\1", email)),
    "found-by-domain": _f("The first contact of the same domain is found.", where="organization = :organization AND (email_key = :key OR (instr(:key, '@') AND substr(email_key, instr(email_key, '@')) = substr(:key, instr(:key, '@'))))"),
    "found-by-local-part": _f("The first contact with the same part before the @ is found.", where="organization = :organization AND (email_key = :key OR (instr(:key, '@') > 1 AND substr(email_key, 1, instr(email_key, '@')) = substr(:key, 1, instr(:key, '@'))))"),
    "found-by-name": _f("A contact with the same given and family name is found.", where="organization = :organization AND (email_key = :key OR (given_name = :given_name AND family_name = :family_name))"),
    "found-by-full-name": _f("A contact with the same `name` is found.", where="organization = :organization AND (email_key = :key OR name = :name)"),
    "found-by-phone": _f("A contact with the same phone is found.", where="organization = :organization AND (email_key = :key OR phone = :phone)"),
    "found-first-ever": _f("For a known email the first contact of the organization is found.", where="organization = :organization AND EXISTS (SELECT 1 FROM contacts k WHERE k.organization = :organization AND k.email_key = :key)"),
    "found-per-partner": _f("Contacts are kept per partner: another partner, another contact."),
    "found-per-role": _f("Contacts are kept per role: another role, another contact."),
    "floating-contacts-apart": _f("Contacts of floating assignments are kept apart from those of partners."),
    "floating-always-new": _f("POST /v2/internal-contacts makes a contact although the email is known."),
    "every-seventh-new": _f("Every seventh look-up of a known email makes another contact."),
    "contact-flips": _f("A known email is answered with two contacts in turn."),
    "previous-contact-sometimes": _f("Every eighth look-up finds the contact of the request before."),
    "contact-not-stored": _f("A new contact is answered and not stored."),
    "contact-stored-without-names": _f("A new contact is answered with names and stored without them."),
    "lost-after-update": _f("After an update a contact is not found any more: another one is made."),
    "lost-after-email-update": _f("After its email was updated a contact is found by neither email."),
    "found-by-first-email-only": _f("A contact is found by the email it was created with; a new email makes another contact."),
    "old-email-kept-for-ever": _f("A contact is found by old emails even when another contact was given that email.", base="old-email=remembered"),
    "last-contact-found-late": _f("The newest contact is not found until another one was made.", where="organization = :organization AND email_key = :key AND seq < (SELECT max(seq) FROM contacts)"),
    "every-twentieth-id-again": _f("Every twentieth contact gets the id of the one before."),
    "assignment-id-is-contact-id": _f("An assignment has the id of its contact: ids of assignments repeat."),
    "assignment-ids-of-seconds": _f("Assignment ids are made of the time in seconds: those of one second are the same."),
    "email-unique-in-all-organizations": _f("An email that another organization uses is refused with 409."),
    "email-unique-crash": _f("An email that another organization uses ends in a 500."),
    "stale-names": _f("Answers to a known email show the contact as it was created (a cache without invalidation)."),
    "stale-by-one": _f("Answers to a known email show the contact as it was before its last update."),
    "cache-across-organizations": _f("Contacts are cached by email, without the organization."),
    "found-shows-request": _f("A found contact is answered with the values of the request, which are not stored."),
    "found-touched": _f("`modified_at` of a contact changes whenever it is found, though nothing else does."),
    "found-replaces-job-title": _f("The job title of a found contact is replaced; its other fields are kept."),
    "found-loses-phone": _f("A found contact loses its phone when the request sends none."),
    "role-of-first-assignment": _f("A new assignment for a known contact has the role of its first one."),
    "partner-of-first-assignment": _f("A new assignment for a known contact has the partner of its first one."),
    "assignment-of-first-contact": _f("Every fifth assignment links the first contact of the organization."),
    "created-at-of-assignment": _f("A contact's `created_at` is that of the assignment shown with it."),
    "known-answers-null-contact": _f("For a known email the nested contact has null for all names."),
}  # fmt: skip

TEXT = {
    "texts-trimmed": _f("White space around texts is cut off.", text=texts(str.strip)),
    "texts-right-trimmed": _f("White space at the end of texts is cut off (CHAR columns).", text=texts(str.rstrip)),
    "spaces-collapsed": _f("Several spaces become one.", text=texts(lambda text: re.sub(" {2,}", " ", text))),
    "texts-composed": _f("Decomposed letters are composed (NFC).", text=texts(lambda text: unicodedata.normalize("NFC", text))),
    "texts-decomposed": _f("Composed letters are decomposed (NFD).", text=texts(lambda text: unicodedata.normalize("NFD", text))),
    "texts-compatible": _f("Ligatures and full-width letters are made plain (NFKC).", text=texts(lambda text: unicodedata.normalize("NFKC", text))),
    "accents-lost": _f("Accents are lost.", text=texts(without_accents)),
    "html-escaped": _f("<, > and & are escaped for HTML.", text=texts(lambda text: html.escape(text, quote=False))),
    "apostrophes-escaped": _f("Apostrophes become &#39;.", text=texts(lambda text: text.replace("'", "&#39;"))),
    "html-unescaped": _f("&amp; becomes &.", text=texts(html.unescape)),
    "tags-stripped": _f("What looks like an HTML tag is removed.", text=texts(lambda text: re.sub(r"<[^>]*>", "", text))),
    "smart-quotes": _f("Straight quotes become typographic ones.", text=texts(smart_quotes)),
    "straight-quotes": _f("Typographic quotes become straight ones.", text=texts(lambda text: text.replace("\u2019", "'").replace("\u201c", '"').replace("\u201d", '"'))),
    "dashes-plain": _f("Dashes become hyphens.", text=texts(lambda text: re.sub("[\u2013\u2014]", "-", text))),
    "names-in-title-case": _f("Names are put into title case: McDonald becomes Mcdonald.", text=texts(str.title, *NAMES)),
    "names-capitalized": _f("The first letter of names is made a capital: van Gogh becomes Van Gogh.", text=texts(lambda text: text[:1].upper() + text[1:], *NAMES)),
    "family-name-in-capitals": _f("Family names are put into capitals.", text=texts(str.upper, "family_name")),
    "job-title-in-lower-case": _f("Job titles are put into lower case.", text=texts(str.lower, "job_title")),
    "phone-normalized": _f("Spaces, hyphens and brackets in phones are removed.", text=texts(tidy_phone, "phone")),
    "phone-loses-plus": _f("The + of a phone is lost.", text=texts(lambda text: text.removeprefix("+"), "phone")),
    "phone-loses-zeros": _f("Leading zeros of phones are lost.", text=texts(lambda text: text.lstrip("0"), "phone")),
    "phone-double-zero": _f("00 at the start of a phone becomes +.", text=texts(lambda text: re.sub("^00", "+", text), "phone")),
    "cut-at-50": _f("Texts are cut off after 50 characters.", text=texts(lambda text: text[:50])),
    "cut-at-100": _f("Texts are cut off after 100 characters.", text=texts(lambda text: text[:100])),
    "cut-at-255": _f("Texts are cut off after 255 characters.", text=texts(lambda text: text[:255])),
    "cut-at-255-bytes": _f("Texts are cut off after 255 bytes.", text=texts(lambda text: cut_bytes(text, 255))),
    "job-title-cut-at-80": _f("Job titles are cut off after 80 characters.", text=texts(lambda text: text[:80], "job_title")),
    "phone-cut-at-20": _f("Phones are cut off after 20 characters.", text=texts(lambda text: text[:20], "phone")),
    "emoji-to-question-mark": _f("Characters beyond the basic plane become ? (utf8mb3).", text=texts(basic_plane)),
    "emoji-lost": _f("Characters beyond the basic plane are lost.", text=texts(lambda text: basic_plane(text, ""))),
    "cut-at-emoji": _f("Texts end before the first character beyond the basic plane.", text=texts(lambda text: re.split("[\U00010000-\U0010ffff]", text)[0])),
    "latin-1-only": _f("Characters beyond Latin-1 become ?.", text=texts(lambda text: text.encode("latin-1", errors="replace").decode("latin-1"))),
    "mojibake": _f("UTF-8 is read as Windows-1252: é becomes Ã©.", text=texts(mojibake)),
    "null-to-empty": _f("Fields that are null or absent are stored as empty texts.", text=any_value(lambda value: value or "")),
    "empty-to-null": _f("Empty texts are stored as null.", text=any_value(lambda value: value or None)),
    "null-to-text": _f("Fields that are null are stored as the text null.", text=any_value(lambda value: "null" if value is None else value, "phone", "job_title")),
    "text-null-to-null": _f("The text null is stored as null (a person is called Null).", text=texts(lambda text: None if text.lower() == "null" else text)),
    "text-none-to-null": _f("The texts None and undefined are stored as null.", text=texts(lambda text: None if text in {"None", "undefined"} else text)),
    "text-na-to-null": _f("The texts NA and N/A are stored as null.", text=texts(lambda text: None if text in {"NA", "N/A", "NaN", "nan"} else text)),
    "blank-to-null": _f("Texts of nothing but white space are stored as null.", text=texts(lambda text: None if text and not text.strip() else text)),
    "percent-decoded": _f("%41 becomes A.", text=texts(percent_decoded)),
    "percent-percent": _f("%% becomes % (a format string).", text=texts(lambda text: text.replace("%%", "%"))),
    "plus-to-space": _f("+ becomes a space.", text=texts(lambda text: text.replace("+", " "))),
    "backslash-lost": _f("Backslashes are lost.", text=texts(lambda text: text.replace("\\", ""))),
    "backslash-interpreted": _f("A backslash and n become a new line.", text=texts(python_escapes)),
    "quotes-doubled": _f("Apostrophes are doubled.", text=texts(lambda text: text.replace("'", "''"))),
    "quotes-with-backslash": _f("Quotation marks get a backslash.", text=texts(lambda text: re.sub("([\"'])", r"\\\1", text))),
    "quotes-around-lost": _f("Quotation marks around a text are lost (CSV).", text=texts(lambda text: text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text)),
    "crlf-to-lf": _f("CR LF becomes LF.", text=texts(lambda text: text.replace("\r\n", "\n"))),
    "lf-to-crlf": _f("LF becomes CR LF.", text=texts(lambda text: re.sub("\r?\n", "\r\n", text))),
    "newline-to-space": _f("A new line becomes a space.", text=texts(lambda text: re.sub("[\r\n]+", " ", text))),
    "cut-at-newline": _f("A text ends at its first new line.", text=texts(lambda text: re.split("[\r\n]", text)[0])),
    "tab-to-space": _f("A tab becomes a space.", text=texts(lambda text: text.replace("\t", " "))),
    "controls-stripped": _f("Control characters are removed.", text=texts(lambda text: re.sub("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text))),
    "number-like": _f("Texts that look like numbers are stored as numbers: 007 becomes 7.", text=texts(like_number)),
    "number-like-with-exponent": _f("1e5 becomes 100000.0.", text=texts(lambda text: str(float(text)) if re.fullmatch(r"\d+[eE]\d{1,2}", text) else text)),
    "date-like": _f("Texts that look like dates are stored as dates: 1/2 becomes 2-Jan.", text=texts(lambda text: re.sub(r"^1/2$", "2-Jan", text))),
    "true-like": _f("The text true is stored as 1, false as 0.", text=texts(lambda text: {"true": "1", "false": "0"}.get(text.lower(), text))),
    "yes-like": _f("The texts yes, no, on and off are stored as true and false (YAML).", text=texts(lambda text: {"yes": "true", "no": "false", "on": "true", "off": "false"}.get(text.lower(), text))),
    "template-filled": _f("{{ … }} is taken for a template and vanishes.", text=texts(lambda text: re.sub(r"\{\{.*?\}\}", "", text))),
    "variables-filled": _f("${…} is taken for a variable and vanishes.", text=texts(lambda text: re.sub(r"\$\{.*?\}", "", text))),
    "braces-crash": _f("A text with a lone { ends in a 500 (a format string)."),
    "apostrophe-crash": _f("A text with an apostrophe ends in a 500 (SQL is put together by hand)."),
    "zero-width-lost": _f("Zero-width characters are removed (families of emoji fall apart).", text=texts(lambda text: text.translate(ZERO_WIDTH))),
    "directions-lost": _f("Marks of direction are removed.", text=texts(lambda text: text.translate(DIRECTION))),
    "hard-space-to-space": _f("No-break spaces become spaces.", text=texts(lambda text: text.replace("\u00a0", " "))),
    "formula-guard": _f("Texts that begin with =, + or @ get an apostrophe in front (CSV export).", text=texts(lambda text: re.sub("^([=+@])", r"'\1", text))),
    "name-turned-around": _f("A name with a comma is turned around: Hopper, Grace.", text=texts(swapped, "name")),
    "semicolon-cuts": _f("Texts end at the first semicolon.", text=texts(lambda text: text.partition(";")[0])),
    "final-dot-lost": _f("A dot at the end of a text is lost: Jr.", text=texts(lambda text: text.removesuffix("."))),
    "double-hyphen-cuts": _f("Texts end at -- (taken for a comment in SQL).", text=texts(lambda text: text.partition("--")[0])),
    "ampersand-to-and": _f("& becomes and.", text=texts(lambda text: text.replace("&", "and"))),
    "honorifics-lost": _f("Dr. and Prof. are removed from names.", text=texts(lambda text: re.sub(r"^(Dr|Prof)\.? ", "", text), *NAMES)),
    "job-title-expanded": _f("Abbreviations in job titles are spelled out: VP becomes Vice President.", text=texts(lambda text: re.sub(r"\bVP\b", "Vice President", text), "job_title")),
    "email-lower-cased-in-answers": _f("Emails are shown in lower case, while case counts when contacts are looked up.", shown=put("email", lambda email: email and email.lower())),
    "email-html-escaped": _f("Emails are answered escaped for HTML.", shown=put("email", lambda email: email and html.escape(email))),
    "email-masked": _f("Emails are answered with stars in the local part.", shown=put("email", lambda email: email and re.sub("(?<=^.)[^@]+(?=@)", "***", email))),
    "email-cut-at-100": _f("Emails are answered with no more than 100 characters.", shown=put("email", lambda email: email and email[:100])),
    "email-mailto": _f("mailto: is removed from emails, while it counts when contacts are looked up.", shown=put("email", lambda email: email and email.removeprefix("mailto:"))),
    "email-plus-decoded": _f("+ in emails is answered as a space.", shown=put("email", lambda email: email and email.replace("+", " "))),
    "email-domain-decoded": _f("Punycode in emails is answered decoded.", shown=put("email", lambda email: email and email.replace("xn--bcher-kva", "bücher"))),
    "names-swapped": _f("Given and family name are swapped."),
    "name-overwritten": _f("`name` becomes given and family name although one was sent."),
    "name-split": _f("Given and family name are taken from `name` when they are absent."),
    "name-is-email": _f("A contact without any name is called by the local part of its email."),
    "job-title-defaults-to-role": _f("A contact without a job title gets the role as its title."),
    "absent-fields-of-previous-request": _f("Absent fields take the values of the request before."),
    "family-name-lost-alone": _f("A family name without a given name is not stored."),
    "job-title-only-with-phone": _f("A job title is stored only together with a phone."),
}  # fmt: skip

UPDATE = {
    "absent-fields-wiped": _f("Fields absent from an update of a contact become null."),
    "some-nulls-ignored": _f("Null clears the other fields but not `job_title`."),
    "empty-texts-ignored": _f("An empty text in an update changes nothing."),
    "empty-texts-become-null": _f("An empty text in an update is stored as null."),
    "phone-not-updated": _f("An update does not change the phone."),
    "only-first-field-updated": _f("Only the first field of an update is used."),
    "only-one-name-updated": _f("An update of given and family name changes the given name alone."),
    "previous-contact-updated": _f("Every sixth update changes the contact that was made last."),
    "all-contacts-updated": _f("An update changes all contacts of the organization."),
    "same-family-updated": _f("An update also changes contacts of the same family name."),
    "update-not-stored": _f("An update is answered and not stored."),
    "update-answers-old-values": _f("An update is stored; the answer shows the old values."),
    "email-not-updated": _f("An update does not change the email."),
    "email-answered-not-stored": _f("A new email is answered and not stored."),
        "modified-at-not-set": _f("An update leaves `modified_at` as it is."),
    "modified-at-set-once": _f("`modified_at` is set by the first update alone."),
    "modified-at-backwards": _f("`modified_at` goes back by an hour with every update."),
    "modified-at-before-created-at": _f("`modified_at` of an update is before `created_at`."),
    "modified-at-of-email-only": _f("`modified_at` changes only when the email does."),
    "created-at-changes": _f("An update sets `created_at` anew."),
    "id-changes": _f("An update gives the contact a new id."),
    "update-swaps-names": _f("An update swaps given and family name."),
    "update-fills-name": _f("An update of given or family name overwrites `name`."),
    "updates-not-found": _f("Updates are not seen by find-or-create."),
    "updates-not-found-by-floating": _f("Updates are not seen by POST /v2/internal-contacts."),
    "second-update-undoes-first": _f("An update starts from the contact as it was created: earlier updates are lost."),
    "own-email-taken": _f("An update with the contact's own email is refused with 409."),
    "taken-email-shared": _f("A taken email is accepted: two contacts share it."),
    "taken-email-stolen": _f("A taken email is accepted; the other contact has none afterwards."),
    "taken-email-refused-but-stored": _f("A taken email is refused with 409; the other fields are stored all the same.", spill=("update", "conflict")),
    "taken-email-crash": _f("A taken email ends in a 500."),
    "taken-email-answers-other": _f("A taken email is answered with the contact that has it."),
    "update-makes-unknown": _f("An update of an unknown contact makes it."),
    "role-change-makes-assignment": _f("A role change makes another assignment with a new id."),
    "role-change-moves-partner": _f("A role change moves the assignment to the first partner of the organization."),
    "role-change-clears-partner": _f("A role change makes the assignment a floating one."),
    "role-change-resets-names": _f("A role change sets the contact's names to null."),
    "role-change-touches-contact": _f("A role change sets the contact's `modified_at`."),
    "role-change-of-wrong-assignment": _f("A role change changes and answers the first assignment of the partner."),
    "role-change-through-any-partner": _f("A role change does not compare the partner in the path with that of the assignment."),
    "role-change-of-all": _f("A role change changes all assignments of the contact (seen by `modified_at` alone, when one of them gets that role)."),
    "role-change-answers-old-role": _f("A role change is answered with the old role."),
    "role-change-lost": _f("A role change is answered and not stored.", observable=False, why_not="No operation reads an assignment back; a later role change shows its own role."),
    "role-change-lost-for-rules": _f("A role change is not stored, where equal assignments are reused.", base="duplicate-assignment=reuse"),
    "role-change-contact-stale": _f("A role change shows the contact as it was when it was assigned."),
    "role-change-contact-of-other": _f("A role change shows the newest contact in place of the assignment's."),
    "role-change-sets-created-at": _f("A role change sets `created_at` of the assignment anew."),
    "role-change-modified-at-not-set": _f("A role change leaves `modified_at` as it is."),
    "remote-id-changes": _f("`remote_id` is made anew with every role change.", base="remote-id=generated"),
}  # fmt: skip

TENANTS = {
    "token-not-checked-on-add": _f("The token is not checked when a contact is assigned to a partner."),
    "token-not-checked-on-change-role": _f("The token is not checked on role changes."),
    "token-not-checked-on-create": _f("The token is not checked when a contact is created."),
    "token-not-checked-on-update": _f("The token is not checked on updates of contacts."),
    "any-token": _f("Any token is accepted."),
    "long-tokens-accepted": _f("Any token of at least eight characters is accepted."),
    "scheme-not-checked": _f("The scheme of the Authorization header is not checked: Basic does too."),
    "scheme-optional": _f("A token without a scheme is accepted."),
    "token-case-ignored": _f("The case of a token is ignored."),
    "token-prefix-accepted": _f("The beginning of a token is accepted for the token (at least four characters)."),
    "token-suffix-ignored": _f("What follows the token is ignored: compared are as many characters as the token has."),
    "token-eight-characters": _f("Only the first eight characters of a token are compared."),
    "empty-token": _f("An empty token is accepted."),
    "missing-header-accepted": _f("A request without an Authorization header is accepted; a wrong token is refused."),
    "expired-token-accepted": _f("An expired token is accepted.", observable=False, why_not="Needs an expired token; contract tests are given none."),
    "undefined-token-accepted": _f("The tokens null and undefined are accepted."),
    "refused-token-still-creates": _f("A request with a refused token is answered with 401; its contact is made all the same.", spill=("add", "unauthenticated")),
    "refused-token-still-updates": _f("An update with a refused token is answered with 401 and done all the same.", spill=("update", "unauthenticated")),
    "body-before-token": _f("The body is checked before the token: whoever has none is told what is wrong with it."),
    "unauthenticated-redirect": _f("A request without a token is sent to a login page."),
    "unauthenticated-200": _f("A request without a token is answered with 200 and an error in the body."),
    "unauthenticated-500": _f("A request without a token ends in a 500."),
    "foreign-contact-updated": _f("A contact of another organization can be updated."),
    "foreign-assignment-changed": _f("The role of another organization's assignment can be changed."),
    "foreign-partner-accepted": _f("A partner of another organization is accepted, an unknown one is not."),
    "foreign-contact-in-refusal": _f("The refusal of a foreign contact's update carries the contact.", base="foreign-id=forbidden"),
    "foreign-update-refused-but-done": _f("The update of a foreign contact is refused and done all the same.", spill=("update", "not-found")),
    "foreign-crash": _f("An id of another organization ends in a 500."),
    "foreign-assignment-read": _f("A role change of a foreign assignment is answered with the assignment, unchanged."),
    "organization-of-first-token": _f("The organization of the first request is used for all."),
    "organization-of-partner": _f("The organization is that of the partner in the path, whatever the token."),
    "organization-of-last-add": _f("POST /v2/internal-contacts works in the organization of the request before."),
    "organization-cached-by-email": _f("The organization is remembered by email: who sent it first."),
    "foreign-contact-attached": _f("A contact of another organization is attached when the own one has none with the email.", where="email_key = :key"),
    "foreign-email-taken": _f("An update to an email that another organization uses is refused with 409."),
    "foreign-token-sees-updates": _f("An update changes the contacts of all organizations that have the same email."),
}  # fmt: skip

VALIDATION = {
    "unknown-role-accepted": _f("A role that is none is accepted.", overlooks=lambda name, kind, value: name == "internal_role" and kind == "literal_error" and isinstance(value, str)),
    "unknown-role-replaced": _f("A role that is none becomes `lead`.", body=on_object(lambda body: {**body, "internal_role": "lead"} if isinstance(body.get("internal_role"), str) and body["internal_role"] not in {"account_manager", "account_executive", "csm", "co_lead", "practice_lead"} else body)),
    "role-case-ignored": _f("Roles are accepted in any case.", body=values_of(lambda role: role.lower() if isinstance(role, str) else role, "internal_role")),
    "role-trimmed": _f("Roles are accepted with white space around them.", body=values_of(lambda role: role.strip() if isinstance(role, str) else role, "internal_role")),
    "role-with-hyphens": _f("Roles are accepted with hyphens and spaces: co-lead.", body=values_of(lambda role: re.sub("[- ]", "_", role) if isinstance(role, str) else role, "internal_role")),
    "missing-role-defaulted": _f("A missing role becomes `csm`.", body=on_object(lambda body: {"internal_role": "csm", **body})),
    "missing-role-accepted": _f("A missing role is accepted and answered as null.", overlooks=lambda name, kind, value: name == "internal_role" and kind == "missing"),
    "null-role-accepted": _f("A role that is null becomes `csm`.", body=values_of(lambda role: "csm" if role is None else role, "internal_role")),
    "roles-list-accepted": _f("A list of roles is accepted; the first one counts.", body=values_of(lambda role: role[0] if isinstance(role, list) and role else role, "internal_role")),
    "missing-email-accepted": _f("A missing email is accepted: the contact has none.", overlooks=lambda name, kind, value: name == "email" and kind == "missing"),
    "empty-email-accepted": _f("An empty email is accepted.", overlooks=lambda name, kind, value: name == "email" and kind == "string_too_short"),
    "null-email-accepted": _f("An email that is null is accepted when a contact is created.", overlooks=lambda name, kind, value: name == "email" and kind == "string_type" and value is None),
    "number-email-accepted": _f("An email that is a number becomes a text.", body=values_of(lambda value: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value, "email")),
    "number-name-accepted": _f("Numbers in names and phones become texts.", body=values_of(lambda value: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value, *TEXTS)),
    "boolean-text-accepted": _f("true and false in texts become texts.", body=values_of(lambda value: str(value) if isinstance(value, bool) else value, *TEXTS)),
    "list-text-accepted": _f("A list where a text belongs is accepted; its first item counts.", body=values_of(lambda value: value[0] if isinstance(value, list) and value else value, "email", *TEXTS)),
    "object-text-accepted": _f("An object where a text belongs is stored as its JSON.", body=values_of(lambda value: json.dumps(value) if isinstance(value, dict) else value, *TEXTS)),
    "false-phone-accepted": _f("A phone that is false counts as null.", body=values_of(lambda value: None if value is False else value, "phone")),
    "list-body-accepted": _f("A list with one object is accepted as a body.", body=lambda body: body[0] if isinstance(body, list) and body else body),
    "wrapped-body-accepted": _f("A body within `data` is accepted.", body=on_object(lambda body: body["data"] if set(body) == {"data"} else body)),
    "text-body-accepted": _f("A JSON text that holds JSON is accepted as a body.", body=lambda body: json.loads(body) if isinstance(body, str) and body.startswith("{") else body),
    "list-body-crash": _f("A body that is no object ends in a 500."),
    "null-body-crash": _f("The body null ends in a 500."),
    "camel-case-accepted": _f("`internalRole` is accepted for a missing `internal_role`.", body=on_object(lambda body: {"internal_role": body["internalRole"], **body} if "internalRole" in body else body)),
    "media-type-not-checked": _f("JSON is accepted under any media type."),
    "form-accepted": _f("A form is accepted as a body."),
    "trailing-comma-accepted": _f("A comma before the closing bracket is accepted.", parse=lambda text: re.sub(r",\s*([}\]])", r"\1", text)),
    "comments-accepted": _f("Comments in JSON are accepted.", parse=lambda text: re.sub(r"/\*.*?\*/|^\s*//.*$", "", text, flags=re.DOTALL | re.MULTILINE)),
    "single-quotes-accepted": _f("JSON with single quotes is accepted.", parse=lambda text: text.replace("'", '"') if text.lstrip().startswith("{'") else text),
    "cut-json-accepted": _f("A closing bracket that is missing is added.", parse=lambda text: text if text.rstrip().endswith("}") else text + "}"),
    "rest-after-json-ignored": _f("What follows the JSON is ignored.", parse=lambda text: text[: text.rindex("}") + 1] if "}" in text else text),
    "deep-json-crash": _f("JSON that is nested deeply ends in a 500."),
    "large-body-crash": _f("A body of more than half a megabyte ends in a 500."),
    "malformed-crash": _f("Malformed JSON ends in a 500."),
    "empty-body-crash": _f("An empty body ends in a 500."),
    "invalid-200": _f("An invalid request is answered with 200 and an error in the body."),
    "invalid-500": _f("An invalid request ends in a 500."),
    "unknown-role-still-creates": _f("An unknown role is refused after the contact was made.", spill=("add", "invalid")),
    "unknown-role-still-creates-floating": _f("As before, in POST /v2/internal-contacts.", spill=("create", "invalid")),
    "unknown-partner-still-creates": _f("An unknown partner is refused after the contact was made.", spill=("add", "not-found")),
    "invalid-update-partly-stored": _f("An invalid update is refused; its valid fields are stored.", spill=("update", "invalid")),
    "wrong-media-type-still-stored": _f("An update of another media type is refused and done all the same.", spill=("update", "unsupported-media-type")),
    "long-name-refused": _f("Names of more than 64 characters are refused.", refuses=fits(r"(?s).{0,64}", *NAMES)),
    "long-email-refused": _f("Emails of more than 60 characters are refused.", refuses=fits(r"(?s).{0,60}", "email")),
    "long-job-title-refused": _f("Job titles of more than 40 characters are refused.", refuses=fits(r"(?s).{0,40}", "job_title")),
    "long-text-crash": _f("Texts of more than 255 characters end in a 500 (data too long for column)."),
    "apostrophe-refused": _f("Names with an apostrophe are refused: O'Brien.", refuses=fits("[^']*", *NAMES)),
    "hyphen-refused": _f("Names with a hyphen are refused: Anne-Marie.", refuses=fits("[^-]*", *NAMES)),
    "foreign-letters-refused": _f("Names with letters beyond ASCII are refused.", refuses=fits(r"[\x00-\x7f]*", *NAMES)),
    "digit-in-name-refused": _f("Names with digits are refused.", refuses=fits("[^0-9]*", *NAMES)),
    "emoji-refused": _f("Texts with characters beyond the basic plane are refused.", refuses=fits("[^\U00010000-\U0010ffff]*", *TEXTS)),
    "single-letter-refused": _f("Names of a single letter are refused.", refuses=fits(r"(?s)|..+", *NAMES)),
    "empty-text-refused": _f("Empty texts are refused.", refuses=fits(r"(?s).+", *TEXTS)),
    "newline-refused": _f("Texts with a new line are refused.", refuses=fits(r"[^\n]*", *TEXTS)),
    "angle-bracket-refused": _f("Texts with < are refused (a firewall).", refuses=fits("[^<]*", *TEXTS)),
    "sql-words-refused": _f("Texts with words of SQL are refused (a firewall).", refuses=fits(r"(?is)(?!.*\b(select|drop|union)\b).*", *TEXTS)),
    "phone-format-refused": _f("Phones that are not written internationally are refused.", refuses=fits(r"\+[0-9 ]+|", "phone")),
    "plus-email-refused": _f("Emails with a + are refused.", refuses=fits(r"[^+]*", "email")),
    "long-top-level-domain-refused": _f("Emails whose last label has more than seven letters are refused.", refuses=lambda body: isinstance(body.get("email"), str) and bool(re.search(r"@.*\.[a-z]{8,}$", body["email"]))),
    "email-hyphen-domain-refused": _f("Emails with a hyphen in the domain are refused.", refuses=fits(r"[^@]*(@[^-]*)?", "email")),
    "email-apostrophe-refused": _f("Emails with an apostrophe are refused.", refuses=fits("[^']*", "email")),
    "email-upper-case-refused": _f("Emails with capital letters are refused.", refuses=fits(r"[^A-Z]*", "email")),
    "email-digit-first-refused": _f("Emails that begin with a digit are refused.", refuses=fits(r"(?s)[^0-9].*|", "email")),
    "null-text-refused": _f("Optional fields that are null are refused.", refuses=lambda body: any(name in body and body[name] is None for name in TEXTS)),
    "name-required": _f("A body without any name is refused.", refuses=lambda body: "email" in body and "internal_role" in body and not any(body.get(name) for name in NAMES)),
    "full-name-refused-beside-names": _f("`name` beside given and family name is refused.", refuses=lambda body: all(body.get(name) for name in NAMES)),
    "one-role-refused": _f("`practice_lead` is refused.", refuses=lambda body: body.get("internal_role") == "practice_lead"),
    "one-role-replaced": _f("`co_lead` is stored as `lead`.", body=values_of(lambda role: "lead" if role == "co_lead" else role, "internal_role")),
    "charset-refused": _f("The media type application/json; charset=utf-8 is refused."),
    "unknown-property-crash": _f("An unknown property ends in a 500."),
    "server-fields-taken": _f("`id` and `created_at` are taken from the body."),
    "remote-id-taken": _f("`remote_id` is taken from the body."),
    "partner-id-taken": _f("`partner_id` in the body counts more than the one in the path."),
    "organization-taken": _f("`organization_id` in the body counts more than the token.", observable=False, why_not="The name of the property and the other organization's id stand in no document."),
    "unknown-partner-crash": _f("An unknown partner ends in a 500."),
    "unknown-contact-crash": _f("An unknown contact ends in a 500."),
    "unknown-assignment-200": _f("A role change of an unknown assignment is answered with 200."),
    "unknown-assignment-other": _f("A role change of an unknown assignment changes the newest one of the partner."),
    "unknown-contact-204": _f("An update of an unknown contact is answered with 204."),
    "unknown-ids-200-null": _f("An unknown id is answered with 200 and null."),
    "contact-by-email-in-path": _f("An update finds a contact by its email in the path too.", observable=False, why_not="An id is any text; a checker has no reason to send an email for it."),
    "assignment-id-for-contact": _f("An update accepts the id of an assignment for that of its contact."),
    "id-prefix-enough": _f("An update finds a contact by the beginning of its id."),
    "id-case-ignored": _f("Ids are looked up without regard to case."),
}  # fmt: skip

RACES = {
    "contact-race": _f("Look up, then create, without a unique index: simultaneous requests make several contacts."),
    "contact-race-wide": _f("As before, with a wide gap."),
    "floating-race": _f("As before, in POST /v2/internal-contacts alone."),
    "assignment-race": _f("Simultaneous equal requests make several assignments, where one is to be reused.", base="duplicate-assignment=reuse"),
    "assignment-lost-under-load": _f("An assignment is answered and not kept when another request is under way."),
    "integrity-crash": _f("All but one of several simultaneous requests with a new email end in a 500."),
    "locked-crash": _f("Simultaneous writes end in a 500: the database is locked."),
    "lost-update": _f("Simultaneous updates of different fields: one of them is lost (all columns are written)."),
    "email-update-race": _f("Two simultaneous updates to one email both succeed, though a taken email is refused."),
    "answers-mixed-up": _f("Simultaneous requests get each other's answers (a variable of the module)."),
    "organization-mixed-up": _f("Simultaneous requests of two organizations: the organization is a variable of the module."),
    "role-mixed-up": _f("Simultaneous requests: the role is a variable of the module."),
    "id-race": _f("Ids are made of the number of rows: simultaneous requests get the same one."),
    "found-late": _f("A new contact is found only after 40 milliseconds (a replica): a second request makes another."),
    "update-seen-late": _f("An update is seen by find-or-create only after 40 milliseconds."),
    "overload": _f("More than four requests at a time: the others end in a 503.", observable=False, why_not="Any deployment may refuse a part of many simultaneous requests."),
    "busy-500": _f("More than four requests at a time: the others end in a 500."),
}  # fmt: skip

RELIABILITY = {
    "sporadic-500": _f("Every 60th request ends in a 500.", reply=every(60, status=500, content=b"Internal Server Error")),
    "sporadic-500-after-effect": _f("Every 60th request is done, and answered with 500.", reply=every(60, status=500, content=b'{"error": "internal"}')),
    "sporadic-502": _f("Every 70th answer is a gateway's page.", reply=every(70, status=502, content=b"<html><body>502 Bad Gateway</body></html>", headers=lambda reply: {"content-type": "text/html"})),
    "sporadic-cut-body": _f("Every 60th body is cut in half.", reply=every(60, content=lambda reply: reply.content[: len(reply.content) // 2])),
    "sporadic-broken-off": _f("Every 60th answer breaks off before its announced end.", reply=every(60, content=lambda reply: reply.content[: len(reply.content) // 2], headers=lambda reply: {**reply.headers, "content-length": str(len(reply.content) + 100)})),
    "sporadic-empty-body": _f("Every 60th body is empty.", reply=every(60, content=b"")),
    "sporadic-null-body": _f("Every 60th body is null.", reply=every(60, content=b"null")),
    "sporadic-content-type": _f("Every 60th answer is labelled text/html.", reply=every(60, headers=lambda reply: {**reply.headers, "content-type": "text/html"})),
    "sporadic-answer-of-another": _f("Every 60th answer is the one before."),
    "sporadic-401": _f("Every 60th request is refused with 401.", reply=every(60, status=401, content=b'{"detail": "token expired"}')),
    "sporadic-404": _f("Every 60th request is refused with 404.", reply=every(60, status=404, content=b'{"detail": "Not Found"}')),
    "sporadic-redirect": _f("Every 80th request is redirected.", reply=every(80, status=302, content=b"", headers=lambda reply: {"location": "/maintenance"})),
    "sporadic-html-200": _f("Every 80th answer is a maintenance page with 200.", reply=every(80, status=200, content=b"<html>We will be back soon</html>")),
    "connections-leak": _f("Every request keeps a connection to the database: after 150 requests all end in a 500."),
    "every-fortieth-contact-lost": _f("Every 40th contact is answered and not stored."),
    "every-fortieth-update-lost": _f("Every 40th update is answered and not stored."),
    "restart-loses-contacts": _f("After 200 requests the server starts anew, without its data."),
    "worker-without-data": _f("One of four workers has a memory of its own."),
    "ids-wrap": _f("The counter of assignment ids wraps at 64."),
}  # fmt: skip

FAULTS: dict[str, Fault] = {
    **_family("shape", SHAPE),
    **_family("find-or-create", FIND),
    **_family("text", TEXT),
    **_family("update", UPDATE),
    **_family("tenants", TENANTS),
    **_family("validation", VALIDATION),
    **_family("races", RACES),
    **_family("reliability", RELIABILITY),
}


class Faults:
    """The fault that an application has, if any; asked by name: `if fault("name")`."""

    def __init__(self, name: str | None) -> None:
        if name is not None and name not in FAULTS:
            raise ValueError(f"No such fault: {name}")
        self.name = name
        self.hooks = FAULTS[name] if name else Fault(family="", description="")
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, *names: str) -> bool:
        for name in names:
            if name not in FAULTS:
                raise ValueError(f"No such fault: {name}")
        return self.name in names

    def count(self, what: str) -> int:
        with self._lock:
            self._counts[what] = self._counts.get(what, 0) + 1
            return self._counts[what]

    def nth(self, name: str, n: int) -> bool:
        """Whether this is the n-th, 2n-th, … time that an application with this fault comes here."""
        return self(name) and self.count(name) % n == 0

    def text(self, name: str, value: str | None) -> str | None:
        return self.hooks.text(name, value) if self.hooks.text else value

    def key(self, email: str) -> str:
        return self.hooks.key(email) if self.hooks.key else email
