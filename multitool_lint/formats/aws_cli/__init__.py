"""formats: aws_cli."""
