"""Plain pages: an interview for a person with a microphone, and the API's documentation."""
