"""Layer 3: from a request to its answer, without sockets and without an HTTP framework. Start reading at `exchange`."""
