"""Bodies of bulk invitations."""

from control_api.outgoing.invites import MailState
from control_api.schemas import Answer


class BulkWarning(Answer):
    """What is suspicious about a row: `row` counts from 1, without the header."""

    row: int
    column: str
    code: str
    message: str


class BulkRow(Answer):
    """A session that was made. `invite_url` is shown this once. Both are null when nothing was to be made."""

    row: int
    session_id: str | None
    invite_url: str | None


class BulkAnswer(Answer):
    """What a bulk invitation made, row by row; names and emails are in the file."""

    batch_id: str | None
    created: int
    dry_run: bool
    rows: list[BulkRow]
    warnings: list[BulkWarning]
    mail: MailState
