"""Plans that are kept and reused: made, changed, cloned, exported and imported."""
