"""Who may call: security schemes, requirements, and keeping credentials out of what is shown."""
