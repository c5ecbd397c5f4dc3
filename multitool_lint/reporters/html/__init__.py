"""reporters: html."""
