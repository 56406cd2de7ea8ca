"""Who sets the number of pods, by what, and how many may go at a time."""

import re
from typing import Any

import pytest

from app.telemetry import Telemetry
from tests.helm.chart import MATRIX, Object, kind, kinds


def of_worker(kind: str, name: str) -> Object:
    (found,) = (each for each in kinds(kind, MATRIX[name]) if each["metadata"]["name"] == "dragoman-worker")
    spec: Object = found["spec"]
    return spec


@pytest.mark.parametrize("name", ["workers by processor", "workers by queue"])
def test_whoever_scales_workers_names_their_deployment_and_sets_its_number_alone(name: str) -> None:
    scaler = of_worker("HorizontalPodAutoscaler" if "processor" in name else "ScaledObject", name)
    replicas = {
        each["metadata"]["name"]: each["spec"].get("replicas") for each in kinds("Deployment", MATRIX[name])
    }

    assert scaler["scaleTargetRef"]["name"] == "dragoman-worker"
    assert replicas == {"dragoman": 1, "dragoman-worker": None}


def test_workers_come_from_none_by_what_the_service_s_own_pods_say() -> None:
    spec = of_worker("ScaledObject", "workers by queue")
    (trigger,) = spec["triggers"]

    assert spec["minReplicaCount"] == 0
    assert trigger["metadata"]["threshold"] == "8"
    # Not the workers' own Service: nobody would say anything while there is none.
    assert 'service="dragoman"' in trigger["metadata"]["query"]
    assert "dragoman_chunks" in trigger["metadata"]["query"]
    assert "dragoman_chunks" in str(Telemetry(batch_tokens=1).exposition())


@pytest.mark.parametrize("name", ["workers", "replicas"])
def test_one_pod_of_each_kind_may_go_at_a_time(name: str) -> None:
    budgets = {each["metadata"]["name"]: each["spec"] for each in kinds("PodDisruptionBudget", MATRIX[name])}
    deployed = {
        each["metadata"]["name"]: each["spec"]["template"] for each in kinds("Deployment", MATRIX[name])
    }

    assert set(budgets) == set(deployed)
    for own, spec in budgets.items():
        found = {
            each
            for each, template in deployed.items()
            if spec["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        }
        assert (spec["maxUnavailable"], found) == (1, {own})


def test_each_kind_is_spread_by_itself() -> None:
    for each in kinds("Deployment", MATRIX["workers"]):
        template = each["spec"]["template"]
        (spread,) = template["spec"]["topologySpreadConstraints"]
        labels: dict[str, Any] = spread["labelSelector"]["matchLabels"]
        assert labels == each["spec"]["selector"]["matchLabels"]
        assert spread["matchLabelKeys"] == ["pod-template-hash"]


def test_alerts_watch_workers_where_there_are_any() -> None:
    def asked(name: str) -> set[str]:
        (group,) = kind("PrometheusRule", MATRIX[name])["spec"]["groups"]
        return {job for rule in group["rules"] for job in re.findall(r"job=~?\"(.*?)\"", rule["expr"])}

    assert asked("workers by queue") == {"dragoman|dragoman-worker"}
    assert asked("by queue") == {"dragoman"}


def test_keda_says_who_it_is_where_prometheus_asks() -> None:
    (trigger,) = kind("ScaledObject", MATRIX["by queue"])["spec"]["triggers"]
    (silent,) = kind("ScaledObject", MATRIX["workers by queue"])["spec"]["triggers"]

    assert trigger["authenticationRef"] == {"name": "asker", "kind": "TriggerAuthentication"}
    assert trigger["metadata"]["authModes"] == "bearer"
    assert set(silent) == {"type", "metadata"}
    assert "authModes" not in silent["metadata"]
