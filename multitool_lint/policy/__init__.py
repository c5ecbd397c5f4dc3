"""What a policy says, and what it grants."""
