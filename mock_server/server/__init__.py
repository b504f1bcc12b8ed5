"""Layer 4: sockets, command line, journal. The only layer that knows of Starlette and uvicorn."""
