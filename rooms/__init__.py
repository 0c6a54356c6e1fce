"""LiveKit's server API for everyone: tokens, rooms, dispatch, webhooks. No web framework in here."""
