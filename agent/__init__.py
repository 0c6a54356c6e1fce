"""The interviewer: a LiveKit agent worker, one process per interview."""
