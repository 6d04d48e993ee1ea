"""What speaks against a call, found in the query itself."""
