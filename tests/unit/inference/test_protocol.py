"""Deepgram's queries and messages."""

import pytest

from interview.errors import Invalid
from local.inference.stt import protocol
from local.inference.stt.protocol import Word

ENGLISH = frozenset({"en"})
PLUGIN_QUERY = {
    "model": "nova-3",
    "punctuate": "true",
    "smart_format": "false",
    "no_delay": "true",
    "interim_results": "true",
    "encoding": "linear16",
    "vad_events": "true",
    "sample_rate": "16000",
    "channels": "1",
    "endpointing": "25",
    "filler_words": "true",
    "profanity_filter": "false",
    "numerals": "false",
    "mip_opt_out": "false",
    "keyterm": "Kubernetes",
    "language": "en-US",
}


def test_what_the_plugin_sends_is_understood():
    options = protocol.parse_query(PLUGIN_QUERY, ENGLISH)
    assert (options.sample_rate, options.endpointing_ms, options.language) == (16000, 25, "en-US")
    assert options.interim_results
    assert options.vad_events
    assert options.punctuate


def test_endpointing_can_be_off():
    assert protocol.parse_query({**PLUGIN_QUERY, "endpointing": "false"}, ENGLISH).endpointing_ms is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encoding", "opus"),
        ("encoding", ""),
        ("channels", "2"),
        ("channels", "-1"),
        ("sample_rate", "7999"),
        ("sample_rate", "48001"),
        ("sample_rate", "16000.5"),
        ("sample_rate", "١٦٠٠٠"),
        ("sample_rate", "9" * 5000),
        ("language", "de"),
        ("language", ""),
        ("endpointing", "soon"),
        ("endpointing", "60000"),
        ("interim_results", "yes"),
    ],
)
def test_what_cannot_be_served_is_refused_by_name(name: str, value: str):
    with pytest.raises(Invalid) as refused:
        protocol.parse_query({**PLUGIN_QUERY, name: value}, ENGLISH)
    assert refused.value.details["parameter"] == name
    assert len(refused.value.message) < 300


def test_results_carry_words_confidence_and_both_spellings():
    words = (Word("Hello,", 1.0, 1.4, 0.9), Word("it's", 1.4, 1.6, 0.7))
    message = protocol.results(
        words, start_s=0.9, end_s=2.0, is_final=True, speech_final=True, request_id="r", model="m", punctuate=True
    )
    best = message["channel"]["alternatives"][0]
    assert best["transcript"] == "Hello, it's"
    assert best["confidence"] == pytest.approx(0.8)
    assert [word["word"] for word in best["words"]] == ["hello", "it's"]
    assert best["words"][0]["punctuated_word"] == "Hello,"
    assert message["metadata"]["request_id"] == "r"
    bare = protocol.results(
        words, start_s=0.9, end_s=2.0, is_final=True, speech_final=True, request_id="r", model="m", punctuate=False
    )
    assert bare["channel"]["alternatives"][0]["transcript"] == "hello it's"


def test_results_without_words_are_empty_not_absent():
    message = protocol.results(
        (), start_s=0, end_s=1, is_final=True, speech_final=True, request_id="r", model="m", punctuate=True
    )
    assert message["channel"]["alternatives"] == [{"transcript": "", "confidence": 0.0, "words": []}]


def test_word_times_are_held_within_the_voice_and_in_order():
    words = (Word("a", 0.0, 0.5, 1), Word("b", 0.5, 0.4, 1), Word("c", 0.9, 9.0, 1))
    fitted = protocol.fit(words, 0.3, 2.0)
    assert [(word.start_s, word.end_s) for word in fitted] == [(0.3, 0.5), (0.5, 0.5), (0.9, 2.0)]


@pytest.mark.parametrize(("text", "bare"), [("Well-known,", "well-known"), ("'Tis", "tis"), ("--", "--"), ("5%", "5")])
def test_bare_words(text: str, bare: str):
    assert Word(text, 0, 0, 1).bare == bare
