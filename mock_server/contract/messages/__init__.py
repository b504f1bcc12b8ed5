"""How parameters and bodies are written in requests and responses, and read from them."""
