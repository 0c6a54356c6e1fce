"""The ready-made plans, one YAML file each. Change the `version` in a file with every change of its words."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from interview.errors import ConfigurationError, Invalid
from interview.plan import Plan
from interview.plan_yaml import read_yaml, validated
from interview.stored_plan import READY_PREFIX, Sharing, StoredPlan

_FOLDER = Path(__file__).parent
_OWNER = "viva"
_SINCE = datetime(2026, 11, 1, tzinfo=UTC)


@cache
def ready_made() -> dict[str, StoredPlan]:
    """Return the ready-made plans by id (`ready:nurse_triage`). Raises `ConfigurationError` if a file is wrong."""
    plans: dict[str, StoredPlan] = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        plan_id = f"{READY_PREFIX}{path.stem}"
        try:
            data = read_yaml(path.read_text(encoding="utf-8"))
            plan = validated(Plan, {**data, "plan_id": plan_id})
        except Invalid as error:
            raise ConfigurationError(f"the ready-made plan {path.name} is wrong: {error.message}") from error
        plans[plan_id] = StoredPlan(
            plan_id=plan_id,
            owner_id=_OWNER,
            sharing=Sharing.SHARED,
            version=plan.version,
            content=plan.content(),
            created_at=_SINCE,
            updated_at=_SINCE,
        )
    return plans
