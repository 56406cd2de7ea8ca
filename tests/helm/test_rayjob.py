"""The run over a corpus: what KubeRay is given, whose schema Kubernetes does not bring."""

import shlex
from typing import Any

import pytest
from typer.main import get_command

from app.cli.main import app
from tests.helm.chart import MATRIX, MISSING, Object, kind, kinds

CORPORA = MATRIX["corpora"]


@pytest.fixture(scope="module")
def spec() -> Object:
    found: Object = kind("RayJob", CORPORA)["spec"]
    return found


def templates(spec: Object) -> tuple[Object, Object]:
    (workers,) = spec["rayClusterSpec"]["workerGroupSpecs"]
    return spec["rayClusterSpec"]["headGroupSpec"]["template"], workers["template"]


def test_the_command_is_one_that_dragoman_takes_word_for_word(spec: Object) -> None:
    program, *words = shlex.split(spec["entrypoint"])
    command: Any = get_command(app)
    for name in words[:2]:
        command = command.commands[name]
    taken = command.make_context("run", words[2:]).params

    assert (program, words[:2]) == ("dragoman", ["bulk", "run"])
    assert taken["named"] == [CORPORA["rayJob"]["args"][0]]
    assert (taken["out"], taken["engine"].value, taken["address"]) == ("/corpora/out.jsonl", "ray", "auto")


def test_kubernetes_takes_the_pods_of_the_cluster(spec: Object) -> None:
    validate = pytest.importorskip("kubernetes_validate", reason=MISSING).validate
    for template in templates(spec):
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            **template,
            "metadata": {"name": "a", **template["metadata"]},
        }
        validate(pod, "1.36", strict=True)


def test_the_cluster_is_closed_and_ends_with_its_run(spec: Object) -> None:
    assert spec["rayClusterSpec"]["authOptions"] == {"mode": "token"}
    assert spec["shutdownAfterJobFinishes"] is True
    for template in templates(spec):
        pod = template["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {"name": "RAY_USAGE_STATS_ENABLED", "value": "0"} in container["env"]
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            each["name"] for each in pod["volumes"]
        }


def test_database_and_corpus_are_the_head_s_and_models_are_everywhere(spec: Object) -> None:
    head, worker = (template["spec"]["containers"][0] for template in templates(spec))
    mounted = [
        {mount["name"]: mount["mountPath"] for mount in each["volumeMounts"]} for each in (head, worker)
    ]

    assert {"secretRef": {"name": "dragoman"}} in head["envFrom"]
    assert "envFrom" not in worker
    assert mounted[0] == {**mounted[1], "corpora": "/corpora", "authorities": "/run/authorities"}
    assert {"models", "master-key"} <= set(mounted[1])
    assert spec["rayClusterSpec"]["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_ray_s_ports_are_for_its_own_pods_and_the_dashboard_for_the_operator(spec: Object) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in kinds("NetworkPolicy", CORPORA)}
    own = policies["dragoman-corpora"]
    among = own["podSelector"]
    within, operator = own["ingress"]

    for template in templates(spec):
        assert among["matchLabels"].items() <= template["metadata"]["labels"].items()
        assert (
            policies["dragoman"]["podSelector"]["matchLabels"].items()
            <= template["metadata"]["labels"].items()
        )
    assert within == {"from": [{"podSelector": among}]}
    assert [port["port"] for port in operator["ports"]] == [8265]
    assert own["egress"] == [{"to": [{"podSelector": among}]}]
    assert not kind("Service", CORPORA)["spec"]["selector"].items() <= among["matchLabels"].items()


def test_a_name_that_kuberay_takes() -> None:
    named = kind("RayJob", {**CORPORA, "fullnameOverride": "a" * 40})["metadata"]["name"]

    assert len(named) <= 47
