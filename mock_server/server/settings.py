"""Every option of the mock server and its default, once. The command line and `MOCK_SERVER_*` variables fill it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mock_server.contract.bundled import bundled

LOG_LEVELS = ("debug", "info", "warning", "error")


def option(help: str, default: Any, **flags: Any) -> Any:
    """Return a settings field with the text and the flags of its command-line option."""
    return field(default=default, metadata={"help": help, **flags})


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `mock-server serve`."""

    document: Path | None = option("the OpenAPI document; without it, the bundled partner API", None, positional=True)
    host: str = option("the address to listen on", "127.0.0.1", metavar="ADDRESS")
    port: int = option("the port to listen on; 0 takes any free one", 4010, metavar="N", short="-p")
    seed: Path | None = option("the fixtures to start from; without it, the bundled ones for the bundled document", None)
    profile: Path | None = option("a file that makes choices for assumptions", None)
    assume: tuple[str, ...] = option("make one choice; may be repeated", (), metavar="NAME=CHOICE")
    random_seed: int | None = option("make the same ids in every run", None, metavar="N")
    freeze_time: datetime | None = option("answer with this time (RFC 3339) instead of the clock's", None, metavar="TIME")
    any_token: bool = option("let every bearer token act for the first organization", False)
    max_body_size: int = option("refuse larger bodies with 413; bytes", 1_048_576, metavar="N")
    cors_origin: tuple[str, ...] = option(
        "let pages of this origin call the mock, besides those of local ones; may be repeated; * for all", (), metavar="ORIGIN"
    )
    no_cors: bool = option("let no page of another origin call the mock", False)
    journal_size: int = option("how many exchanges to remember", 1000, metavar="N")
    journal_body_size: int = option("of larger bodies remember the size alone; bytes", 65_536, metavar="N")
    faults: Path | None = option("a file that says what is to go wrong", None)
    no_admin: bool = option("serve neither the control API nor the console, which are under /__admin", False)
    admin_token: str | None = option(
        "let whoever sends this bearer token use the control API, from any machine, and nobody else", None, metavar="TOKEN"
    )
    reload: bool = option("read the files again when they change", False)
    log_level: str = option("how much to tell: info tells every exchange", "info", choices=LOG_LEVELS)

    @property
    def document_path(self) -> Path:
        """The document to serve."""
        return self.document or bundled("openapi.yaml")

    @property
    def seed_path(self) -> Path | None:
        """The fixtures to start from; None for a document of the user's own without any."""
        return self.seed or (bundled("fixtures") / "default.yaml" if self.document is None else None)
