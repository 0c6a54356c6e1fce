"""The two servers that are built from Go modules, and the building of them."""
