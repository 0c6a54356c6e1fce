"""Plans refuse what contradicts itself, survive a file, and the ready-made ones are fit to be asked."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from interview.accommodation import Accommodations
from interview.catalogue import languages
from interview.errors import Invalid
from interview.plan import MAX_QUESTIONS, ConsentItem, Difficulty, IncidentKind, Plan, PlanContent, SecondSeat
from interview.plan_yaml import read_plan, write_plan
from interview.plans import ready_made

READY = [pytest.param(plan, id=plan_id) for plan_id, plan in ready_made().items()]
_GREETING_AND_CLOSE_S = 240
_YES_OR_NO = {
    "en": re.compile(
        r"^(do|does|did|is|are|was|were|am|can|could|will|would|shall|should|may|might|must|have|has|had|any)\b", re.I
    ),
    "de": re.compile(
        r"^(haben|hatten|sind|waren|ist|war|können|konnten|könnten|würden|werden|wollen|sollen|müssen|dürfen|gibt|gab)\b",
        re.I,
    ),
}
_PROTECTED = re.compile(
    r"\b(age|old are you|born|nationality|citizen|religio\w*|church|pregnan\w*|child(ren)? of your own|family|married|"
    r"husband|wife|partner|disab\w*|illness|health|gender|race|ethnic\w*|politic\w*|union|orientation"
    r"|alter|geboren|staatsangehörig\w*|kirche|schwanger\w*|kinder|familie|verheiratet|ehe\w*|behinder\w*|krank\w*"
    r"|gesundheit\w*|geschlecht\w*|herkunft|gewerkschaft\w*|partei)\b",
    re.I,
)


def content(**changes: Any) -> dict[str, Any]:
    plan = {
        "title": "Backend engineer",
        "competencies": [{"id": "depth", "name": "Depth"}],
        "questions": [{"id": "why", "text": "Why did you build it?", "competency": "depth"}],
    }
    return plan | changes


def question(**changes: Any) -> dict[str, Any]:
    return content()["questions"][0] | changes


def everything() -> PlanContent:
    """A plan in which every field is other than its default, with awkward texts."""
    return PlanContent.model_validate(
        content(
            title='Ingénieur : "backend" # 1 – 阿达 😀',
            job_role="yes",
            job_description="  First line\n\n\tsecond: [line]  \n- third \u2028 & *anchor\n",
            interviewer_name="2026-01-01",
            voice="null",
            speaking_speed=1.25,
            duration_s=3600,
            competencies=[
                {"id": "depth", "name": "0123", "description": "~", "rubric": ["1", "two", "{3}", "%4", "@5"]}
            ],
            questions=[
                question(max_follow_ups=0, max_s=300, optional=True, variants={"easier": "no", "harder": "1: 2"})
            ],
            adaptive=True,
            recording={"audio": False},
            proctoring={"kinds": ["different_person", "paste"], "thresholds": {"paste": {"after_s": 2}}},
            consent={"required": ["face_comparison", "retention"]},
            accommodations={"extra_time_percent": 50, "captions": True, "notes": "off"},
            second_seat="refused",
            retention_days=400,
        )
    )


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"surprise": 1}, "surprise"),
        ({"title": ""}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"job_role": "x" * 101}, "job_role"),
        ({"job_description": "x" * 5001}, "job_description"),
        ({"job_description": "\ud800"}, "job_description"),
        ({"duration_s": "900"}, "duration_s"),
        ({"duration_s": True}, "duration_s"),
        ({"speaking_speed": 2.5}, "speaking_speed"),
        ({"voice": "x" * 65}, "voice"),
        ({"interviewer_name": "x" * 61}, "interviewer_name"),
        ({"competencies": [{"id": "depth", "name": "Depth", "rubric": ["1", "2", "3", "4"]}]}, "competencies.0.rubric"),
        ({"competencies": [{"id": "depth", "name": "D", "rubric": ["x" * 501, "2", "3", "4", "5"]}]}, "rubric.0"),
        ({"competencies": [{"id": "depth", "name": "A"}, {"id": "depth", "name": "B"}]}, "competencies.1.id"),
        ({"competencies": [{"id": f"c{n}", "name": "A"} for n in range(51)]}, "competencies"),
        ({"questions": []}, "questions"),
        ({"questions": [question(id=f"q{n}") for n in range(MAX_QUESTIONS + 1)]}, "questions"),
        ({"questions": [question(), question()]}, "questions.1.id"),
        ({"questions": [question(competency="width")]}, "questions.0.competency"),
        ({"questions": [question(max_s=5)]}, "questions.0.max_s"),
        ({"questions": [question(max_follow_ups=4)]}, "questions.0.max_follow_ups"),
        ({"questions": [question(variants={})]}, "questions.0.variants"),
        ({"questions": [question(variants={"easier": "x" * 1001})]}, "questions.0.variants.easier"),
        ({"questions": [question(variants={"hardest": "Why?"})]}, "questions.0.variants.hardest"),
        ({"questions": [question(source="resume")]}, "questions.0.source"),
        ({"adaptive": True}, "adaptive"),
        ({"proctoring": {"kinds": ["mood"]}}, "proctoring.kinds.0"),
        ({"proctoring": {"kinds": ["paste", "paste"]}}, "proctoring.kinds"),
        ({"proctoring": {"thresholds": {"no_face": {"after_s": 0}}}}, "proctoring.thresholds.no_face.after_s"),
        ({"consent": {"required": ["soul"]}}, "consent.required.0"),
        ({"consent": {"required": ["recording"]}, "recording": {"audio": False}}, "consent.required"),
        ({"consent": {"required": ["face_comparison"]}}, "consent.required"),
        ({"consent": {"required": ["retention"]}}, "consent.required"),
        ({"accommodations": {"extra_time_percent": 101}}, "accommodations.extra_time_percent"),
        ({"accommodations": {"notes": "x" * 1001}}, "accommodations.notes"),
        ({"second_seat": "shared"}, "second_seat"),
        ({"retention_days": 0}, "retention_days"),
        ({"retention_days": 3651}, "retention_days"),
    ],
)
def test_what_a_plan_cannot_be_is_refused_by_its_path(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PlanContent.model_validate(content(**changes))
    error = refused.value.errors()[0]
    path = ".".join(str(part) for part in error["loc"]) or error["msg"]
    assert where in path


def test_an_interview_without_consent_to_it_cannot_be_planned() -> None:
    plan = PlanContent.model_validate(content(consent={"required": ["recording"]}))
    assert plan.consent.required == (ConsentItem.INTERVIEW, ConsentItem.RECORDING)
    assert PlanContent.model_validate(content(consent={"required": []})).consent.required == (ConsentItem.INTERVIEW,)


def test_extra_time_lengthens_and_never_shortens() -> None:
    assert Accommodations().lengthened(1801) == 1801
    assert Accommodations(extra_time_percent=25).lengthened(1801) == 2252
    assert Accommodations(extra_time_percent=100).lengthened(1800) == 3600


# files


def test_a_plan_survives_export_and_import() -> None:
    assert read_plan(write_plan(everything())) == everything()
    assert everything().second_seat is SecondSeat.REFUSED
    minimal = PlanContent.model_validate(content())
    assert read_plan(write_plan(minimal)) == minimal


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (write_plan(everything()).replace("second_seat: refused", "second_seat: sometimes"), "second_seat"),
        (write_plan(everything()) + "\nsurprise: 1\n", "surprise"),
        (write_plan(everything()).replace("duration_s: 3600", "duration_s: '3600'"), "duration_s"),
        (write_plan(everything()).replace("competency: depth", "competency: width"), "questions.0.competency"),
        ("title: only\n", "competencies"),
        ("- a list\n", "plan"),
        ("", "plan"),
        ("title: 2026-01-01\n", "title"),
        ("title: no\n", "title"),
    ],
)
def test_a_wrong_file_is_told_by_path(text: str, where: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_plan(text)
    assert refused.value.code == "invalid"
    assert where in [error["where"] for error in refused.value.details["errors"]]


@pytest.mark.parametrize(
    "text",
    [
        "title: [unclosed\n",
        "title: a\ntitle: b\n",
        "? [a, list]\n: as a key\n",
        "title: &a x\nvoice: *a\n",
        "a: &a [x, x]\nb: &b [*a, *a]\n",
        "!!python/object/apply:os.system ['true']\n",
        "title: !!python/name:os.system\n",
        "title: a\n---\ntitle: b\n",
        "title: \x07\n",
        "[" * 10_000 + "]" * 10_000,
        "{a: " * 30 + "1" + "}" * 30,
        "- x\n" * 30_000,
        "title: 2026-99-99\n",
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_plan(text)
    assert refused.value.code == "malformed_yaml"
    assert refused.value.details["line"] >= 1


# the ready-made ones


def test_there_are_four_ready_made_plans_and_one_in_german() -> None:
    by_language = {"en": ("backend_engineer", "nurse_triage", "sales", "support_agent"), "de": ("kundendienst",)}
    assert {plan_id: plan.content.language for plan_id, plan in ready_made().items()} == {
        f"ready:{name}": language for language, names in by_language.items() for name in names
    }


@pytest.mark.parametrize("plan", READY)
def test_a_ready_made_plan_measures_what_it_asks(plan: Any) -> None:
    snapshot: Plan = plan.snapshot()
    assert snapshot.language in languages()
    assert 4 <= len(snapshot.competencies) <= 6
    assert 6 <= len(snapshot.questions) <= 8
    assert {question.competency for question in snapshot.questions} == {one.id for one in snapshot.competencies}
    rubrics = [level for competency in snapshot.competencies for level in competency.rubric]
    assert len(set(rubrics)) == len(rubrics), "a rubric of another competency was copied"
    assert all(20 <= len(level) <= 200 for level in rubrics)
    assert all(competency.description for competency in snapshot.competencies)


@pytest.mark.parametrize("plan", READY)
def test_the_times_of_a_ready_made_plan_add_up(plan: Any) -> None:
    times_s = [question.max_s for question in plan.content.questions]
    assert all(times_s)
    assert 0 <= plan.content.duration_s - sum(times_s) - _GREETING_AND_CLOSE_S <= 300


@pytest.mark.parametrize("plan", READY)
def test_the_questions_of_a_ready_made_plan_are_open_single_and_fair(plan: Any) -> None:
    for asked, text in [
        (asked, text) for asked in plan.content.questions for one in Difficulty if (text := asked.worded(one))
    ]:
        assert text.count("?") == 1, text
        assert text.endswith("?"), text
        question = re.split(r"(?<=[.!])\s+", text)[-1]
        assert not _YES_OR_NO[plan.content.language].match(question), text
        twice = r",? and (how|what|why|which|who|when|where)\b|,? und (wie|was|warum|welche\w?|wer|wann|wo)\b"
        assert not re.search(twice, question), f"two things at once: {text}"
        assert 40 <= len(text) <= 220, text
        assert not _PROTECTED.search(text), text
        assert 1 <= asked.max_follow_ups <= 2


def test_a_plan_looks_only_for_what_is_switched_on() -> None:
    policy = everything().proctoring
    assert policy.watches_for(IncidentKind.PASTE)
    assert not policy.watches_for(IncidentKind.NO_FACE)
    assert not policy.model_copy(update={"enabled": False}).watches_for(IncidentKind.PASTE)
