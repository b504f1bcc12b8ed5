"""Every option of the mock server and its default, once. The command line and `MOCK_SERVER_*` variables fill it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_server.contract.bundled import bundled

if TYPE_CHECKING:
    from mock_server.contract.documents.mounting import Mount

LOG_LEVELS = ("debug", "info", "warning", "error")


def option(help: str, default: Any, **flags: Any) -> Any:
    """Return a settings field with the text and the flags of its command-line option."""
    return field(default=default, metadata={"help": help, **flags})


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `mock-server serve`."""

    document: Path | None = option("an OpenAPI document or overlay (default: the bundled partner API)", None, positional=True)
    mount: tuple[str, ...] = option(
        "also serve this document, beneath a path of its own; may be repeated", (), metavar="[/PATH=]FILE"
    )
    host: str = option("the address to listen on", "127.0.0.1", metavar="ADDRESS")
    port: int = option("the port to listen on; 0 selects a free one", 4010, metavar="N", short="-p")
    infer: bool = option("keep state for operations that look like CRUD and declare no behaviour", False)
    strict: bool = option("refuse a document with mistakes, or with anything that is not supported", False)
    seed: Path | None = option("the fixtures to start from; the bundled document has bundled ones", None)
    profile: Path | None = option("a profile: a file of choices for assumptions", None)
    assume: tuple[str, ...] = option("choose for one assumption; may be repeated", (), metavar="NAME=CHOICE")
    random_seed: int | None = option("generate the same ids in every run", None, metavar="N")
    freeze_time: datetime | None = option("freeze the clock at this time (RFC 3339)", None, metavar="TIME")
    any_token: bool = option("accept any credential, for the first organization", False)
    token_endpoint: bool = option(
        "issue OAuth 2 tokens at the paths of all token URLs of the document, also of those on other hosts", False
    )
    max_body_size: int = option("reject larger bodies with 413; in bytes", 1_048_576, metavar="N")
    cors_origin: tuple[str, ...] = option(
        "also allow pages of this origin to call the mock (* allows all); may be repeated", (), metavar="ORIGIN"
    )
    no_cors: bool = option("do not allow pages of other origins to call the mock", False)
    journal_size: int = option("how many exchanges to keep in the journal", 1000, metavar="N")
    journal_body_size: int = option("keep only the size of larger bodies in the journal, in bytes", 65_536, metavar="N")
    faults: Path | None = option("a file of faults to inject", None)
    allow_webhooks: tuple[str, ...] = option(
        "also send webhooks to this host; without it, only to this machine; may be repeated", (), metavar="HOST"
    )
    no_admin: bool = option("disable the control API and the console under /__admin", False)
    admin_token: str | None = option(
        "require this bearer token for the control API, and accept it from any machine", None, metavar="TOKEN"
    )
    reload: bool = option("reload the files when they change", False)
    log_level: str = option("how much to log; info logs every exchange", "info", choices=LOG_LEVELS)

    @property
    def documents(self) -> tuple[Mount, ...]:
        """The documents to serve; raise `ValueError` for a path that is none."""
        from mock_server.contract.documents.mounting import (
            Mount,  # not for --help, which needs nothing that has to be installed
        )

        document = None if self.is_bundled else self.document
        first = [Mount(bundled("openapi.yaml"))] if self.is_bundled else [Mount(document)] if document else []
        return (*first, *map(Mount.from_text, self.mount))

    @property
    def is_bundled(self) -> bool:
        """Whether the bundled document is served, as no other one is named."""
        return self.document is None and not self.mount

    @property
    def seed_path(self) -> Path | None:
        """The fixtures to start from; None for a document of the user's own without any."""
        return self.seed or (bundled("fixtures") / "default.yaml" if self.is_bundled else None)
