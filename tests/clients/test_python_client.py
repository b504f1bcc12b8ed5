"""A client that openapi-python-client makes of openapi.yaml works against the mock."""

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from places import PARTNER_API


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Generate the client and yield what imports a module of it."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "config.yaml").write_text("post_hooks: []\n")  # it is not to be formatted
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", PARTNER_API, "--config", "config.yaml"]
    command += ["--meta", "none", "--output-path", "partner_client", "--fail-on-warning"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield lambda name: importlib.import_module(f"partner_client.{name}")


def test_a_python_client_works(generated: Callable[[str], Any], serve: Callable[..., Any]) -> None:
    served = serve()
    add = generated("api.internal_contacts.add_internal_contact")
    change_role = generated("api.internal_contacts.change_assignment_role")
    update = generated("api.internal_contacts.update_internal_contact")
    models = generated("models")
    person = models.InternalContactWithRole(email="ada@acme.example", internal_role=models.Role.CSM, given_name="Ada")

    with generated("client").AuthenticatedClient(base_url=served.url, token="acme-token") as client:
        first = add.sync("ptn_northwind", client=client, body=person)
        second = add.sync("ptn_contoso", client=client, body=person)
        promoted = change_role.sync("ptn_contoso", second.id, client=client, body=models.RoleChange(models.Role.LEAD))
        change = models.InternalContactUpdate(job_title="Head of Customer Success")
        updated = update.sync(first.internal_contact.id, client=client, body=change)
        nowhere = add.sync_detailed("ptn_nobody", client=client, body=person)

    assert isinstance(first, models.InternalContactAssignment)
    assert first.internal_contact.id == second.internal_contact.id
    assert first.id != second.id
    assert (first.internal_contact.given_name, first.modified_at) == ("Ada", None)
    assert (promoted.id, promoted.internal_role) == (second.id, models.Role.LEAD)
    assert updated.job_title == "Head of Customer Success"
    assert (nowhere.status_code, type(nowhere.parsed)) == (404, models.Problem)


def test_a_python_client_understands_a_refusal(generated: Callable[[str], Any], serve: Callable[..., Any]) -> None:
    served = serve()
    create = generated("api.internal_contacts.create_internal_contact")
    models = generated("models")
    nameless = models.InternalContactWithRole(email="", internal_role=models.Role.CSM)

    with generated("client").AuthenticatedClient(base_url=served.url, token="acme-token") as client:
        refused = create.sync(client=client, body=nameless)

    assert isinstance(refused, models.Problem)
    assert refused.status == 422
    assert [violation.pointer for violation in refused.violations] == ["/email"]
