"""The control API under `/__admin`, and the console's files. Nothing of it is imported before somebody asks for it."""
