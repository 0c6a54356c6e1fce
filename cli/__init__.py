"""`viva`, the command line. Everything that it does on data is a use case that lives elsewhere."""
