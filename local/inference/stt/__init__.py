"""Speech to text in Deepgram's streaming protocol over Whisper."""
