"""What AWS knows: actions, resources, condition keys, regions, principals."""
