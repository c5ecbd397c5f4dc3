"""What tests of several packages share: samples, writers and a server."""
