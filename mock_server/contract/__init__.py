"""Layer 1: an OpenAPI document, read and checked. Knows nothing of HTTP frameworks, state or time."""
