"""The only modules that import jsonschema, parliament and policy-sentry."""
