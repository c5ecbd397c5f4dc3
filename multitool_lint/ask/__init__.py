"""Questions about what files deploy: which identity may do what."""
