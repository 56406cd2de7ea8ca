"""Two Deployments: who takes calls, and who works on documents."""

from app.settings import Settings
from tests.helm.chart import MATRIX, kinds

VALUES = MATRIX["workers"]


def test_each_knows_its_role_and_the_service_finds_one_alone() -> None:
    found = {each["metadata"]["name"]: each["spec"] for each in kinds("Deployment", VALUES)}
    services = {each["metadata"]["name"]: each["spec"]["selector"] for each in kinds("Service", VALUES)}
    roles = {}
    for name, spec in found.items():
        template = spec["template"]
        (container,) = template["spec"]["containers"]
        (roles[name],) = (each["value"] for each in container["env"])
        Settings.model_validate({"role": roles[name]})
        assert spec["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        reached = {
            each
            for each, labels in services.items()
            if labels.items() <= template["metadata"]["labels"].items()
        }
        assert reached == {name}

    assert roles == {"dragoman": "api", "dragoman-worker": "worker"}
    assert found["dragoman-worker"]["replicas"] == 3


def test_without_workers_nobody_is_told_a_role() -> None:
    (only,) = kinds("Deployment", MATRIX["replicas"])

    assert "env" not in only["spec"]["template"]["spec"]["containers"][0]
