"""Whether anybody is there who can be judged: reached, with tokens that are accepted, and ids that are known."""

from __future__ import annotations

from contract_tests.oracle.judging import essence
from contract_tests.runner.known_ids import KnownIds
from contract_tests.runner.player import Sent
from contract_tests.runner.session import Session, Unjudged
from contract_tests.scenarios.builder import ScenarioBuilder, Unprovidable
from contract_tests.scenarios.signatures import Signature
from contract_tests.scenarios.templates import Scenario
from contract_tests.scenarios.undeclared_cases import UndeclaredCases
from contract_tests.transport.wire import WireResponse


def reach(session: Session) -> None:
    """Use every operation as it is meant; raise `Unjudged` where that shows that nothing can be judged."""
    sent: list[Sent] = []
    for tenant in range(len(session.subject.tenants)):
        answered = _answers(session, tenant, is_first=not sent)
        if answered and all(one.reply.status in (401, 403) for one in answered):
            whose = "the token of the other organization" if tenant else "the token"
            raise Unjudged(f"{whose} is rejected: every request returned {_listed(answered)}")
        sent += answered
    if not sent:
        raise Unjudged("nothing was checked: no operation of the document can be called with what is known")
    if not any(one.reply.is_success and not _is_page(one) for one in sent):
        raise Unjudged(_nothing_reached(session.target.name, sent))

    def last_reply(scenario: Scenario) -> WireResponse | None:
        sent = session.player.send_unjudged(scenario)
        return sent[-1].reply if sent and sent[-1].planned is scenario.requests[-1] else None

    if wrong := list(KnownIds(session.subject, last_reply).wrong()):
        raise Unjudged("; ".join(wrong))
    for name, ids in session.player.made.created.items():
        session.player.oracle.memory.ids.setdefault(name, {}).update(ids)


def _answers(session: Session, tenant: int, *, is_first: bool) -> list[Sent]:
    """Return what a tenant is answered; of one that is not the first, or where nothing is declared, one success is enough."""
    answered: list[Sent] = []
    declared = any(signature.operation.behaviour for signature in session.subject.signatures)
    for signature in session.subject.signatures if declared else session.subject.undeclared:
        if session.settings.is_narrow and signature.operation.id not in session.settings.operations:
            continue
        scenario = _as_meant(session, signature, tenant) if declared else _as_documented(session, signature)
        for sent in session.player.send_unjudged(scenario) if scenario else ():
            answered.append(sent)
            if sent.reply.trouble and is_first and len(answered) == 1:
                raise Unjudged(f"{session.target.name} is not reachable: {sent.reply.trouble}")
        if (tenant or not declared) and any(one.reply.is_success and not _is_page(one) for one in answered):
            break
    return answered


def _as_documented(session: Session, signature: Signature) -> Scenario:
    """Return how an operation may be called of which nothing more is known."""
    return UndeclaredCases(session.subject).documented(signature).scenario()


def _as_meant(session: Session, signature: Signature, tenant: int) -> Scenario | None:
    """Return how an operation is meant to be used; None where what it needs is not there."""
    builder = ScenarioBuilder(session.subject, str(signature.operation))
    try:
        builder.call(signature, "as it is meant, with what is required", tenant=tenant)
        builder.call(signature, "as it is meant, with everything", tenant=tenant, fill="full", variant=1)
    except Unprovidable:
        return None
    return builder.scenario()


def _is_page(sent: Sent) -> bool:
    """Say whether a reply is a web page where none is documented."""
    reply, response = sent.reply, sent.planned.operation.response(sent.reply.status)
    if response is not None and any(essence(media.type) == "text/html" for media in response.content):
        return False
    return essence(reply.header("content-type")) == "text/html" and reply.body.lstrip().startswith(b"<")


def _nothing_reached(target: str, sent: list[Sent]) -> str:
    replies = [one.reply for one in sent]
    if all(reply.trouble for reply in replies):
        return f"{target} returns no complete response: {replies[0].trouble}"
    if all(essence(reply.header("content-type")) == "text/html" for reply in replies if not reply.trouble):
        return f"{target} returns HTML, not API responses ({_listed(sent)}): is this its base URL?"
    return f"{target} accepted no valid request ({_listed(sent)})"


def _listed(sent: list[Sent]) -> str:
    counts: dict[int, int] = {}
    for one in sent:
        counts[one.reply.status] = counts.get(one.reply.status, 0) + 1
    return ", ".join(f"{status} ({count} times)" if count > 1 else str(status) for status, count in counts.items())
