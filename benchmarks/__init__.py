"""What Dragoman reaches of its engine's limit, beside what people would use instead. `make bench` runs it."""
