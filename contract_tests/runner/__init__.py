"""Running it: the phases of a run, playing scenarios, shrinking and describing what goes wrong."""
