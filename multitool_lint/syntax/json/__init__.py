"""syntax: json."""
