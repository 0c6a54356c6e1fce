"""`/session/{session_id}/proposals`: questions proposed for one candidate, and what the owner says to them."""
