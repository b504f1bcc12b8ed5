"""What the control API can do: one table, which is served and of which its OpenAPI document is made."""

from __future__ import annotations

from mock_server.server.control import (
    assumptions,
    canned_answers,
    clock,
    planned_faults,
    reference,
    requests,
    server,
    state,
    webhooks,
)

ENDPOINTS = (
    *state.ENDPOINTS,
    *requests.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *planned_faults.ENDPOINTS,
    *canned_answers.ENDPOINTS,
    *assumptions.ENDPOINTS,
    *clock.ENDPOINTS,
    *reference.ENDPOINTS,
    *server.ENDPOINTS,
)
