"""Every option of `contract-tests` and its default, once. The command line and the pytest plugin fill it.

The plugin reads it whenever pytest starts: nothing heavy is imported before a run needs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract_tests.runner.settings import BUDGETS, RunSettings
from contract_tests.transport.wire import MOST_CONNECTIONS

if TYPE_CHECKING:
    from contract_tests.cli.logging_in import Noted
    from contract_tests.transport.wire import Target
    from mock_server.contract.behaviours.profile import Choice
    from mock_server.contract.files.source import Json
    from mock_server.contract.model import Contract

RUN, CLEAN = frozenset({"run"}), frozenset({"clean"})
BOTH = frozenset({"run", "observe"})
ALL = BOTH | CLEAN


def option(help: str, default: Any, commands: frozenset[str] = BOTH, **flags: Any) -> Any:
    """Return an options field with the text and the flags of its command-line option."""
    return field(default=default, repr=not flags.get("secret"), metadata={"help": help, "commands": commands, **flags})


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `contract-tests run`, `observe` and `clean`."""

    document: Path | None = option("the OpenAPI document (default: the bundled partner API)", None, ALL, positional=True)
    url: str = option("the base URL of the target", "", ALL, metavar="URL")
    token: str = option(
        "a credential for the target: a token, an API key, or user:password", "", ALL, metavar="TOKEN", secret=True
    )
    other_token: str = option(
        "a token of another organization, to check that the two are isolated", "", ALL, metavar="TOKEN", secret=True
    )
    login: str = option(
        "the body of a valid login, as JSON; without --token, its token is used", "", ALL, metavar="BODY", secret=True
    )
    other_login: str = option("the same for the other organization", "", ALL, metavar="BODY", secret=True)
    user: str = option("the id of the user whose token it is, where the document asks for it", "", ALL, metavar="ID")
    other_user: str = option("the same for the other organization", "", ALL, metavar="ID")
    expired_token: str = option("a token that the target must reject", "", metavar="TOKEN", secret=True)
    known: tuple[str, ...] = option(
        "an existing record of a resource that no operation creates; may be repeated", (), metavar="RESOURCE=ID"
    )
    other_known: tuple[str, ...] = option("the same for the other organization; may be repeated", (), metavar="RESOURCE=ID")
    profile: Path | None = option("the profile to compare the target with (default: the defaults of the document)", None)
    profile_out: Path | None = option("write what was observed as a profile for the mock", None)
    overlay_out: Path | None = option(
        "write what was observed into an overlay: that of the document, or one beside it", None, frozenset({"observe"})
    )
    budget: str = option("how much to test", "standard", RUN, choices=tuple(BUDGETS))
    max_requests: int | None = option("send at most this many requests", None, metavar="N")
    max_seconds: float | None = option(
        "send nothing after this many seconds; 0 is no limit (default: 15 for quick; on a local target, 60 for standard)",
        None,
        metavar="SECONDS",
        may_be_zero=True,
    )
    rate: float | None = option("send at most this many requests per second", None, ALL, metavar="N")
    concurrency: int | None = option(
        "send requests that do not depend on each other over this many connections (default: 4 to a local target, 1 to others)",
        None,
        metavar="N",
    )
    timeout: float = option(
        "how many seconds a request may take, from the connection to the end of the response", 10.0, ALL, metavar="SECONDS"
    )
    races: bool | None = option("whether to send simultaneous requests (default: only to a local target)", None, RUN)
    thorough_methods: bool = option(
        "try undocumented methods, and the token in other places (default: only on a local target)", False, RUN
    )
    ca_bundle: Path | None = option("trust the certificates in this file", None, ALL)
    insecure: bool = option("trust any certificate", False, ALL)
    random_seed: int = option("select the random sequences; the same seed repeats them", 0, metavar="N")
    report: tuple[Path, ...] = option("write a report: .html, .md, .json or .xml (JUnit); may be repeated", (), metavar="FILE")
    ledger: Path | None = option("append what the run creates to this file; `clean` deletes what it names", None, ALL)
    strict: bool = option("exit with 3 if the target conforms but differs from the profile", False, RUN)
    plan: bool = option("print what would be sent, and send nothing", False)
    dry_run: bool = option("print what would be deleted, and delete nothing", False, CLEAN)

    @property
    def document_path(self) -> Path:
        """The document to hold the target to."""
        from mock_server.contract.bundled import bundled

        return self.document or bundled("openapi.yaml")

    def settings(self, contract: Contract, *, observe: bool = False, is_logged_in: bool = False) -> RunSettings:
        """Return what a run is asked to do; raise `ValueError` or `FlawedInput` with what is wrong.

        `is_logged_in` tells that the tokens are those that the logins were answered with.
        """
        from contract_tests.cli.logging_in import of_user, with_account
        from contract_tests.transport.tenants import Tenant

        noun = contract.schemes[0].noun
        article = "an" if noun[0] in "AEIOUaeiou" else "a"
        if not self.token and contract.secured:
            raise ValueError(f"the document requires {article} {noun}: use --token or set CONTRACT_TESTS_TOKEN")
        for name in ("token", "other_token", "expired_token"):
            if not re.fullmatch("[!-~]*", getattr(self, name)):
                option = name.replace("_", "-")
                raise ValueError(f"--{option} is not {article} {noun}: it must be visible ASCII characters without spaces")
        if self.concurrency is not None and not 1 <= self.concurrency <= MOST_CONNECTIONS:
            raise ValueError(f"--concurrency must be between 1 and {MOST_CONNECTIONS}, not {self.concurrency}")
        if self.token and self.token == self.other_token:
            raise ValueError("--token and --other-token are the same; the second must belong to another organization")
        whose = {"is_whose_token": is_logged_in}
        first = of_user(Tenant("organization", self.token, read_known(contract, self.known)), "user", self.user, contract)
        tenants = [with_account(first, "login", self.login, contract, **whose)]
        shared = {name: ids for name, ids in tenants[0].known.items() if not contract.resources[name].owned}
        if self.other_token:
            known = {**shared, **read_known(contract, self.other_known)}
            other = of_user(Tenant("other organization", self.other_token, known), "other-user", self.other_user, contract)
            tenants.append(with_account(other, "other-login", self.other_login, contract, **whose))
        elif self.other_known:
            raise ValueError("--other-known names records of another organization; pass its token too, with --other-token")
        return RunSettings(
            tenants=tuple(tenants),
            expired_token=self.expired_token,
            budget=BUDGETS[self.budget],
            profile={name: entry.choice for name, entry in self.choices(contract).items()},
            random_seed=self.random_seed,
            max_requests=self.max_requests,
            max_seconds=self._seconds(observe=observe),
            rate=self.rate,
            concurrency=self.concurrency,
            races=self.races,
            undocumented_methods=True if self.thorough_methods else None,
            only="assumptions" if observe else "everything",
        )

    def _seconds(self, *, observe: bool) -> float | None:
        """Return for how many seconds a run may send; None is no limit."""
        if self.max_seconds is not None or observe:
            return self.max_seconds or None
        from contract_tests.transport.targets import is_local  # the suite's options are read without what sends

        budget = BUDGETS[self.budget]
        return budget.seconds if not self.url or is_local(urlsplit(self.url).hostname or "") else budget.remote_seconds

    def logged_in(self, contract: Contract, target: Target, note: Noted = lambda *login: None) -> Options:
        """Return the options with the tokens that the logins are answered with, where they have none of their own."""
        from contract_tests.cli.logging_in import token_of_login

        if self.token or not self.login:
            return self
        token = token_of_login("login", self.login, contract, target, note)
        other = self.other_token
        if self.other_login and not other:
            other = token_of_login("other-login", self.other_login, contract, target, note)
        return replace(self, token=token, other_token=other)

    def choices(self, contract: Contract) -> Mapping[str, Choice]:
        """Return the profile in use."""
        from mock_server.contract.behaviours.profile import read_choices

        return read_choices(contract.assumptions, self.profile, ())


def read_known(contract: Contract, pairs: Iterable[str]) -> dict[str, tuple[Json, ...]]:
    """Return known ids by resource; raise `ValueError` with what is wrong and what would be right."""
    from mock_server.contract.files.flaws import did_you_mean, piece

    known: dict[str, tuple[Json, ...]] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not text:
            raise ValueError(f"{piece(pair)} is not RESOURCE=ID")
        resource = contract.resources.get(name)
        if resource is None:
            raise ValueError(f"{piece(name)} is not a resource of the contract; {did_you_mean(name, contract.resources)}")
        is_number = "string" not in resource.fields[resource.id].schema.types
        if is_number and not text.isdecimal():
            raise ValueError(f"{piece(text)} is not the id of a {name}, which is a whole number")
        known[name] = (*known.get(name, ()), int(text) if is_number else text)
    return known
