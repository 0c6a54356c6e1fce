"""From all interviews to `voice.json`: pure."""

from collections.abc import Sequence
from typing import Any

from bench.voice.records import Held, PauseHeard, ReplyHeard
from interview.transcript import LineKind
from local.listening import percentile_ms


def summary(held: Sequence[Held], offline: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return what `voice.json` says; what was not measured is None. `offline` are points from `bench/turns.py`.

    `followup_recall` and `backchannel_kept` are shares, `followup_false` is a number; `counts` has what they are of.
    Latencies are to the interviewer's first sound, `line_…` to its line, in whole milliseconds. Cut-offs are counted
    on people's recordings; those of synthetic voices stand beside them.
    """
    hosted = _of(held, "hosted", "ours")
    plain = _of(held, "hosted", "plain")
    local = _of(held, "local", "ours")
    followed = [one for each in _of(held, "follow_ups", "ours") for one in each.follow_ups]
    kept = [one for each in _of(held, "floor", "ours") for one in each.backchannels]
    first_words = [each.first_words_s for each in (*hosted, *local) if each.first_words_s is not None]
    ours_p50, plain_p50 = figures(hosted)["p50_ms"], figures(plain)["p50_ms"]
    return {
        "hosted": figures(hosted),
        "local": figures(local, planned=True),
        "plain": figures(plain),
        "ratio_p50": round(ours_p50 / plain_p50, 3) if ours_p50 and plain_p50 else None,
        "cut_off_rate": _cut_off_rate(hosted),
        "plain_cut_off_rate": _cut_off_rate(plain),
        "barge_in_p95_ms": percentile_ms([s for each in held for s in each.barge_in_s], 95),
        "first_words_p95_ms": percentile_ms(first_words, 95),
        "curve": [*(point(held, part, system) for part, system in _houses(held)), *offline],
        "followup_recall": _share([one.followed for one in followed if not one.complete]),
        "followup_false": sum(one.followed for one in followed if one.complete) if followed else None,
        "followup_judge": next((each.engines.get("llm") for each in _of(held, "follow_ups", "ours")), None),
        "backchannel_kept": _share(kept),
        "counts": {
            "incomplete": sum(not one.complete for one in followed),
            "complete": sum(one.complete for one in followed),
            "backchannels": len(kept),
            "barge_ins": sum(len(each.barge_in_s) for each in held),
            "first_words": len(first_words),
            "pauses_of_people": len(_pauses(hosted, people=True)),
            "plain_pauses_of_people": len(_pauses(plain, people=True)),
        },
        "late": _late(held),
        "torn": sum(each.torn for each in held),
    }


def figures(held: Sequence[Held], *, planned: bool = False) -> dict[str, int | None]:
    """Return the latencies of some interviews; `planned` leaves out replies that a model had to phrase."""
    heard: list[ReplyHeard] = [one for each in held for one in each.replies]
    if planned:
        heard = [one for one in heard if one.line != LineKind.FOLLOW_UP]
    first, line = [one.first_s for one in heard], [one.line_s for one in heard]
    return {
        "p50_ms": percentile_ms(first, 50),
        "p95_ms": percentile_ms(first, 95),
        "n": len(heard),
        "line_p50_ms": percentile_ms(line, 50),
        "line_p95_ms": percentile_ms(line, 95),
        "n_of_people": sum(one.person is not None for one in heard),
    }


def point(held: Sequence[Held], part: str, system: str) -> dict[str, Any]:
    """Return one point of the curve: a house in which people with pauses were interviewed."""
    mine = _of(held, part, system)
    people = _pauses(mine, people=True)
    return {
        "source": "room",
        "policy": "plain" if system == "plain" else part,
        "settings": mine[0].settings,
        "cut_off_rate": _rate(people),
        "cut_off_rate_synthetic": _rate(_pauses(mine, people=False)),
        "sound_in_pause_rate": round(sum(one.sound for one in people) / len(people), 4) if people else None,
        "pauses": len(people),
        "spoken_over": sum(each.spoken_over for each in mine),
        **figures(mine),
    }


def _houses(held: Sequence[Held]) -> list[tuple[str, str]]:
    """The houses that answered hosted-like, in which pauses were made, in order."""
    found = dict.fromkeys((each.part, each.system) for each in held if each.pauses and each.part not in _OTHERS)
    return list(found)


_OTHERS = frozenset({"local", "floor", "follow_ups"})


def _of(held: Sequence[Held], part: str, system: str) -> list[Held]:
    return [each for each in held if (each.part, each.system) == (part, system)]


def _pauses(held: Sequence[Held], *, people: bool) -> list[PauseHeard]:
    return [one for each in held for one in each.pauses if (one.person is not None) is people]


def _cut_off_rate(held: Sequence[Held]) -> float | None:
    return _rate(_pauses(held, people=True))


def _rate(pauses: Sequence[PauseHeard]) -> float | None:
    return round(sum(one.cut for one in pauses) / len(pauses), 4) if pauses else None


def _share(held: Sequence[bool]) -> float | None:
    return round(sum(held) / len(held), 4) if held else None


def _late(held: Sequence[Held]) -> dict[str, int]:
    """How often a hosted-like answer came later than promised: where that is often, the machine was busy."""
    names = sorted({name for each in held for name in each.late})
    return {name: sum(each.late.get(name, 0) for each in held) for name in names}
