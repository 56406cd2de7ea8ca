"""Certificates of one's own authorities: in every container that speaks to the database or the store."""

import pytest

from tests.helm.chart import MATRIX, POSTGRESQL, Object, kind, kinds
from tests.helm.test_objects import pods

PATH = "/run/authorities/ca.crt"
NAMES = {"AWS_CA_BUNDLE", "PGSSLROOTCERT", "SSL_CERT_FILE"}


def test_every_container_with_the_settings_has_the_file_they_name() -> None:
    values = MATRIX["everything"]
    told = kind("ConfigMap", {**values, "dashboard": {"enabled": False}})["data"]
    checked = 0
    for pod in pods(values):
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            mounts = {mount["name"]: mount["mountPath"] for mount in container.get("volumeMounts", [])}
            own = {each["name"]: each["value"] for each in container.get("env", [])}
            if "envFrom" in container or "SSL_CERT_FILE" in own:
                assert mounts["authorities"] == "/run/authorities"
                checked += 1
    assert {name for name in NAMES if told[name] == PATH} == NAMES
    assert checked == 6  # the service, its two before it, and three CronJobs


def volume(pod: Object) -> Object:
    found: list[Object] = [each for each in pod["volumes"] if each["name"] == "authorities"]
    (only,) = found
    return only


def test_they_are_of_a_secret_or_a_configmap() -> None:
    for pod in pods(MATRIX["everything"])[:3]:
        assert volume(pod)["secret"] == {
            "secretName": "authorities",
            "defaultMode": 0o440,
            "items": [{"key": "both.pem", "path": "ca.crt"}],
        }
    (job,) = kinds("RayJob", MATRIX["corpora"])
    head = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]
    (workers,) = job["spec"]["rayClusterSpec"]["workerGroupSpecs"]

    assert volume(head)["configMap"] == {
        "name": "authorities",
        "items": [{"key": "ca.crt", "path": "ca.crt"}],
    }
    assert "authorities" not in str(workers)


@pytest.mark.parametrize("name", ["defaults", "replicas", "documents in a store"])
def test_without_them_nothing_speaks_of_them(name: str) -> None:
    assert "authorities" not in str([pods(MATRIX[name]), kind("ConfigMap", MATRIX[name])])


def test_other_certificates_make_other_pods() -> None:
    marks = {
        kind("Deployment", {**POSTGRESQL, **values})["spec"]["template"]["metadata"]["annotations"][
            "checksum/settings"
        ]
        for values in ({}, {"caBundle": {"secret": "a"}}, {"caBundle": {"secret": "b"}})
    }
    assert len(marks) == 3
