"""Layer 2: what the API keeps and how its operations change it. Pure: clock, ids and choices are passed in."""
