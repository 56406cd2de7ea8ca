"""The HTTP edge: bodies, status codes and headers; no decisions."""
