"""What Viva sends by itself: signed webhooks, and mail where SMTP is configured.

Who has something to tell inserts deliveries (`news`, `announce`, `invites`, `reminders`); `loop` takes them by lease
and hands each to `posting` or `mailing`.
"""
