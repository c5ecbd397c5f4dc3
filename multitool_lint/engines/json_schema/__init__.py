"""jsonschema: the grammar of policies."""
