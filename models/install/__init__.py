"""How a model comes to be installed: found, fetched, checked, converted, tried, put in its place, carried elsewhere."""
