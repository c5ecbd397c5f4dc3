"""What the expressions of templates and modules come to: values, of which parts may be unknown."""
