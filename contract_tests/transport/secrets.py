"""Keeping secrets out of everything that is written: they are masked by value, wherever they stand."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote, quote_plus

from contract_tests.transport.decodings import views_of
from contract_tests.transport.tenants import Tenant
from contract_tests.transport.wire import Interaction, WireResponse

PREFIX = 8
"""How many characters of a token are sent to see that its beginning is not enough."""

SHORTEST = 4
"""Shorter texts are no secrets, and would be found everywhere."""

MOST_SHOWN = 500_000
"""How many bytes of a response are kept of a step: nobody reads more, and a hostile target may send megabytes of escapes."""

LONGEST_FORM = 36
"""How many bytes stand for one at most where it is escaped twice."""

BASIC = re.compile("(?i:(?<=basic ))[a-z0-9+/]+=*", re.IGNORECASE)
"""What stands behind the name of the scheme `basic`: a user name and a password in Base64, in which no secret is seen."""

ENCODED = "base64({})"
"""How such a credential is written where there are secrets in it."""


SCHEMES = "bearer|basic|digest|apikey"
"""Words that a credential follows."""


class Secrets:
    """Puts shell variables in place of tokens: `$TOKEN`, `$OTHER_TOKEN`, and what was made of them.

    They are found where they come back escaped as in JSON, in addresses or in HTML, in Base64 or in UTF-16. Secrets that are
    too short to be told from other text are masked only where they stand as credentials: behind the name of a scheme, or
    as the value of one of `names`, which are headers, parameters and members.
    """

    def __init__(
        self, tenants: Sequence[Tenant], expired_token: str = "", names: Iterable[str] = ("authorization", "cookie")
    ) -> None:
        variables = ["TOKEN", "OTHER_TOKEN", *[f"TOKEN_{number}" for number in range(3, len(tenants) + 1)]]
        tokens = {name: tenant.token for name, tenant in zip(variables, tenants, strict=False)}
        if expired_token:
            tokens["EXPIRED_TOKEN"] = expired_token
        self._masks: dict[str, str] = {}
        self._needles: dict[bytes, str] = {}
        self._names = frozenset(name.lower() for name in names)
        self._short: list[tuple[re.Pattern[str], str]] = []
        for name, token in tokens.items():
            if len(token) >= SHORTEST:
                self._hide(token[:-1], f"${{{name}%?}}")
                self._hide(token.upper(), f"${{{name}^^}}")
                self._hide(token.lower(), f"${{{name},,}}")
            if len(token) > PREFIX:
                self._hide(token[:PREFIX], f"${{{name}:0:{PREFIX}}}")
        for name, token in tokens.items():
            if len(token) >= SHORTEST:
                self._hide(token, f"${name}", is_whole=True)
            elif token:
                self._masks[token] = f"${name}"
                self._short.append((self._standing(token), rf"\g<1>${name}"))

    def learn(self, secret: object) -> None:
        """Mask what is handed out, or sent, in the course of a run as well."""
        if isinstance(secret, str) and len(secret) >= SHORTEST and secret not in self._masks:
            self._hide(secret, "$HANDED_OUT", is_whole=True)

    def mask(self, text: str) -> str:
        """Return `text` with every secret in it masked."""
        if "asic " in text or "ASIC " in text:
            text = BASIC.sub(self._mask_encoded, text)
        for pattern, mask in self._short:
            text = pattern.sub(mask, text)
        content = text.encode("utf-8", "surrogatepass")
        masked = self._without_secrets(content)
        return text if masked is content else masked.decode("utf-8", "surrogatepass")

    def _hide(self, secret: str, mask: str, *, is_whole: bool = False) -> None:
        """Have a text masked that is long enough; a whole secret in Base64 too."""
        if len(secret) < SHORTEST:
            return
        self._masks[secret] = mask
        content = secret.encode("utf-8", "surrogatepass")
        self._needles[content] = mask
        if is_whole:
            self._needles |= {core: ENCODED.format(mask) for core in cores_in_base64(content) if core not in self._needles}

    def _standing(self, token: str) -> re.Pattern[str]:
        """Return the pattern of a short token where it stands as a credential."""
        names = "|".join(map(re.escape, sorted(self._names)))
        forms = "|".join(sorted({re.escape(form) for form in (token, quote_plus(token), quote(token, safe=""))}))
        return re.compile(rf"""(\b(?i:(?:{SCHEMES})[ ]+|(?:{names})["']?\s*[:=]\s*["']?))(?:{forms})(?![A-Za-z0-9])""")

    def _mask_encoded(self, found: re.Match[str]) -> str:
        try:
            decoded = base64.b64decode(found[0], validate=True).decode()
        except ValueError:
            return found[0]
        masked = self._masks.get(decoded) or self.mask(decoded)
        return found[0] if masked == decoded else ENCODED.format(masked)

    def mask_bytes(self, content: bytes) -> bytes:
        """Return `content` with every secret in it masked."""
        for pattern, mask in self._short:
            content = pattern.sub(mask, content.decode("latin-1")).encode("latin-1")
        return self._without_secrets(content)

    def _without_secrets(self, content: bytes) -> bytes:
        """Return `content` with what is long enough to be a secret masked; where nothing is, `content` itself."""
        found: list[tuple[int, int, str]] = []
        for view in views_of(content):
            for needle, mask in self._needles.items():
                start = view.text.find(needle)
                while start >= 0:
                    found.append((*view.origin(start, start + len(needle)), mask))
                    start = view.text.find(needle, start + 1)
        if not found:
            return content
        pieces, at = list[bytes](), 0
        for start, end, mask in _apart(found):
            pieces += (content[at:start], mask.encode())
            at = end
        return b"".join((*pieces, content[at:]))

    def _mask_header(self, name: str, value: str) -> tuple[str, str]:
        """Return a header with every secret in it masked; in one that holds a credential, a short one is a secret too."""
        masked = self.mask(value)
        for token, mask in self._masks.items():
            if len(token) < SHORTEST and name.lower() in self._names:
                masked = re.sub(rf"(?:^|(?<=[ =])){re.escape(token)}(?=$|[;,\s])", lambda _, mask=mask: mask, masked)  # type: ignore[misc]
        return name, masked

    def _mask_shown(self, body: bytes) -> bytes:
        """Return as much of a body as anybody reads, with every secret in it masked, also one that is cut at the end."""
        if len(body) <= MOST_SHOWN:
            return self.mask_bytes(body)
        most = max(map(len, self._needles), default=0) * LONGEST_FORM
        masked = self.mask_bytes(body[: MOST_SHOWN + most])
        return masked[: max(0, len(masked) - most)] + f"… ({len(body):,} bytes in all)".encode()

    def mask_step(self, step: Interaction) -> Interaction:
        """Return a step with every secret in it masked."""
        call, reply = step.call, step.reply
        return Interaction(
            replace(
                call,
                path=self.mask(call.path),
                query=self.mask(call.query),
                headers=tuple(self._mask_header(name, value) for name, value in call.headers),
                body=self.mask_bytes(call.body),
            ),
            WireResponse(
                reply.status,
                tuple(self._mask_header(name, value) for name, value in reply.headers),
                self._mask_shown(reply.body),
                reply.sent_at,
                reply.received_at,
                self.mask(reply.trouble),
            ),
            step.note,
        )


def cores_in_base64(secret: bytes) -> Iterator[bytes]:
    """Yield what any text that holds a secret shows of it in Base64, at each of three places, in both alphabets."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret)
        core = encoded[-(-shift * 8 // 6) : (shift + len(secret)) * 8 // 6]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def _apart(found: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield spans that do not overlap, in order; those that do are one, with the mask of the longest."""
    found.sort(key=lambda one: (one[0], -one[1]))
    start, end, mask = found[0]
    longest = end - start
    for first, last, another in found[1:]:
        if first >= end:
            yield start, end, mask
            start, end, mask, longest = first, last, another, last - first
        elif last - first > longest:
            mask, longest = another, last - first
        end = max(end, last)
    yield start, end, mask
