"""The language server: thin over the library, and the only package that uses pygls."""
