"""Files in, units of text out, and the same files back with other words. No HTTP, no SQL, no models."""
