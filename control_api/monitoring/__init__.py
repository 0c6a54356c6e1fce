"""What operators and recruiters see of the running house: figures, a stream of changes, metrics."""
