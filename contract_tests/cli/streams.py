"""Streams that cannot end a run: whoever reads them may leave, their disk may be full, or there may be none."""

from __future__ import annotations

import contextlib
import io
import os
from typing import TextIO, cast


class LastingStream(io.TextIOBase):
    """Passes text on for as long as that works. `trouble` says why it no longer does; an empty text while it does."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.trouble = "" if stream is not None else "it is closed"
        self.has_reader = stream is not None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    @property
    def text(self) -> TextIO:
        """The stream itself, as what it is passed on to takes it."""
        return cast("TextIO", self)

    def write(self, text: str) -> int:
        """Write a text, if that still works."""
        if not self.trouble and self._stream is not None:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Do nothing: what was written is not held back."""

    def isatty(self) -> bool:
        """Say whether a person reads along."""
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:
            return False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def fileno(self) -> int:
        """Return the number by which the system knows the stream; raise `OSError` where it has none."""
        if self._stream is None:
            raise io.UnsupportedOperation("fileno")
        return self._stream.fileno()

    def _give_up(self, error: Exception) -> None:
        """Write nothing any more, and let go of what could not be written: Python would try again at its end, and fail."""
        self.trouble = getattr(error, "strerror", None) or str(error)
        self.has_reader = not isinstance(error, BrokenPipeError)
        with contextlib.suppress(OSError, ValueError, AttributeError):
            descriptor = self.fileno()
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def keep_standard_streams() -> None:
    """Open what was closed of the descriptors 0, 1 and 2: else a file that is opened later takes the place of one."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
