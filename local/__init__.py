"""Everything that runs Viva on one machine."""
