"""syntax: patch."""
