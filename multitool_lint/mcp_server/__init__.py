"""The server for assistants: tools of the Model Context Protocol over texts that a client gives."""
