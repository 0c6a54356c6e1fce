"""What proctoring filed, for the people who judge it: queue, review, evidence, figures; and what the page tells."""
