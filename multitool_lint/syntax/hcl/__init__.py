"""syntax: hcl."""
