"""The application against the mock: nothing is started by hand, and nothing is to be cleaned up."""

from __future__ import annotations

import httpx
import pytest
from onboarding import Onboarding, Person

ADA = Person("ada@acme.example", "csm", "Ada")


@pytest.fixture
def onboarding(mock_server):
    application = Onboarding(mock_server.url, mock_server.token, pause=0)
    yield application
    application.close()


def test_a_person_is_introduced(onboarding, mock_server):
    onboarding.introduce(ADA, "ptn_northwind")

    (contact,) = mock_server.state.records("InternalContact", email="ada@acme.example")
    assert mock_server.state.records("InternalContactAssignment", internal_contact=contact["id"])[0]["internal_role"] == "csm"
    mock_server.requests.assert_requested(operation="addInternalContact", containing={"given_name": "Ada"}, times=1)


def test_a_person_may_be_introduced_twice(onboarding):
    onboarding.introduce(ADA, "ptn_northwind")
    onboarding.introduce(ADA, "ptn_northwind")


@pytest.mark.mock_server(assume={"duplicate-assignment": "conflict"})
def test_a_second_introduction_may_be_refused(onboarding):
    onboarding.introduce(ADA, "ptn_northwind")

    assert onboarding.introduce(ADA, "ptn_northwind") is None


def test_a_lead_is_promoted(onboarding, mock_server):
    onboarding.promote("ica_grace_northwind", "ptn_northwind")

    assert mock_server.state.records("InternalContactAssignment", id="ica_grace_northwind")[0]["internal_role"] == "lead"


def test_an_overloaded_server_is_asked_again(onboarding, mock_server):
    mock_server.fail_next(status=503, times=2)

    assert onboarding.introduce(ADA, "ptn_northwind")


def test_somebody_elses_partner_is_not_there(onboarding):
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        onboarding.introduce(ADA, "ptn_initech")
