"""Changes of a policy, and the edits of a file that they come to in each syntax."""
