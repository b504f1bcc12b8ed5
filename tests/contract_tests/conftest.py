"""Makes the helpers beside it known to the tests in the folders below."""
