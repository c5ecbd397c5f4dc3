"""Policy -> findings, one module a rule, named as its page."""
