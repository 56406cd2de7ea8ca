"""Many small pieces of work become few full batches."""
