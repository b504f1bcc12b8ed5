"""Signing messages, and telling whether a signature is right: Standard Webhooks, or a header of an API's own."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping

from mock_server.contract.behaviours.webhooks import SignatureForm

PREFIX = "whsec_"
"""What a secret begins with whose rest is base64 (https://www.standardwebhooks.com)."""


def signed_headers(signature: SignatureForm, secret: str, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers by which a receiver knows that a message comes from who has the secret."""
    words = {"id": id, "timestamp": str(timestamp)}
    before, _, after = signature.signed.partition("{body}")
    content = _filled(before, words).encode() + body + _filled(after, words).encode()
    digest = hmac.digest(_key(signature, secret), content, signature.algorithm.removeprefix("hmac-"))
    words |= {"hex": digest.hex(), "base64": base64.b64encode(digest).decode()}
    if signature.is_standard:
        return {"webhook-id": id, "webhook-timestamp": str(timestamp), signature.header: f"v1,{words['base64']}"}
    return {signature.header: _filled(signature.format, words)}


def is_signed(signature: SignatureForm, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Say whether a message with these headers, whose names are in lower case, is signed with the secret."""
    shown = headers.get(signature.header.lower(), "")
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not signature.is_standard:
        pattern = re.escape(signature.format).replace(r"\{timestamp\}", r"(?P<timestamp>\d+)", 1)
        found = re.fullmatch(re.sub(r"\\{(hex|base64|id|timestamp)\\}", ".*", pattern), shown)
        timestamp = (found.groupdict().get("timestamp") or timestamp) if found else timestamp
    if not re.fullmatch(r"\d{1,15}", timestamp or "0"):
        return False
    right = signed_headers(signature, secret, id, int(timestamp or "0"), body)[signature.header]
    several = shown.split(" ") if signature.is_standard else [shown]
    return any(hmac.compare_digest(right.encode(), one.encode()) for one in several)


def _key(signature: SignatureForm, secret: str) -> bytes:
    if signature.is_standard and secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass  # then it is a text like any other
    return secret.encode()


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), text)
