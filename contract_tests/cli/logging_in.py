"""Logging in before a run: what `--login` says, and the token that a target answers it with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from contract_tests.oracle.judging import read_body
from contract_tests.oracle.placeholders import unknown, unknown_id
from contract_tests.scenarios.issuers import Issuer, Login
from contract_tests.scenarios.subject import Subject
from contract_tests.scenarios.templates import FromResponse, PlannedRequest, Play, Unresolved, media_type_of
from contract_tests.transport.tenants import Account, Tenant
from contract_tests.transport.wire import Target, WireResponse
from mock_server.contract.files.flaws import piece
from mock_server.contract.files.source import Json
from mock_server.contract.model import Contract


def of_user(tenant: Tenant, option: str, text: str, contract: Contract) -> Tenant:
    """Return a tenant with the user whose token it has, as an option says; raise `ValueError` where that is of no use.

    Where the credential refers to users, this one is known to be there.
    """
    holders = [resource for resource in contract.resources.values() if resource.credential and resource.credential.user]
    if not text:
        return tenant
    if not holders:
        raise ValueError(f"--{option}: nothing in the document asks whose credential it is")
    resource = holders[0]
    field = (resource.credential.user if resource.credential else None) or ""
    is_number = "string" not in resource.fields[field].schema.types
    if is_number and not text.isdecimal():
        raise ValueError(f"--{option}: {piece(text)} is not the {field} of a {resource.name}, which is a whole number")
    user = int(text) if is_number else text
    name = resource.refers_to(field)
    known = {**tenant.known, name: tuple(dict.fromkeys([*tenant.known.get(name, ()), user]))} if name else tenant.known
    return replace(tenant, user=user, known=known)


def with_account(tenant: Tenant, option: str, text: str, contract: Contract, *, is_whose_token: bool) -> Tenant:
    """Return a tenant with somebody who can log in by the body that an option gives; raise `ValueError` where it is none.

    `is_whose_token` tells that the tenant's token is of that login.
    """
    accounts = []
    for _, login in _logins(contract, option, text) if text else ():
        name = login.resource.name
        id = next(iter(tenant.known.get(name, ())), unknown_id(name, option))
        body = _body(option, text)
        accounts.append(Account(name, id, {field: body[token] for token, field in login.fields.items()}))
    whose = next((one.id for one in accounts), None) if is_whose_token else unknown("the caller", tenant.name, "user")
    asks = any(resource.credential and resource.credential.user for resource in contract.resources.values())
    user = tenant.user if tenant.user is not None else whose
    return replace(tenant, accounts=tuple(accounts), user=user if asks and isinstance(user, (str, int)) else None)


Noted: TypeAlias = Callable[[str, PlannedRequest, Play, WireResponse], None]
"""Is told the token that a login was answered with, the request, and the response: a target may keep a record of it."""


def token_of_login(option: str, text: str, contract: Contract, target: Target, note: Noted) -> str:
    """Log in at a target and return the token that it hands out; raise `ValueError` where it hands none out."""
    issuer, _ = next(_logins(contract, option, text))
    operation = issuer.signature.operation
    planned = PlannedRequest(1, operation, "log in", body=_body(option, text), media_type=media_type_of(operation))
    play = Play("", 0, (Tenant("other organization" if option == "other-login" else "organization", ""),))
    reply = target.send(play.call(planned))
    play.note_reply(planned, reply, read_body(reply))
    try:
        token = str(play.resolve(FromResponse(1, issuer.shown[issuer.fields.secret])))
    except Unresolved:
        what = reply.trouble or f"the target returned {reply.status}"
        raise ValueError(f"--{option}: {operation} handed out no {issuer.scheme.noun}: {what}") from None
    note(token, planned, play, reply)
    return token


def _logins(contract: Contract, option: str, text: str) -> Iterator[tuple[Issuer, Login]]:
    """Yield the operations that log in by a body; raise `ValueError` where there are none."""
    body = _body(option, text)
    logins = [(one, one.login) for one in Subject.of(contract, ()).issuers if one.login is not None]
    fitting = [(issuer, login) for issuer, login in logins if login.fields.keys() <= body.keys()]
    if not fitting:
        wanted = " or ".join(f"{issuer.signature.operation}: {', '.join(login.fields)}" for issuer, login in logins)
        raise ValueError(f"--{option} lacks what an operation logs in by ({wanted or 'none of the document does'})")
    yield from fitting


def _body(option: str, text: str) -> Mapping[str, Json]:
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ValueError(f'--{option} is not the body of a login as JSON, such as {{"email": …, "password": …}}')
    return body
