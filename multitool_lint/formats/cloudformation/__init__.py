"""formats: cloudformation."""
