"""Bodies of /v1, as pydantic models: they check what comes in and describe what goes out."""
