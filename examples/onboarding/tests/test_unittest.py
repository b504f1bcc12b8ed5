"""The same without pytest: `python -m unittest` runs this one."""

from __future__ import annotations

import unittest

from onboarding import Onboarding, Person

import mock_server


class OnboardingTest(unittest.TestCase):
    """One server for the class, as it was at the beginning for each test."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = cls.enterClassContext(mock_server.running())

    def setUp(self) -> None:
        self.server.reset()
        self.onboarding = Onboarding(self.server.url, self.server.token)
        self.addCleanup(self.onboarding.close)

    def test_a_person_is_introduced(self) -> None:
        self.assertTrue(self.onboarding.introduce(Person("ada@acme.example", "csm"), "ptn_contoso"))
        self.assertEqual(len(self.server.requests), 1)
