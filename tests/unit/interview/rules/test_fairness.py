"""False and missed incidents by recorded condition, with counts and intervals that say how little a few cases say."""

import math

import pytest

from interview.agreement import cohen_kappa
from interview.errors import Invalid
from interview.incident import BY_A_PERSON, Incident, Observation
from interview.plan import IncidentKind
from interview.review import Reason, ReviewState, Verdict
from interview.rules.fairness import ALL, UNKNOWN, Case, Outcome, audit, by_kind, light_of, outcome_of, read_conditions
from interview.wilson import Z_95, wilson
from tests.storage.builders import NOON, incident


@pytest.mark.parametrize(("k", "n"), [(1, 10), (3, 7), (50, 100), (999, 1000)])
def test_the_interval_is_wilsons(k: int, n: int) -> None:
    """Its bounds are the shares from which what was counted lies just as far as chance may take it."""
    for bound in wilson(k, n):
        assert abs(k / n - bound) == pytest.approx(Z_95 * math.sqrt(bound * (1 - bound) / n))
    low, high = wilson(k, n)
    assert 0 < low < k / n < high < 1


def test_the_interval_ends_where_nothing_or_everything_was_counted() -> None:
    low, high = wilson(0, 10)
    assert low == 0
    assert high == pytest.approx(Z_95**2 / (10 + Z_95**2))
    assert wilson(10, 10) == (pytest.approx(1 - high), 1)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0, 1)
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


def test_kappa_is_agreement_beyond_chance() -> None:
    # 35 of 50 agree; chance alone would have 25
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    found = cohen_kappa(pairs)
    assert (found.n, found.observed, found.expected, found.kappa) == (50, 0.7, 0.5, 0.4)
    assert cohen_kappa([("a", "b"), ("b", "a")]).kappa == -1
    assert cohen_kappa([]).kappa is None
    same = cohen_kappa([("yes", "yes")] * 9)
    assert (same.n, same.observed, same.kappa) == (9, 1, None), "always the same verdict says nothing beyond chance"


def decided(verdict: Verdict | None, reason: Reason | None = None, **given: object) -> Incident:
    state = ReviewState.DECIDED if verdict else ReviewState.OPEN
    return incident("s", **({"state": state, "verdict": verdict, "reason": reason} | given))


def test_what_is_false_and_what_is_missed_is_what_people_decided() -> None:
    assert outcome_of(decided(Verdict.DISMISSED, Reason.NOT_SO)) is Outcome.FALSE
    assert outcome_of(decided(Verdict.DISMISSED, Reason.HARMLESS)) is Outcome.TRUE
    assert outcome_of(decided(Verdict.CONFIRMED, Reason.AS_FILED)) is Outcome.TRUE
    assert outcome_of(decided(Verdict.UNSURE, Reason.EVIDENCE_UNCLEAR)) is Outcome.UNDECIDED
    assert outcome_of(decided(None)) is Outcome.UNDECIDED
    contested = decided(Verdict.CONFIRMED, Reason.AS_FILED, state=ReviewState.CONTESTED)
    assert outcome_of(contested) is Outcome.UNDECIDED
    assert outcome_of(decided(Verdict.CONFIRMED, Reason.AS_FILED, detector=BY_A_PERSON)) is Outcome.MISSED


def case(session_id: str, outcome: Outcome, kind: IncidentKind = IncidentKind.NO_FACE) -> Case:
    return Case(session_id, kind, outcome)


def test_the_table_counts_every_group_and_shows_those_without_an_incident() -> None:
    sessions = {
        "a": {"glasses": "yes", "light": "dim"},
        "b": {"glasses": "no", "light": "dim"},
        "c": {"glasses": "no", "light": "bright"},
        "d": {"light": "dim"},
    }
    cases = [
        *[case("a", Outcome.FALSE)] * 3,
        case("a", Outcome.TRUE),
        *[case("b", Outcome.TRUE)] * 2,
        case("b", Outcome.MISSED),
        case("b", Outcome.UNDECIDED),
    ]
    rows = {(row.condition, row.group): row for row in audit(cases, sessions)}
    assert list(rows) == [
        (ALL, ALL),
        ("glasses", "no"),
        ("glasses", UNKNOWN),
        ("glasses", "yes"),
        ("light", "bright"),
        ("light", "dim"),
    ]
    everything = rows[ALL, ALL]
    assert (everything.sessions, everything.filed, everything.undecided) == (4, 7, 1)
    assert (everything.false, everything.false_of, everything.missed, everything.missed_of) == (3, 6, 1, 4)
    glasses = rows["glasses", "yes"]
    assert (glasses.false, glasses.false_of) == (3, 4)
    assert glasses.false_interval == wilson(3, 4)
    empty = rows["light", "bright"]
    assert (empty.sessions, empty.filed, empty.false_interval) == (1, 0, (0, 1))


def test_kinds_are_counted_by_themselves() -> None:
    cases = [case("a", Outcome.TRUE, IncidentKind.PHONE), case("a", Outcome.FALSE)]
    assert [(kind, len(some)) for kind, some in by_kind(cases)] == [(IncidentKind.NO_FACE, 1), (IncidentKind.PHONE, 1)]


def test_light_is_what_was_measured() -> None:
    def lit(*lumas: float) -> str:
        return light_of(
            Observation(at=NOON, detector="brightness", version="1", values={"luma": luma}) for luma in lumas
        )

    assert lit(30, 40, 200) == "dim"
    assert lit(100) == "medium"
    assert lit(220, 230, 10) == "bright"
    assert lit() == UNKNOWN


def test_conditions_come_from_a_file() -> None:
    assert read_conditions("\ufeffsession_id, glasses,tone\r\ns1,yes,\r\ns2, no ,IV\r\n") == {
        "s1": {"glasses": "yes", "tone": UNKNOWN},
        "s2": {"glasses": "no", "tone": "IV"},
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first row"),
        ("glasses\nyes\n", "first row"),
        ("session_id\ns1\n", "first row"),
        ("session_id,x,x\n", "first row"),
        ("session_id,x\ns1\n", "row 1"),
        ("session_id,x\ns1,a,b\n", "row 1"),
        ("session_id,x\ns1,a\ns1,b\n", "row 2: the session stands twice"),
        ("session_id,x\n ,a\n", "row 1: there is no session_id"),
        (f"session_id,x\ns1,{'a' * 101}\n", "row 1"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_conditions(text)
