"""Machine translation models: no HTTP, no SQL, nothing of ours imported here."""
