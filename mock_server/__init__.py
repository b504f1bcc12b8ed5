"""Understudy's mock: an OpenAPI document whose operations declare what they do, served from memory."""
