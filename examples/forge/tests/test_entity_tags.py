"""Entity tags, which the vendor's package does not use, with a plain HTTP client."""

from __future__ import annotations

import httpx
import pytest


@pytest.fixture
def client(mock_server):
    with httpx.Client(base_url=f"{mock_server.url}/api/v4", headers={"PRIVATE-TOKEN": "ada-token"}) as client:
        yield client


@pytest.mark.parametrize("path", ["/projects/1", "/projects/1/issues/1"])
def test_what_has_not_changed_is_not_sent_again(client, path):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["ETag"].startswith('"')
    assert (again.status_code, again.content) == (304, b"")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(client):
    mine = theirs = client.get("/projects/1/issues/1").headers["ETag"]

    changed = client.put("/projects/1/issues/1", json={"title": "It is very slow"}, headers={"If-Match": theirs})
    refused = client.put("/projects/1/issues/1", json={"state_event": "close"}, headers={"If-Match": mine})

    assert (changed.status_code, refused.status_code) == (200, 412)
    assert list(refused.json()) == ["message"]
    now = client.get("/projects/1/issues/1", headers={"If-None-Match": mine})
    assert (now.status_code, now.json()["title"], now.json()["state"]) == (200, "It is very slow", "opened")
    assert now.headers["ETag"] == changed.headers["ETag"] != mine


def test_a_note_changes_the_tag_of_its_issue(client):
    tag = client.get("/projects/1/issues/1").headers["ETag"]
    client.post("/projects/1/issues/1/notes", json={"body": "Indeed"})

    assert client.get("/projects/1/issues/1", headers={"If-None-Match": tag}).status_code == 200


def test_what_has_changed_is_not_removed(client):
    tag = client.get("/projects/1").headers["ETag"]
    client.put("/projects/1", json={"description": "Changed"})

    assert client.delete("/projects/1", headers={"If-Match": tag}).status_code == 412
    assert client.delete("/projects/1").json() == {"message": "202 Accepted"}
