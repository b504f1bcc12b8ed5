"""What is tried: requests written down before the run, derived from the behaviours of any contract."""
