"""The API's OpenAPI document: what FastAPI finds, and what only Viva knows (problems, who may call, examples)."""
