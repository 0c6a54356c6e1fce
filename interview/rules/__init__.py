"""The proctoring rules: what was observed, and what of it is an incident for a person to look at.

They stand in the domain because two processes apply them: `proctoring` to camera and microphone, `control_api` to what
the candidate's page and seat tell. `engine` is pure; `file` reads the YAML.
"""

from interview.rules.engine import IncidentChange, State, due_at, in_order, replay, resume, step, tick
from interview.rules.file import default_rules, house_rules
from interview.rules.rule import Relaxation, Rule, RuleSet, RulesFile, rules_for

__all__ = [
    "IncidentChange",
    "Relaxation",
    "Rule",
    "RuleSet",
    "RulesFile",
    "State",
    "default_rules",
    "due_at",
    "house_rules",
    "in_order",
    "replay",
    "resume",
    "rules_for",
    "step",
    "tick",
]
