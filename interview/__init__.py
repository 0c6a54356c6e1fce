"""The domain: records, legal moves, errors, settings, storage. It knows no web framework and no room."""
