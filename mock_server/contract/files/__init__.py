"""Reading files: YAML and JSON as plain data that knows where each part stands, and what is wrong with it."""
