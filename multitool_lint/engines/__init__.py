"""The three libraries we stand on, one module each, the only importers of them."""
