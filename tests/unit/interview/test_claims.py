"""Nothing that proctoring says claims to know what somebody feels, means, suffers from or is.

The one thing that is said about who somebody is: that they are not the person who enrolled.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from interview.incident_kind import IncidentKind
from interview.review import Reason, Verdict
from interview.signals import SIGNALS

ROOT = Path(__file__).parents[3]
TEXTS = [
    *sorted((ROOT / "interview" / "catalogue").glob("*.yaml")),
    *sorted((ROOT / "interview" / "consent" / "texts").glob("*.yaml")),
    *sorted((ROOT / "interview" / "rules").glob("*")),
    *sorted((ROOT / "interview").glob("incident*.py")),
    *(ROOT / "interview" / name for name in ("signals.py", "review.py", "browser_event.py")),
    *sorted((ROOT / "control_api" / "incidents").glob("*.py")),
    *sorted((ROOT / "proctoring" / "detectors").glob("*.py")),
    *sorted((ROOT / "proctoring").glob("*.py")),
    *(ROOT / "cli" / name for name in ("proctoring.py",)),
]

_CLAIMS = re.compile(
    r"\b(emotion\w*|mood|nervous\w*|anxi\w+|stress\w*|afraid|happy|angry|bored|calm|feel\w*"
    r"|honest\w*|dishonest\w*|lying|liar\w*|decei\w+|decept\w+|cheat\w*|fraud\w*|suspicio\w+|guilt\w*|trustworth\w*"
    r"|ill|illness\w*|sick\w*|disease\w*|disorder\w*|diagnos\w+|drunk\w*|intoxicat\w+|autis\w*|depress\w+"
    r"|ethnic\w*|race|gender|religio\w+|nationalit\w+|impersonat\w+|identif(?:y|ies|ied) (?:the )?(?:person|candidate)"
    r"|Emotion\w*|Gefühl\w*|Stimmung\w*|nervös\w*|ehrlich\w*|unehrlich\w*|lüg\w+|Lüg\w+|betr[uü]g\w*|Betrug\w*"
    r"|verdächtig\w*|krank\w*|Krankheit\w*|schuldig\w*)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(no|not|never|nor|nobody|nothing|without|kein\w*|nicht|nie|weder|noch)\b", re.IGNORECASE)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, and of everything else its lines."""
    plain = " ".join(text.split())
    yield from re.split(r"(?<=[.!?:;])\s", plain)


def claims(text: str) -> list[str]:
    """What a text claims: sentences with such a word that do not deny it."""
    return [one for one in sentences(text) if _CLAIMS.search(one) and not _DENIED.search(one)]


@pytest.mark.parametrize("path", [path for path in TEXTS if path.is_file()], ids=lambda path: path.name)
def test_no_text_claims_to_know_a_person(path: Path) -> None:
    assert claims(path.read_text(encoding="utf-8")) == []


def test_the_texts_are_there() -> None:
    assert len([path for path in TEXTS if path.is_file()]) > 25


@pytest.mark.parametrize(
    "claim",
    [
        "The candidate seems nervous.",
        "Possible cheating was found.",
        "This person is lying.",
        "Der Bewerber wirkt unehrlich.",
        "A sign of illness.",
    ],
)
def test_a_claim_would_be_found(claim: str) -> None:
    assert claims(f"Something else. {claim} And more.") == [claim]


def test_what_denies_it_is_no_claim() -> None:
    assert claims("The software infers no emotion from your face or voice.") == []


def test_names_that_are_shown_say_what_was_seen_and_nothing_about_a_person() -> None:
    shown = [*IncidentKind, *Verdict, *Reason, *(signal.meaning for signal in SIGNALS.values())]
    assert [name for name in shown if _CLAIMS.search(name.replace("_", " "))] == []
    assert "person who enrolled" in SIGNALS[IncidentKind.DIFFERENT_PERSON].meaning
