"""The reports worker: claims finished sessions and builds reports that cite what was said."""
