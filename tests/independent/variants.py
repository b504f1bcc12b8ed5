"""The ways in which a fair reader of the documents might build the partner API.

A field that is named like an assumption of `openapi.yaml` holds one of its choices; the other fields are matters of style
on which no document says anything.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Variant:
    # Assumptions of openapi.yaml, with the same names and choices.
    success_status: str = "ok"
    missing_token_status: str = "401"
    foreign_id: str = "hidden"
    invalid_status: str = "422"
    malformed_status: str = "400"
    media_type_status: str = "415"
    error_format: str = "problem"  # beside the two choices also: error, errors, text, html, empty
    existing_contact: str = "keep"
    duplicate_assignment: str = "create"
    second_role: str = "create"
    email_case: str = "exact"
    email_space: str = "exact"
    email_syntax: str = "any"
    blank_email: str = "accept"
    unknown_partner: str = "not-found"
    unknown_properties: str = "ignore"
    remote_id: str = "none"
    modified_when_new: str = "none"
    floating_assignment: str = "create"
    points_that_meet: str = "first"
    derived_name: str = "never"
    old_email: str = "released"
    known_email: str = "keep"
    duplicate_floating_assignment: str = "create"
    second_floating_role: str = "create"
    role_change_duplicate: str = "allow"
    floating_assignment_in_role_change: str = "not-found"
    null_in_patch: str = "clear"
    null_email: str = "refuse"
    empty_email: str = "refuse"
    empty_patch: str = "accept"
    modified_when_unchanged: str = "kept"
    nul_characters: str = "refuse"

    # The same points where another operation, or another resource, asks them; "" is the choice of the point above.
    floating_success_status: str = ""
    foreign_partner: str = ""
    foreign_partner_in_role_change: str = ""
    unknown_partner_in_role_change: str = ""
    unknown_properties_in_create: str = ""
    unknown_properties_in_patch: str = ""
    unknown_properties_in_role_change: str = ""
    email_syntax_in_create: str = ""
    email_syntax_in_patch: str = ""
    blank_email_in_create: str = ""
    blank_email_in_patch: str = ""
    nul_characters_in_create: str = ""
    nul_characters_in_patch: str = ""
    floating_points_that_meet: str = ""
    modified_when_assigned: str = ""
    modified_when_assigned_again: str = ""
    modified_when_role_unchanged: str = ""
    modified_when_found: str = ""
    modified_when_known: str = ""

    # Style: what the server makes.
    ids: str = "prefix"  # prefix: ict_k3v9x0; uuid; sequence: numbers as text
    time_zone: str = "Z"  # Z, +00:00, +02:00, -05:30
    time_digits: int = 6  # of a second: 0, 3, 6, 9
    object_names: tuple[str, str] = ("internal_contact", "internal_contact_assignment")

    # Style: how an answer is written.
    extra_properties: bool = False
    extra_headers: bool = False
    key_order: str = "declared"  # declared, sorted, reversed
    ascii_only: bool = False
    indented: bool = False
    content_type: str = "application/json"
    compressed: bool = False

    # Style: how requests are read and refused.
    order: tuple[str, ...] = ("token", "body", "path")  # what is checked first; syntax: whether the body is JSON at all
    challenge: bool = True  # WWW-Authenticate beside a 401
    malformed_id_status: int | None = None  # None: a malformed id is an unknown one
    undocumented_method_status: int = 405
    json_subtypes: bool = False  # application/anything+json is read as JSON too
    empty_body: str = "malformed"  # or: invalid
    empty_name_is_none: bool = False  # where a name is derived, an empty one counts as none
    any_unicode: bool = False  # UTF-16 and a byte order mark are read too, as some readers of JSON do
    case_of: str = "unicode"  # or: ascii, as databases lower-case
    space_of: str = "unicode"  # or: spaces, as databases trim
    email_check: str = "simple"  # or: strict; with email_syntax=checked
    largest_body: int = 1_000_000

    # Style: how the server is run.
    refuse_every: int = 0  # 429 for every so-manieth request
    retry_after: str = "0"  # seconds; date: a date; empty: no such header
    close_connections: bool = False
    delay: float = 0.0
    seeded: bool = False

    def of(self, name: str) -> str:
        """What is true of a point that may be left to another one."""
        value: str = getattr(self, name)
        return value or self.of(LIKE[name])

    def assumptions(self) -> dict[str, str]:
        """What is true of this deployment, by the names of openapi.yaml: what an observer ought to find, if anything."""
        names = [field.name for field in fields(self)]
        values = {name.replace("_", "-"): self.of(name) for name in names[: names.index("ids")]}
        if self.error_format not in {"problem", "detail"}:
            del values["error-format"]
        return values


LIKE = {
    "floating_success_status": "success_status",
    "foreign_partner": "foreign_id",
    "foreign_partner_in_role_change": "foreign_id",
    "unknown_partner_in_role_change": "unknown_partner",
    "unknown_properties_in_create": "unknown_properties",
    "unknown_properties_in_patch": "unknown_properties",
    "unknown_properties_in_role_change": "unknown_properties",
    "email_syntax_in_create": "email_syntax",
    "email_syntax_in_patch": "email_syntax",
    "blank_email_in_create": "blank_email",
    "blank_email_in_patch": "blank_email",
    "nul_characters_in_create": "nul_characters",
    "nul_characters_in_patch": "nul_characters",
    "floating_points_that_meet": "points_that_meet",
    "modified_when_assigned": "modified_when_new",
    "modified_when_assigned_again": "modified_when_unchanged",
    "modified_when_role_unchanged": "modified_when_unchanged",
    "modified_when_found": "modified_when_unchanged",
    "modified_when_known": "modified_when_unchanged",
}


def _assumed(name: str, *choices: str) -> dict[str, Variant]:
    """One variant per choice, named `assumption=choice`."""
    return {f"{name}={choice}": Variant(**{name.replace("-", "_"): choice}) for choice in choices}


ANOTHER_STYLE = Variant(
    ids="uuid",
    time_zone="+00:00",
    time_digits=3,
    object_names=("InternalContact", "InternalContactAssignment"),
    extra_properties=True,
    extra_headers=True,
    key_order="sorted",
    ascii_only=True,
    content_type="application/json; charset=utf-8",
)

VARIANTS: dict[str, Variant] = {
    "default": Variant(),
    # one assumption each
    **_assumed("success-status", "created", "by-outcome"),
    **_assumed("missing-token-status", "403"),
    **_assumed("foreign-id", "forbidden"),
    **_assumed("invalid-status", "400"),
    **_assumed("malformed-status", "422"),
    **_assumed("media-type-status", "400", "422"),
    **_assumed("error-format", "detail", "error", "errors", "text", "html", "empty"),
    **_assumed("existing-contact", "fill", "merge", "patch", "replace"),
    **_assumed("duplicate-assignment", "reuse", "conflict"),
    **_assumed("second-role", "update", "conflict"),
    **_assumed("email-case", "ignore", "lower", "lower-domain"),
    **_assumed("email-space", "ignore", "trim"),
    **_assumed("email-syntax", "checked", "trimmed"),
    **_assumed("blank-email", "refuse"),
    **_assumed("unknown-partner", "accept"),
    **_assumed("unknown-properties", "refuse"),
    **_assumed("remote-id", "generated"),
    **_assumed("modified-when-new", "created"),
    **_assumed("floating-assignment", "update"),
    **_assumed("derived-name", "when-created", "when-stored", "when-shown"),
    **{
        f"derived-name={choice}, also for an empty one": Variant(derived_name=choice, empty_name_is_none=True)
        for choice in ("when-created", "when-shown")
    },
    **_assumed("old-email", "remembered"),
    **_assumed("known-email", "conflict", "fill", "merge", "patch", "replace"),
    **_assumed("duplicate-floating-assignment", "reuse", "conflict"),
    **_assumed("second-floating-role", "update", "conflict"),
    **_assumed("role-change-duplicate", "conflict"),
    **_assumed("floating-assignment-in-role-change", "accept"),
    **_assumed("null-in-patch", "ignore"),
    **_assumed("null-email", "ignore", "clear"),
    **_assumed("empty-email", "accept"),
    **_assumed("empty-patch", "refuse"),
    **_assumed("modified-when-unchanged", "now"),
    "modified-when-unchanged=when-sent": Variant(
        modified_when_unchanged="when-sent", modified_when_role_unchanged="kept", modified_when_assigned_again="kept"
    ),
    **{
        f"null-in-patch=ignore, modified-when-unchanged={choice}": Variant(
            null_in_patch="ignore",
            null_email="ignore",
            modified_when_unchanged=choice,
            modified_when_found="kept",
            modified_when_known="kept",
            modified_when_role_unchanged="kept",
            modified_when_assigned_again="kept",
        )
        for choice in ("when-taken", "when-sent", "now")
    },
    **_assumed("floating-success-status", "created"),
    **_assumed("foreign-partner", "forbidden"),
    **_assumed("foreign-partner-in-role-change", "forbidden"),
    **_assumed("unknown-properties-in-patch", "refuse"),
    **_assumed("unknown-properties-in-role-change", "refuse"),
    **_assumed("email-syntax-in-create", "checked"),
    "email-syntax-of-one-post-alone": Variant(
        email_syntax="checked", email_syntax_in_create="any", unknown_properties="refuse", unknown_properties_in_create="ignore"
    ),
    **_assumed("unknown-properties-in-create", "refuse"),
    **_assumed("blank-email-in-create", "refuse"),
    **_assumed("nul-characters-in-create", "accept"),
    **_assumed("email-syntax-in-patch", "checked"),
    **_assumed("blank-email-in-patch", "refuse"),
    **_assumed("nul-characters-in-patch", "accept"),
    **_assumed("modified-when-assigned", "created"),
    **_assumed("modified-when-role-unchanged", "now"),
    "floating-roles-by-any-path": Variant(floating_assignment_in_role_change="accept", unknown_partner_in_role_change="accept"),
    "modified-when-found=now": Variant(existing_contact="merge", modified_when_found="now"),
    "modified-when-found=when-sent": Variant(existing_contact="patch", modified_when_found="when-sent"),
    "modified-when-known=now": Variant(known_email="replace", modified_when_known="now"),
    "modified-when-known=when-sent": Variant(known_email="merge", modified_when_known="when-sent"),
    **_assumed("nul-characters", "accept"),
    # assumptions that meet: an equal assignment is one of the same contact and partner too
    "second-role=update, points-that-meet=next": Variant(second_role="update", points_that_meet="next"),
    "second-role=conflict, points-that-meet=next": Variant(second_role="conflict", points_that_meet="next"),
    "floating-assignment=update, points-that-meet=next": Variant(floating_assignment="update", points_that_meet="next"),
    "second-floating-role=update, points-that-meet=next": Variant(second_floating_role="update", points_that_meet="next"),
    "second-floating-role=conflict, points-that-meet=next": Variant(second_floating_role="conflict", points_that_meet="next"),
    "one-assignment-per-partner": Variant(duplicate_assignment="reuse", second_role="update"),
    "one-assignment-per-partner-conflict": Variant(duplicate_assignment="conflict", second_role="conflict"),
    "one-floating-assignment": Variant(duplicate_floating_assignment="reuse", second_floating_role="update"),
    # one matter of style each
    "ids-uuid": Variant(ids="uuid"),
    "ids-sequence": Variant(ids="sequence"),
    "times-seconds": Variant(time_digits=0),
    "times-milliseconds": Variant(time_digits=3),
    "times-nanoseconds": Variant(time_digits=9),
    "times-zero-offset": Variant(time_zone="+00:00"),
    "times-east": Variant(time_zone="+02:00", time_digits=3),
    "times-west-half-hour": Variant(time_zone="-05:30"),
    "other-object-names": Variant(object_names=("Person", "Role")),
    "extra-properties": Variant(extra_properties=True),
    "extra-headers": Variant(extra_headers=True),
    "keys-sorted": Variant(key_order="sorted"),
    "keys-reversed": Variant(key_order="reversed"),
    "ascii-json": Variant(ascii_only=True),
    "indented-json": Variant(indented=True),
    "charset": Variant(content_type="application/json; charset=utf-8"),
    "compressed": Variant(compressed=True),
    "syntax-before-token": Variant(order=("syntax", "token", "body", "path")),
    "path-before-body": Variant(order=("token", "path", "body")),
    "no-challenge": Variant(challenge=False),
    "malformed-id-404": Variant(ids="uuid", malformed_id_status=404),
    "malformed-id-422": Variant(ids="uuid", malformed_id_status=422),
    "malformed-id-400": Variant(ids="uuid", malformed_id_status=400),
    "undocumented-method-404": Variant(undocumented_method_status=404),
    "json-subtypes": Variant(json_subtypes=True),
    "any-unicode": Variant(any_unicode=True),
    "empty-body-invalid": Variant(empty_body="invalid"),
    "email-trim-spaces": Variant(email_space="trim", space_of="spaces"),
    "email-case-ascii": Variant(email_case="ignore", case_of="ascii"),
    "email-lower-ascii": Variant(email_case="lower", case_of="ascii"),
    "email-strict": Variant(email_syntax="checked", email_check="strict", blank_email="refuse", email_case="lower-domain"),
    "small-bodies": Variant(largest_body=16_384),
    "rate-limited": Variant(refuse_every=20),
    "rate-limited-one-second": Variant(refuse_every=60, retry_after="1"),
    "rate-limited-date": Variant(refuse_every=60, retry_after="date"),
    "rate-limited-without-hint": Variant(refuse_every=40, retry_after=""),
    "closing-connections": Variant(close_connections=True),
    "slow": Variant(delay=0.02),
    "seeded": Variant(seeded=True),
    # several at once
    "another-style": ANOTHER_STYLE,
    "upsert": Variant(
        success_status="by-outcome",
        existing_contact="merge",
        known_email="merge",
        duplicate_assignment="reuse",
        duplicate_floating_assignment="reuse",
        second_role="update",
        second_floating_role="update",
        floating_assignment="update",
        email_case="lower",
        email_space="trim",
        email_syntax="trimmed",
        blank_email="refuse",
    ),
    "upsert-in-another-style": replace(
        ANOTHER_STYLE,
        success_status="by-outcome",
        existing_contact="patch",
        known_email="patch",
        duplicate_assignment="reuse",
        duplicate_floating_assignment="reuse",
        email_case="ignore",
        email_space="ignore",
        modified_when_new="created",
        modified_when_unchanged="now",
        modified_when_found="when-sent",
        modified_when_known="kept",
        remote_id="generated",
        derived_name="when-shown",
        seeded=True,
    ),
    "everything-conflicts": Variant(
        success_status="created",
        duplicate_assignment="conflict",
        second_role="conflict",
        known_email="conflict",
        duplicate_floating_assignment="conflict",
        second_floating_role="conflict",
        role_change_duplicate="conflict",
        foreign_id="forbidden",
        error_format="error",
    ),
    "strict": Variant(
        invalid_status="400",
        email_syntax="checked",
        blank_email="refuse",
        unknown_properties="refuse",
        empty_patch="refuse",
        order=("token", "path", "body"),
        ids="uuid",
        malformed_id_status=400,
        error_format="detail",
    ),
    "lenient": Variant(
        unknown_partner="accept",
        floating_assignment_in_role_change="accept",
        null_email="clear",
        empty_email="accept",
        nul_characters="accept",
        json_subtypes=True,
        error_format="empty",
    ),
    "many-statuses": Variant(
        success_status="created",
        missing_token_status="403",
        foreign_id="forbidden",
        invalid_status="400",
        malformed_status="422",
        media_type_status="400",
        error_format="text",
        challenge=False,
        order=("syntax", "token", "body", "path"),
    ),
    "framework-defaults": Variant(
        success_status="created",
        missing_token_status="403",
        malformed_status="422",
        media_type_status="422",
        error_format="detail",
        empty_body="invalid",
        ids="uuid",
        modified_when_new="created",
        modified_when_unchanged="now",
        order=("syntax", "token", "body", "path"),
        json_subtypes=True,
        any_unicode=True,
        challenge=False,
    ),
    "old-stack": Variant(
        ids="sequence",
        time_digits=0,
        time_zone="+02:00",
        modified_when_new="created",
        derived_name="when-created",
        email_case="ignore",
        case_of="ascii",
        email_space="trim",
        space_of="spaces",
        null_in_patch="ignore",
        null_email="ignore",
        ascii_only=True,
        content_type="application/json;charset=UTF-8",
        error_format="html",
        close_connections=True,
        undocumented_method_status=404,
    ),
    "behind-a-gateway": replace(
        ANOTHER_STYLE,
        refuse_every=25,
        compressed=True,
        close_connections=True,
        largest_body=65_536,
        indented=True,
        error_format="errors",
        seeded=True,
    ),
}

DEBATABLE: dict[str, Variant] = {
    # No document forbids them, and no choice of openapi.yaml names them: what is made of them is the reader's decision.
    "missing-token-404": Variant(missing_token_status="404", challenge=False),
    "success-202": Variant(success_status="accepted"),
    "media-type-406": Variant(media_type_status="406"),
}
