"""The values: closed, one to one with Settings, and refused with a sentence where they make no sense together."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.settings import Settings, load_settings
from tests.helm.chart import CHART, MATRIX, POSTGRESQL, kind, kinds, refused

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
CREDENTIALS = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
VOLUMES = {"data_dir", "model_dir"}

EXAMPLES: dict[str, Any] = {
    **{name: field.default for name, field in Settings.model_fields.items()},
    "auth": "required",
    "host": "0.0.0.0",  # noqa: S104
    "exchange_rates": "USD=0.79@2026-11-20",
}


def as_value(value: object) -> object:
    return value if isinstance(value, bool | int | float | str) else float(str(value))


def objects_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if schema.get("type") == "object":
        yield schema
    for key in ("properties",):
        for each in schema.get(key, {}).values():
            yield from objects_of(each)
    if isinstance(schema.get("items"), dict):
        yield from objects_of(schema["items"])


def test_the_schema_is_closed_everywhere() -> None:
    for each in objects_of(SCHEMA):
        assert each.get("additionalProperties") in (False, {"type": "string"}), each


def test_the_schema_knows_every_value_and_the_values_every_part_of_the_schema() -> None:
    assert set(SCHEMA["properties"]) == {*VALUES, "global"}
    for name, part in VALUES.items():
        if isinstance(part, dict) and SCHEMA["properties"][name].get("properties") and name != "settings":
            assert set(part) == set(SCHEMA["properties"][name]["properties"]) or name in (
                "secrets",
                "resources",
            )


def test_the_schema_of_settings_is_that_of_the_code() -> None:
    program = Path("scripts") / "make_chart_schema.py"
    ran = subprocess.run(
        [sys.executable, str(program), "--check"], cwd=CHART.parents[1], check=False, timeout=60
    )

    assert ran.returncode == 0, f"python {program} renews it"


def test_every_setting_can_be_reached() -> None:
    settings, secrets = SCHEMA["properties"]["settings"], SCHEMA["properties"]["secrets"]

    assert {*settings["properties"], *secrets["properties"], *VOLUMES} == set(Settings.model_fields)
    assert set(secrets["properties"]) == CREDENTIALS


def test_settings_arrive_as_they_were_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {name: as_value(EXAMPLES[name]) for name in SCHEMA["properties"]["settings"]["properties"]}
    hidden = {name: f"postgresql://{name}" for name in SCHEMA["properties"]["secrets"]["properties"]}
    values = {
        **POSTGRESQL,
        "secrets": hidden,
        "settings": wanted,
        "models": {"enabled": True, "existingClaim": "models"},
    }
    environment = {**kind("ConfigMap", values)["data"], **kind("Secret", values)["stringData"]}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    got = load_settings()

    assert {name for name in environment if name.startswith("DRAGOMAN_")} == {
        f"DRAGOMAN_{name.upper()}" for name in Settings.model_fields if name in wanted or name in VOLUMES
    } | {f"DRAGOMAN_{name.upper()}" for name in hidden}
    assert {name: as_value(getattr(got, name)) for name in wanted} == wanted
    assert {name: getattr(got, name).get_secret_value() for name in hidden} == hidden
    assert (str(got.data_dir), str(got.model_dir)) == ("/data", "/models")


@pytest.mark.parametrize("name", MATRIX)
def test_nothing_secret_is_in_a_configmap(name: str) -> None:
    for each in kinds("ConfigMap", MATRIX[name]):
        assert "hidden" not in str(each)
        assert not {f"DRAGOMAN_{secret.upper()}" for secret in CREDENTIALS} & set(each["data"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"replicas": 2}, "replicas"),
        ({"autoscaling": {"enabled": True}}, "SQLite is for one replica"),
        ({"keda": {"enabled": True}}, "SQLite is for one replica"),
        ({"database": "postgresql"}, "secrets.database_url"),
        ({"secrets": POSTGRESQL["secrets"]}, "say database: postgresql"),
        ({"verify": {"enabled": True}}, "needs database: postgresql"),
        ({"retention": {"enabled": True}}, "needs database: postgresql"),
        ({"prometheusRule": {"cronJobs": True}}, "set prometheusRule.enabled"),
        ({"otel": {"DRAGOMAN_AUTH": "open"}}, "'DRAGOMAN_AUTH'"),
        ({"otel": {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=hidden"}}, "_HEADERS'"),
        ({"tmp": {"medium": "ram"}}, "medium"),
        ({**POSTGRESQL, "keda": {"authentication": {"name": "a", "modes": "key"}}}, "modes"),
        ({"serviceMonitor": {"enabled": True}}, "serviceMonitor.credentials.secret"),
        ({**POSTGRESQL, "models": {"enabled": True}}, "Replicas share the models"),
        ({**POSTGRESQL, "persistence": {}}, "Replicas share the documents"),
        ({"persistence": {"enabled": False}}, "must stay true"),
        ({"postgresql": {"enabled": True, "password": "p" * 16}}, "say database: postgresql"),
        ({"database": "postgresql", "postgresql": {"enabled": True}}, "needs postgresql.password"),
        ({**POSTGRESQL, "postgresql": {"enabled": True, "password": "p" * 16}}, "keep one"),
        ({"postgresql": {"password": "short"}}, "password"),
        ({"masterKey": {"existingSecret": "a"}, "secrets": {"master_key": "b"}}, "is the master key"),
        ({"backup": {"enabled": True}, "persistence": {"accessMode": "ReadWriteOncePod"}}, "one pod"),
        ({"backup": {"copies": 0}}, "copies"),
        (
            {"rayJob": {"enabled": True, "image": "a", "claim": "b", "args": ["c"]}},
            "say database: postgresql",
        ),
        ({**POSTGRESQL, "rayJob": {"enabled": True, "image": "a", "args": ["b"]}}, "rayJob.claim"),
        ({"rayJob": {"args": ["it's"]}}, "args"),
        ({"workers": {"enabled": True}}, "need database: postgresql"),
        ({"settings": {"role": "worker"}}, "workers.enabled"),
        ({**POSTGRESQL, "workers": {"enabled": True}, "persistence": {"enabled": False}}, "settings.blobs"),
        ({"objectStore": {"endpoint": "https://store:9000"}}, "settings.blobs"),
        ({"settings": {"blobs": "/var/documents"}}, "blobs"),
        (
            {**POSTGRESQL, "autoscaling": {"enabled": True}, "keda": {"enabled": True}},
            "enable one",
        ),
        ({**POSTGRESQL, "keda": {"enabled": True}}, "keda makes an object of keda.sh/v1alpha1"),
        (
            {**POSTGRESQL, "workers": {"enabled": True, "keda": {"enabled": True}}},
            "workers.keda makes an object of keda.sh/v1alpha1",
        ),
        ({"settings": {"auth": "open"}, "serviceMonitor": {"enabled": True}}, "monitoring.coreos.com/v1"),
        ({"prometheusRule": {"enabled": True}}, "say --api-versions monitoring.coreos.com/v1"),
        ({**MATRIX["corpora"], "checkOperators": True}, "install KubeRay first"),
        ({**POSTGRESQL, "workers": {"autoscaling": {"enabled": True}}}, "set workers.enabled"),
        (
            {
                **POSTGRESQL,
                "workers": {"enabled": True, "autoscaling": {"enabled": True}, "keda": {"enabled": True}},
            },
            "enable one",
        ),
        ({**POSTGRESQL, "autoscaling": {"enabled": True, "minReplicas": 9}}, "above maxReplicas (6)"),
        ({"caBundle": {"secret": "a", "configMap": "b"}}, "keep one"),
        ({"networkPolicy": {"dns": {"to": []}}}, "dns"),
        ({"fullnameOverride": "a" * 41}, "fullnameOverride"),
        ({"replica": 1}, "replica"),
        ({"settings": {"beam_width": 2}}, "beam_width"),
        ({"settings": {"beam_size": 99}}, "beam_size"),
        ({"settings": {"database_url": "postgresql://x"}}, "database_url"),
        ({"settings": {"port": 0}}, "port"),
        ({"image": {"digest": "latest"}}, "digest"),
        ({"networkPolicy": {"from": [{}]}}, "from"),
        ({"ingress": {"hosts": []}}, "hosts"),
        ({"database": "mysql"}, "database"),
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused(values: dict[str, Any], said: str) -> None:
    assert said in refused(values)
