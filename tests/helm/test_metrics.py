"""Alerts, the dashboard and the scaler ask for metrics that the service has."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from prometheus_client import Counter, Histogram

from app.settings import Settings
from app.telemetry import _SECONDS, Telemetry
from models.pool import Stock
from tests.app.serving import serving
from tests.helm.chart import CHART, MATRIX, kind, kinds

DASHBOARD = json.loads((CHART / "dashboards" / "dragoman.json").read_text(encoding="utf-8"))
ENDINGS: dict[type, tuple[str, ...]] = {Counter: ("_total",), Histogram: ("_bucket", "_sum", "_count")}
"""What an exposition adds to the name."""


def exposed() -> dict[str, set[str]]:
    """Names as Prometheus has them, with their labels."""
    found: dict[str, set[str]] = {}
    telemetry = Telemetry(batch_tokens=1024)
    telemetry.watch(lambda: Stock(*[0] * len(fields(Stock))))
    for metric in set(telemetry.registry._collector_to_names):
        name, labels = metric._name, set(metric._labelnames)  # type: ignore[attr-defined]
        for ending in ENDINGS.get(type(metric), ("",)):
            found[name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return found


def rules() -> list[dict[str, Any]]:
    groups = kind("PrometheusRule", MATRIX["everything"])["spec"]["groups"]
    return [rule for group in groups for rule in group["rules"]]


def asked() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    scaler = kind("ScaledObject", MATRIX["by queue"])["spec"]["triggers"][0]["metadata"]["query"]
    return [*panels, scaler, *(rule["expr"] for rule in rules())]


def test_every_metric_asked_for_exists_with_the_labels_it_is_asked_by() -> None:
    known = exposed()
    added = {"namespace", "job", "service", "pod"}  # by Prometheus, of the target
    for query in asked():
        names = re.findall(r"\bdragoman_\w+", query)
        labels = {label for part in re.findall(r"{(.*?)}", query) for label in re.findall(r"(\w+)=", part)}
        labels |= {label.strip() for part in re.findall(r"by \((.*?)\)", query) for label in part.split(",")}
        assert set(names) <= set(known), query
        for name in names:
            allowed = set().union(*(known[each] for each in names)) | added
            assert labels <= allowed, (name, query)


def test_a_query_is_about_this_release_alone() -> None:
    for rule in rules():
        for selector in re.findall(r"{(.*?)}", rule["expr"]):
            assert 'namespace="languages"' in selector
            assert 'job="translations"' in selector or 'cronjob="translations-' in selector


def test_an_alert_says_what_it_means_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["description"].endswith(".")


def test_the_queue_alert_knows_the_queue_that_was_set() -> None:
    (rule,) = (each for each in rules() if each["alert"] == "DragomanQueueFull")

    assert rule["expr"].endswith("> 0.8 * 2000000")


def test_what_counts_as_slow_is_a_bound_of_the_metric() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    allowed = schema["properties"]["prometheusRule"]["properties"]["slowSeconds"]["enum"]
    assert {float(each) for each in allowed} <= set(_SECONDS)


def test_the_route_that_alerts_watch_is_one_that_is_counted(tmp_path: Path) -> None:
    with serving(Settings(data_dir=tmp_path)) as service:
        service.translate("Bom dia.")
        told = service.client.get("/metrics").text

    assert 'dragoman_http_requests_total{route="/v1/translate",status="200"} 1.0' in told
    assert 'dragoman_http_request_seconds_bucket{le="+Inf",route="/v1/translate"}' in told


def test_the_dashboard_is_in_its_configmap() -> None:
    maps = kinds("ConfigMap", MATRIX["everything"])
    (found,) = (each for each in maps if "dragoman.json" in each["data"])

    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(found["data"]["dragoman.json"]) == DASHBOARD


def test_panels_do_not_overlap() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]

    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
