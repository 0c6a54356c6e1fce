"""The prompts, as versioned text files `NAME.vN.txt`.

A prompt that has been used is never edited: a change is a new version, so that a stored report or judgement
names exactly the words that produced it. Fields in braces are filled with `str.format`.
"""

from functools import cache
from importlib.resources import files

from interview.errors import ConfigurationError


@cache
def load(name: str, version: int) -> str:
    """Return the text of a prompt's version. Raises `ConfigurationError` where there is none."""
    source = files(__name__).joinpath(f"{name}.v{version}.txt")
    if not source.is_file():
        raise ConfigurationError(f"there is no prompt {name!r} of version {version} in interview/prompts")
    return source.read_text(encoding="utf-8").strip()
