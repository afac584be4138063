"""The API and the pages: one FastAPI application over one home."""
