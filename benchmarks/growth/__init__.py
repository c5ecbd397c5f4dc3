"""How time and memory grow with the size of an input: `python -m benchmarks.growth`."""
