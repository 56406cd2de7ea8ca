"""What Dragoman reaches of its engine's limit on this machine. `dragoman bench run` and `make bench` run it."""
