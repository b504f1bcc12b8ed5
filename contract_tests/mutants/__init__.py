"""Mutants: mocks that are broken on purpose, each in one way, prove that the contract tests would notice."""
