"""Applies a unified diff, so that a build needs neither git nor patch.

Stricter than both: every line must be where the patch says it is, so that a patch is never applied to a version that
it was not made for.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from interview.errors import MachineError

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_NO_FILE = "/dev/null"


@dataclass(frozen=True)
class _Hunk:
    """Lines `before`, of which the first is at index `start`, become `after`."""

    start: int
    before: list[str]
    after: list[str]


def apply_patch(patch: Path, root: Path) -> None:
    """Change the files under `root` as `patch` says (its paths begin with `a/` and `b/`); it may add files.

    What stands before the first file is for readers. Nothing is written unless all of it fits. Raises `MachineError`
    (code `patch_failed`), naming the file and line that differ.
    """
    lines = _lines(patch)
    at = next((n for n, line in enumerate(lines) if line.startswith("--- ")), None)
    if at is None:
        raise _failed(patch, "it names no file")
    changed: dict[Path, str] = {}
    while at < len(lines):
        if not (lines[at].startswith("--- ") and lines[at + 1 : at + 2] and lines[at + 1].startswith("+++ b/")):
            raise _failed(patch, f"its line {at + 1} is neither a file's name nor one of its changes")
        target = root / lines[at + 1].removeprefix("+++ b/")
        is_new = lines[at][4:] == _NO_FILE
        hunks, at = _hunks(patch, lines, at + 2)
        changed[target] = _patched(patch, target, is_new=is_new, hunks=hunks)
    for target, text in changed.items():
        target.write_text(text)


def _hunks(patch: Path, lines: list[str], at: int) -> tuple[list[_Hunk], int]:
    """Read the hunks of one file from index `at`; return them and the index after them."""
    hunks: list[_Hunk] = []
    while at < len(lines) and (found := _HUNK.match(lines[at])):
        start, old_count, new_count = (int(number) if number else 1 for number in found.groups())
        before: list[str] = []
        after: list[str] = []
        at += 1
        while (len(before), len(after)) != (old_count, new_count):
            # An editor may have taken the blank that an empty line of context begins with.
            sign, text = (lines[at][:1] or " ", lines[at][1:]) if at < len(lines) else ("", "")
            if sign not in set(" +-") or len(before) > old_count or len(after) > new_count:
                raise _failed(patch, f"the change that ends at its line {at} is not as long as it says")
            before += [text] if sign in " -" else []
            after += [text] if sign in " +" else []
            at += 1
        hunks.append(_Hunk(max(start - 1, 0), before, after))
    return hunks, at


def _patched(patch: Path, target: Path, *, is_new: bool, hunks: list[_Hunk]) -> str:
    """Return the text of `target` after `hunks`."""
    if target.exists() is is_new:
        wrong = "is there already" if is_new else "is missing"
        raise _failed(patch, f"{target} {wrong}")
    lines = [] if is_new else _lines(target)
    for hunk in reversed(hunks):  # from the end, so that the line numbers of the rest stay true
        end = hunk.start + len(hunk.before)
        if lines[hunk.start : end] != hunk.before:
            where = f"line {hunk.start + 1} of {target} and those after it"
            raise _failed(patch, f"{where} are not what it was made for; make it anew for this version")
        lines[hunk.start : end] = hunk.after
    return "\n".join(lines) + "\n"


def _lines(path: Path) -> list[str]:
    return path.read_text().removesuffix("\n").split("\n")  # splitlines would cut at form feeds too


def _failed(patch: Path, why: str) -> MachineError:
    return MachineError(f"{patch.name} does not fit: {why}", code="patch_failed")
