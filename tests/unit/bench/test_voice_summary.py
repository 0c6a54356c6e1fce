"""What `voice.json` says of the interviews that were held."""

from bench.voice.records import FollowUp, Held, PauseHeard, ReplyHeard
from bench.voice.summary import summary

ASKED_FOR = {
    "hosted",
    "local",
    "plain",
    "ratio_p50",
    "cut_off_rate",
    "plain_cut_off_rate",
    "barge_in_p95_ms",
    "first_words_p95_ms",
    "curve",
    "followup_recall",
    "followup_false",
    "backchannel_kept",
}


def reply(first_s: float, line_s: float | None = None, line: str = "question") -> ReplyHeard:
    return ReplyHeard(first_s=first_s, line_s=line_s or first_s, line=line, person="A")


def pause(*, cut: bool, person: str | None = "A") -> PauseHeard:
    return PauseHeard(length_s=1.0, cut=cut, sound=False, person=person)


def test_everything_that_is_asked_for_is_there_although_nothing_was_measured():
    result = summary([])
    assert set(result) >= ASKED_FOR
    assert result["hosted"]["n"] == 0
    assert result["cut_off_rate"] is None


def test_ours_is_set_beside_the_plain_pipeline_of_the_same_house():
    ours = Held(part="hosted", system="ours", first_words_s=1.0, replies=(reply(0.5), reply(0.7)))
    plain = Held(part="hosted", system="plain", replies=(reply(1.2),), pauses=(pause(cut=True), pause(cut=False)))
    quiet = Held(part="quiet", system="ours", replies=(reply(9.0),), pauses=(pause(cut=True),))
    result = summary([ours, plain, quiet])
    assert (result["hosted"]["p50_ms"], result["hosted"]["n"], result["plain"]["p50_ms"]) == (600, 2, 1200)
    assert result["ratio_p50"] == 0.5
    assert result["plain_cut_off_rate"] == 0.5
    assert result["first_words_p95_ms"] == 1000


def test_cut_offs_are_counted_on_people_and_every_house_is_a_point_of_the_curve():
    settings = {"ENDPOINTING_MAX_S": "2.4"}
    pauses = (pause(cut=False), pause(cut=True), pause(cut=True, person=None))
    held = Held(part="quiet", system="ours", settings=settings, replies=(reply(0.4, 2.4),), pauses=pauses)
    offline = {"source": "offline", "policy": "fixed 1.0"}
    quiet, other = summary([held], [offline])["curve"]
    assert (quiet["source"], quiet["cut_off_rate"], quiet["pauses"]) == ("room", 0.5, 2)
    assert (quiet["p50_ms"], quiet["line_p50_ms"], quiet["settings"]) == (400, 2400, settings)
    assert other == offline


def test_local_figures_are_of_planned_lines():
    held = Held(part="local", system="ours", replies=(reply(0.8), reply(3.0, line="follow_up")))
    assert summary([held])["local"] == {
        "p50_ms": 800,
        "p95_ms": 800,
        "n": 1,
        "line_p50_ms": 800,
        "line_p95_ms": 800,
        "n_of_people": 1,
    }


def test_follow_ups_and_backchannels_are_counted():
    followed = [FollowUp(complete=False, followed=n < 3) for n in range(4)]
    followed += [FollowUp(complete=True, followed=n < 1) for n in range(4)]
    asked = Held(part="follow_ups", system="ours", engines={"llm": "scripted"}, follow_ups=tuple(followed))
    spoken = Held(part="floor", system="ours", barge_in_s=(0.2, 0.2), backchannels=(True, True, False, True))
    result = summary([asked, spoken])
    assert (result["followup_recall"], result["followup_false"], result["backchannel_kept"]) == (0.75, 1, 0.75)
    assert result["barge_in_p95_ms"] == 200
    assert result["counts"]["complete"] == 4
