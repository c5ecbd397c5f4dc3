"""Pairs of trees with policies, and what a gate for new access must say of them."""
