"""Whatever is asked for, the chart renders to what Kubernetes takes."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.helm.chart import CHART, MATRIX, MISSING, files, objects

OPERATORS = ("monitoring.coreos.com/", "keda.sh/", "ray.io/")
"""Groups whose schemas Kubernetes does not bring."""
VERSIONS = ("1.30", "1.36")


@pytest.fixture(scope="module")
def validate() -> Callable[..., Any]:
    found: Callable[..., Any] = pytest.importorskip("kubernetes_validate", reason=MISSING).validate
    return found


def test_helm_lint_finds_nothing() -> None:
    helm = pytest.importorskip("helm_python", reason=MISSING)

    told = helm.lint(str(CHART))

    assert told["errors"] == []
    assert [each["error"] for each in told["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", MATRIX)
def test_kubernetes_takes_every_object(validate: Callable[..., Any], name: str, version: str) -> None:
    for each in objects(MATRIX[name]):
        if not each["apiVersion"].startswith(OPERATORS):
            validate(each, version, strict=True)


@pytest.mark.parametrize("name", MATRIX)
def test_there_is_one_resource_a_file(name: str) -> None:
    for path, text in files(MATRIX[name]).items():
        if path.endswith(".yaml"):
            assert len([each for each in yaml.safe_load_all(text) if each]) <= 1, path


def test_every_template_is_rendered_somewhere() -> None:
    used = {
        path
        for values in MATRIX.values()
        for path, text in files(values).items()
        if path.endswith(".yaml") and yaml.safe_load(text)
    }
    templates = CHART / "templates"

    assert used == {str(file.relative_to(templates)) for file in templates.rglob("*.yaml")}


@pytest.mark.parametrize("name", MATRIX)
def test_names_and_labels_are_consistent(name: str) -> None:
    for each in objects(MATRIX[name]):
        assert each["metadata"]["name"].startswith(str(MATRIX[name].get("fullnameOverride", "dragoman")))
        assert each["metadata"]["labels"]["app.kubernetes.io/instance"] == "dragoman"


def test_the_chart_is_of_this_version() -> None:
    project = (CHART.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))

    assert f'\nversion = "{chart["appVersion"]}"\n' in project
