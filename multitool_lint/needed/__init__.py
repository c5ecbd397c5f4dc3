"""What applying a plan, a template or a change set takes: actions, and the resources of these."""
