"""Terraform modules: their files, the local modules that they call, and what they define."""
