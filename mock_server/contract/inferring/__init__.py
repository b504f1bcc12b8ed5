"""What a document's operations most likely do, told by its paths, schemas and examples."""
