"""Holds any deployment of an API to its contract: an OpenAPI document whose behaviours are declared as data."""
