"""syntax: yaml."""
