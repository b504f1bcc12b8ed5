"""Messages on the wire: what is sent to a target and what comes back, and who sends it."""
