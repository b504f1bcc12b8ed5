"""The mock serves with any uvicorn and httptools: on its short way with those that it knows, as any ASGI application with others."""

from __future__ import annotations

import logging

import httptools
import pytest
import uvicorn

import mock_server
from mock_server.server.compatibility import http_protocol
from mock_server.server.protocol import Protocol

PATH = "/v2/partners/ptn_northwind/internal-contacts"
ADA = {"email": "ada@acme.example", "internal_role": "csm"}
PACKAGES = {"uvicorn": uvicorn, "httptools": httptools}


def test_the_installed_versions_are_known():
    warnings: list[str] = []

    assert http_protocol(warnings.append) is Protocol
    assert warnings == []


@pytest.mark.parametrize(
    ("package", "version", "known"),
    [
        ("uvicorn", "0.34.0", True),
        ("uvicorn", "0.34.3", True),
        ("uvicorn", "0.54.9", True),
        ("uvicorn", "0.33.9", False),
        ("uvicorn", "0.55.0", False),
        ("uvicorn", "1.0", False),
        ("uvicorn", "0.dev", False),
        ("httptools", "0.6.4", True),
        ("httptools", "0.10.0", False),
        ("httptools", "", False),
    ],
)
def test_a_version_is_known_or_warned_of_in_one_line(monkeypatch, package, version, known):
    monkeypatch.setattr(PACKAGES[package], "__version__", version)
    warnings: list[str] = []

    assert (http_protocol(warnings.append) is Protocol) == known
    assert len(warnings) == (not known)
    assert all(f"with {package} {version} it answers more slowly" in line and "\n" not in line for line in warnings)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_server_of_an_unknown_version_says_so_once_and_answers(serve, tmp_path, package):
    (tmp_path / "sitecustomize.py").write_text(f'import {package}\n{package}.__version__ = "0.99.0"\n')
    served = serve(environment={"PYTHONPATH": str(tmp_path)})
    with served.client() as client:
        answers = [client.post(PATH, json=ADA) for _ in range(2)]
        nothing = client.post(PATH, json={})
        head = client.head(PATH)

    assert [answer.status_code for answer in (*answers, nothing, head)] == [200, 200, 422, 405]
    assert len({answer.json()["internal_contact"]["id"] for answer in answers}) == 1
    served.wait_for(f"with {package} 0.99.0 it answers more slowly")
    assert sum("it answers more slowly" in line for line in served.errors) == 1


def test_the_versions_of_this_environment_are_not_warned_of(serve):
    served = serve()
    with served.client() as client:
        client.post(PATH, json=ADA)
    served.wait_for("POST")

    assert not any("more slowly" in line for line in served.errors)


def test_a_mock_in_a_thread_answers_with_an_unknown_version_too(monkeypatch, caplog):
    monkeypatch.setattr(uvicorn, "__version__", "0.99.0")
    with caplog.at_level(logging.WARNING, "mock_server"), mock_server.running() as server:
        assert server.client.post(PATH, json=ADA).status_code == 200
        assert len(server.requests) == 1

    assert [record.getMessage().count("uvicorn 0.99.0") for record in caplog.records] == [1]
