"""Fuzzing: readers, rewrites, configurations and repositories against what always holds."""
