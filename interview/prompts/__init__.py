"""The prompts, as versioned text files `NAME.vN.txt`.

A prompt that has been used is never edited: a change is a new version, so that a stored report or judgement
names exactly the words that produced it. Fields in braces are filled with `str.format`.
"""

from functools import cache
from importlib.resources import files

from interview.errors import ConfigurationError

ENGLISH_NAMES = {"de": "German"}
"""How a prompt, which is in English, names the other languages."""

LANGUAGE_PROMPT_VERSION = 1
"""Of the sentence that asks for an answer in another language than English."""


def load_for(name: str, version: int, language: str) -> str:
    """Return a prompt's version for a candidate who is spoken to in this language.

    The prompt stays English, which small models follow best; what the candidate will hear is asked for in their
    language. Raises `ConfigurationError` where there is no such prompt or no name for the language.
    """
    text = load(name, version)
    if language == "en":
        return text
    if language not in ENGLISH_NAMES:
        raise ConfigurationError(f"interview/prompts has no name for the language {language!r}")
    return f"{text} {load('in_language', LANGUAGE_PROMPT_VERSION).format(language=ENGLISH_NAMES[language])}"


@cache
def load(name: str, version: int) -> str:
    """Return the text of a prompt's version. Raises `ConfigurationError` where there is none."""
    source = files(__name__).joinpath(f"{name}.v{version}.txt")
    if not source.is_file():
        raise ConfigurationError(f"there is no prompt {name!r} of version {version} in interview/prompts")
    return source.read_text(encoding="utf-8").strip()
