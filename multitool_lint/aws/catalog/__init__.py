"""The catalog of services, actions, resource types and condition keys."""
