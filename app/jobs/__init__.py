"""Documents translated in the background: durable, resumable, charged chunk by chunk. No HTTP."""
