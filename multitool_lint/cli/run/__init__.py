"""Many files: cache, processes, progress."""
