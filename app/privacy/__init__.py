"""All that is held about a tenant: told, handed out, erased, and kept no longer than it may be."""
