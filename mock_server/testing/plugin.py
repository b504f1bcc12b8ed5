"""The pytest plugin: fixtures, options and reports. Nothing heavy is imported before a test asks for a mock."""
