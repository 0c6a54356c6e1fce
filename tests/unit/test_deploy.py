"""The files in `deploy/` name metrics that `/metrics` tells."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, Metric, ProcessCollector

from control_api.monitoring.figures import Figures
from control_api.monitoring.metrics import of_house, of_replica
from control_api.monitoring.requests import Requests

DEPLOY = Path(__file__).parents[2] / "deploy"
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
_WORDS = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def told() -> set[str]:
    """The names of all samples."""
    own = CollectorRegistry()
    ProcessCollector(registry=own)
    Requests(own)
    figures = Figures(datetime.now(UTC), [], [], [], 0, 0, 0, [], [], {})
    families: list[Metric] = [
        *own.collect(),
        *of_house(figures),
        *of_replica(0, 0, 0, 0, database=True),
    ]
    return {family.name + suffix for family in families for suffix in _SUFFIXES[family.type]}


def named(expression: str) -> set[str]:
    """The metrics that an expression of PromQL names: its words but labels, functions and keywords."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|\b(by|on|without|ignoring)\s*\([^)]*\)", " ", expression)
    calls = set(re.findall(r"(\w+)\s*\(", bare))
    return set(_WORDS.findall(bare)) - calls - {"sum", "max", "min", "by", "and", "or", "unless"}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts" / "viva.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in json.loads((DEPLOY / "grafana" / "viva.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_metric_that_is_named_is_told(where: str, expression: str) -> None:
    names = named(expression)
    assert names
    assert names <= told()


def test_there_is_an_alert_for_all_that_was_asked() -> None:
    watched = set().union(*(named(rule["expr"]) for rule in rules()))
    assert watched >= {
        "queue_length",
        "queue_wait_seconds",
        "response_time_seconds_bucket",
        "requests_total",
        "cost_usd_total",
        "database_pool_in_use",
        "machine_cpu_ratio",
        "machine_memory_ratio",
    }
    assert all(rule["labels"]["severity"] and rule["annotations"]["summary"] for rule in rules())


def test_panels_have_ids_of_their_own_and_do_not_lie_on_one_another() -> None:
    panels = json.loads((DEPLOY / "grafana" / "viva.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (panel["gridPos"]["x"] + dx, panel["gridPos"]["y"] + dy)
        for panel in panels
        for dx in range(panel["gridPos"]["w"])
        for dy in range(panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)


def test_every_metric_that_the_operating_page_names_is_told() -> None:
    section = OPERATING.read_text().partition("**Metrics.**")[2].partition("**Logs.**")[0]
    spans = {span for span in re.findall(r"`([a-z_]+)`", section) if span.count("_") and span != "max"}
    assert spans
    assert spans - {"control_api"} <= told() | {name.removesuffix("_bucket") for name in told()}
