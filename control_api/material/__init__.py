"""What an interview left behind: transcript, recording, incidents, report. Every reading is audited."""
