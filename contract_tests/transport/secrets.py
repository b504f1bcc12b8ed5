"""Keeping secrets out of everything that is written: they are masked by value, wherever they stand."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, quote_plus

from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import Interaction, WireResponse

PREFIX = 8
"""How many characters of a token are sent to see that its beginning is not enough."""

SHORTEST = 4
"""Shorter texts are no secrets, and would be found everywhere."""

BASIC = re.compile("(?i:(?<=basic ))[a-z0-9+/]+=*", re.IGNORECASE)
"""What stands behind the name of the scheme `basic`: a user name and a password in Base64, in which no secret is seen."""

ENCODED = "base64({})"
"""How such a credential is written where there are secrets in it."""


class Secrets:
    """Puts shell variables in place of tokens: `$TOKEN`, `$OTHER_TOKEN`, and what was made of them."""

    def __init__(self, tenants: Sequence[Tenant], expired_token: str = "") -> None:
        names = ["TOKEN", "OTHER_TOKEN", *[f"TOKEN_{number}" for number in range(3, len(tenants) + 1)]]
        tokens = {name: tenant.token for name, tenant in zip(names, tenants, strict=False)}
        if expired_token:
            tokens["EXPIRED_TOKEN"] = expired_token
        self._masks: dict[str, str] = {}
        for name, token in tokens.items():
            if len(token) < SHORTEST:
                continue
            self._masks[token[:-1]] = f"${{{name}%?}}"
            if len(token) > PREFIX:
                self._masks[token[:PREFIX]] = f"${{{name}:0:{PREFIX}}}"
            self._masks[token.upper()] = f"${{{name}^^}}"
            self._masks[token.lower()] = f"${{{name},,}}"
        for name, token in tokens.items():
            if token:
                self._masks |= dict.fromkeys((token, quote_plus(token), quote(token, safe="")), f"${name}")
        self._ordered = sorted(self._masks, key=len, reverse=True)

    def learn(self, secret: object) -> None:
        """Mask what is handed out, or sent, in the course of a run as well."""
        if isinstance(secret, str) and len(secret) >= SHORTEST and secret not in self._masks:
            self._masks |= dict.fromkeys((secret, quote_plus(secret), quote(secret, safe="")), "$HANDED_OUT")
            self._ordered = sorted(self._masks, key=len, reverse=True)

    def mask(self, text: str) -> str:
        """Return `text` with every secret in it masked."""
        if "asic " in text or "ASIC " in text:
            text = BASIC.sub(self._mask_encoded, text)
        for secret in self._ordered:
            if secret in text:
                text = text.replace(secret, self._masks[secret])
        return text

    def _mask_encoded(self, found: re.Match[str]) -> str:
        try:
            decoded = base64.b64decode(found[0], validate=True).decode()
        except ValueError:
            return found[0]
        masked = self.mask(decoded)
        return found[0] if masked == decoded else ENCODED.format(masked)

    def mask_bytes(self, content: bytes) -> bytes:
        """Return `content` with every secret in it masked."""
        for secret in self._ordered:
            content = content.replace(secret.encode(), self._masks[secret].encode())
        return content

    def mask_step(self, step: Interaction) -> Interaction:
        """Return a step with every secret in it masked."""
        call, reply = step.call, step.reply
        return Interaction(
            replace(
                call,
                path=self.mask(call.path),
                query=self.mask(call.query),
                headers=tuple((name, self.mask(value)) for name, value in call.headers),
                body=self.mask_bytes(call.body),
            ),
            WireResponse(
                reply.status,
                tuple((name, self.mask(value)) for name, value in reply.headers),
                self.mask_bytes(reply.body),
                reply.sent_at,
                reply.received_at,
                self.mask(reply.trouble),
            ),
            step.note,
        )
