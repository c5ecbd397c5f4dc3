"""Rewriting policies in place: every byte outside the changed values stays as it is."""
