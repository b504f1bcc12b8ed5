"""What schemas ask of values, and what can be told of schemas without any value."""
