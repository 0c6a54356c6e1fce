"""Mails: every letter in every language, and nothing that was put in can become a header or markup."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from control_api.outgoing.letters import Letter, address, clean, compose, languages

AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
LINK = "https://viva.example/interview#secret"
ODD_NAMES = ["Zoë Müller", "你好", "محمد", 'O\'Neil, "Jr" <x@y>', "a" * 190, "🦊", "Ünï\u202ecode"]


def letter(kind: Letter = Letter.INVITE, language: str = "en", **given: Any) -> EmailMessage:
    values: dict[str, Any] = {
        "name": "Zoë",
        "title": "Nurse",
        "inviter": "Ada",
        "answered": True,
        "duration_min": 30,
        "records_audio": True,
        "watches_camera": True,
        "invite_url": LINK,
        "not_before": None,
        "not_after": AT,
    }
    values |= given
    message = compose(
        kind,
        language,
        values,
        sender=address("interviews@example.com", "Viva"),
        recipient=address("zoe@example.com", values["name"]),
        reply_to=None,
        message_id="id",
        at=AT,
    )
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content()


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("kind", list(Letter))
@pytest.mark.parametrize("given", [{}, {"records_audio": False}, {"watches_camera": False}, {"not_before": AT}])
def test_every_letter_is_there_in_every_language(kind: Letter, language: str, given: dict[str, Any]) -> None:
    message = letter(kind, language, **given)
    text, html = body(message), body(message, "html")
    assert message["Content-Language"] == language
    assert "Nurse" in message["Subject"]
    assert "Zoë" in text
    assert (LINK in text) == (f'<a href="{LINK}">' in html) == (kind is not Letter.WITHDRAWN)
    assert "{" not in text
    assert "\n\n\n" not in text


def test_there_are_two_languages_and_others_fall_back_to_english() -> None:
    assert languages() == {"en", "de"}
    assert letter(language="fr")["Subject"] == letter(language="en")["Subject"]


def test_it_says_what_is_recorded() -> None:
    neither = body(letter(records_audio=False, watches_camera=False))
    assert "Neither sound nor picture is kept" in neither
    assert "camera" not in body(letter(watches_camera=False))
    assert "sound is recorded" not in body(letter(records_audio=False))


@pytest.mark.parametrize("field", ["name", "title", "inviter"])
@pytest.mark.parametrize("ending", ["\r\nBcc: thief@example.com", "\n\nBody", "\x85X: 1", "\u2028Y: 1", "\r\n\r\n<b>"])
def test_nothing_that_was_put_in_becomes_a_header_or_markup(field: str, ending: str) -> None:
    given: dict[str, Any] = {field: f"Somebody{ending}"}
    message = letter(**given)
    assert set(message.keys()) == set(letter().keys())
    assert [a.addr_spec for a in message["To"].addresses] == ["zoe@example.com"]
    assert "<b>" not in body(message, "html")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_in_any_script_arrive_whole(name: str) -> None:
    message = letter(name=name)
    assert message["To"].addresses[0].display_name == clean(name)
    assert message["To"].addresses[0].addr_spec == "zoe@example.com"
    assert clean(name) in body(message)


def test_templates_in_what_was_put_in_are_not_filled_in() -> None:
    assert "{{ 7 * 7 }}" in body(letter(name="{{ 7 * 7 }}"))


@pytest.mark.parametrize("wrong", ["", "nobody", "@example.com", "a@", "a b@example.com\r\n"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises((ValueError, UnicodeError)):
        address(wrong)
