"""Compares what two deployments give access to."""
