"""Layer 5: running a mock inside a test, or anything else that is written in Python; the pytest plugin."""
