"""Asking for a run: the command line, its options, and what it shares with pytest and Python."""
