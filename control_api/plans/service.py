"""The use cases of plans. Who may do what was decided by the gate; `viva plan` uses the same functions."""

import asyncio
import uuid

from control_api.access import OnHouse, OnPlan
from control_api.parts import Parts
from control_api.plans.schemas import PlanChoices, PlanUpdateRequest, Which
from interview.catalogue import languages
from interview.clock import Clock
from interview.engines import EngineKind
from interview.errors import Conflict, Invalid, NotFound
from interview.plan import Engines, PlanContent
from interview.plan_yaml import read_plan
from interview.plans import ready_made
from interview.storage import Storage
from interview.stored_plan import Sharing, StoredPlan
from providers.directory import Directory


async def list_plans(
    parts: Parts, on: OnHouse, which: Which, *, title: str, limit: int, cursor: str | None
) -> tuple[list[StoredPlan], str | None]:
    """Return a page of plans, newest first, and the cursor of the next page."""
    if which is Which.READY:
        wanted = title.casefold()
        return [plan for plan in ready_made().values() if wanted in plan.content.title.casefold()], None
    return await parts.storage.plans.page(
        owner_id=None if which is Which.SHARED else on.rows_of,
        sharing=Sharing.SHARED if which is Which.SHARED else None,
        archived=which is Which.ARCHIVED,
        title=title,
        limit=limit,
        after=cursor,
    )


def choices(parts: Parts) -> PlanChoices:
    """Return what a plan may name in this house."""
    engines = {kind: _known(kind, parts.providers) for kind in EngineKind}
    return PlanChoices.of(sorted(languages()), engines, parts.rules)


async def add_plan(
    storage: Storage,
    clock: Clock,
    content: PlanContent,
    *,
    owner_id: str,
    actor: str,
    shared: bool = False,
    plan_id: str | None = None,
) -> StoredPlan:
    """Keep a new plan, or return the one that is kept already under a given `plan_id`.

    Raises `Invalid` (`language_unknown`).
    """
    check_language(content.language)
    now = clock.now()
    plan = StoredPlan(
        plan_id=plan_id or str(uuid.uuid4()),
        owner_id=owner_id,
        sharing=Sharing.SHARED if shared else Sharing.PRIVATE,
        content=content,
        created_at=now,
        updated_at=now,
    )
    try:
        await storage.plans.add(plan)
    except Conflict:
        kept = await storage.plans.get(plan.plan_id)
        if kept is None or kept.owner_id != owner_id:
            raise
        return kept  # whoever made it died before they could say so
    await storage.audit.add(actor=actor, action="create plan", subject=f"plan:{plan.plan_id}")
    return plan


async def version_of(parts: Parts, on: OnPlan, version: int) -> PlanContent:
    """Return what a plan said in that version. Raises `NotFound` (`plan_version_not_found`).

    Who merely uses a shared plan sees what is shared now: what it said before was perhaps a draft.
    """
    if version != on.plan.version and not on.may_change:
        raise NotFound("of this plan you see the present version", code="plan_version_not_found", version=version)
    return await parts.storage.plans.version(on.plan, version)


async def update_plan(parts: Parts, on: OnPlan, given: PlanUpdateRequest) -> StoredPlan:
    """Make the next version.

    Raises `Conflict` (`plan_changed`, `plan_archived`) and `Invalid` (`language_unknown`, `engine_unknown`).
    """
    check_language(given.plan.language)
    check_engines(given.plan.engines, parts.providers, before=on.plan.content.engines)
    sharing = on.plan.sharing
    if given.shared is not None:
        sharing = Sharing.SHARED if given.shared else Sharing.PRIVATE
    changed = await parts.storage.plans.update(on.plan, given.plan, sharing=sharing, edited=given.version)
    await _note(parts, on, "change plan")
    return changed


async def archive_plan(parts: Parts, on: OnPlan) -> None:
    """Take a plan out of use. Sessions keep their snapshots; repeating it changes nothing."""
    if on.plan.archived_at is None:
        await parts.storage.plans.archive(on.plan.plan_id)
        await _note(parts, on, "delete plan")


async def clone_plan(parts: Parts, on: OnPlan, title: str | None, plan_id: str) -> StoredPlan:
    """Copy a plan for the caller."""
    content = on.plan.content if title is None else on.plan.content.model_copy(update={"title": title})
    return await add_plan(
        parts.storage,
        parts.clock,
        content,
        owner_id=on.caller.user.user_id,
        actor=on.caller.actor,
        plan_id=plan_id,
    )


async def import_plan(parts: Parts, on: OnHouse, body: bytes, plan_id: str) -> StoredPlan:
    """Keep a plan that comes as YAML.

    Raises `Invalid` (`malformed_yaml`, `invalid`, `language_unknown`, `engine_unknown`).
    """
    content = await asyncio.to_thread(read_plan, decoded(body))
    check_engines(content.engines, parts.providers)
    return await add_plan(
        parts.storage,
        parts.clock,
        content,
        owner_id=on.caller.user.user_id,
        actor=on.caller.actor,
        plan_id=plan_id,
    )


def decoded(body: bytes) -> str:
    """Return a file's text. Raises `Invalid` (`malformed_yaml`) when it is not UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("the file is not UTF-8", code="malformed_yaml", line=1) from None


def check_language(language: str) -> None:
    """Raise `Invalid` (`language_unknown`) unless the interviewer speaks it."""
    if language not in languages():
        raise Invalid(
            f"the interviewer does not speak {language!r}", code="language_unknown", known=sorted(languages())
        )


def check_engines(engines: Engines, providers: Directory, *, before: Engines | None = None) -> None:
    """Raise `Invalid` (`engine_unknown`) unless the house has each provider that a plan names.

    What the plan named `before` is let be: the operator's file may have changed since, and such a plan goes by the
    usual order. Names only are told: whoever writes plans is not to learn addresses and keys.
    """
    for kind in EngineKind:
        name = engines.of(kind)
        known = _known(kind, providers)
        if name in ("", *known) or (before is not None and name == before.of(kind)):
            continue
        raise Invalid(
            f"engines.{kind}: there is no provider {name!r}; there are: {', '.join(known)}",
            code="engine_unknown",
            kind=kind.value,
            known=known,
        )


def _known(kind: EngineKind, providers: Directory) -> list[str]:
    return [provider.name for provider in providers.of(kind)]


async def _note(parts: Parts, on: OnPlan, action: str) -> None:
    await parts.storage.audit.add(actor=on.caller.actor, action=action, subject=f"plan:{on.plan.plan_id}")
