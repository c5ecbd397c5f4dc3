"""parliament: a second opinion on the policies in which we found something."""
