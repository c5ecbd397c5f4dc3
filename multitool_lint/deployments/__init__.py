"""From a tree of files to what is deployed together."""
