"""The chart as Helm renders it, and the values that the tests go through."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CHART = Path(__file__).parents[2] / "helm" / "dragoman"
MISSING = "needs Helm and the Kubernetes schemas: pip install -r requirements-deploy.lock"
Object = dict[str, Any]
Values = Mapping[str, Any]

POSTGRESQL = {
    "database": "postgresql",
    "secrets": {"database_url": "postgresql://dragoman:hidden@db/dragoman"},  # a made-up password
    "persistence": {"accessMode": "ReadWriteMany"},
}
# Rendered here, Helm knows Kubernetes' own kinds alone.
NO_CLUSTER = {"checkOperators": False}
SCRAPED = {**NO_CLUSTER, "serviceMonitor": {"enabled": True, "credentials": {"secret": "metrics-key"}}}
WATCHED = {**SCRAPED, "prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}}

MATRIX: dict[str, Values] = {
    "defaults": {},
    "one box": {"settings": {"beam_size": 4}, "persistence": {"existingClaim": "ledger"}},
    "open": {**NO_CLUSTER, "settings": {"auth": "open"}, "serviceMonitor": {"enabled": True}},
    "no waiting": {"awaitKey": False, "networkPolicy": {"enabled": False}},
    "replicas": {**POSTGRESQL, "replicas": 3},
    "elsewhere's secret": {
        "database": "postgresql",
        "existingSecret": "dragoman-settings",
        "replicas": 2,
        "persistence": {"existingClaim": "documents"},
    },
    "documents in a store": {
        **POSTGRESQL,
        "replicas": 3,
        "persistence": {"enabled": False},
        "settings": {"blobs": "s3://documents/dragoman"},
        "objectStore": {"endpoint": "https://store:9000", "region": "eu-west-2", "existingSecret": "store"},
        "networkPolicy": {"objectStore": {"to": [{"ipBlock": {"cidr": "10.0.0.7/32"}}], "port": 9000}},
    },
    "texts alone": {**POSTGRESQL, "persistence": {"enabled": False}},
    "database in the cluster": {
        "database": "postgresql",
        "replicas": 2,
        "postgresql": {"enabled": True, "password": "hidden-hidden-hidden"},
        "persistence": {"accessMode": "ReadWriteMany"},
        "masterKey": {"existingSecret": "master"},
        "backup": {"enabled": True, "keySecret": "seal"},
        "networkPolicy": {"dns": {"to": [{"ipBlock": {"cidr": "169.254.20.10/32"}}], "port": 5353}},
    },
    "corpora": {
        **POSTGRESQL,
        **NO_CLUSTER,
        "caBundle": {"configMap": "authorities"},
        "models": {"enabled": True, "existingClaim": "models"},
        "masterKey": {"existingSecret": "master"},
        "rayJob": {
            "enabled": True,
            "image": "registry.example/dragoman-ray:1",
            "claim": "corpora",
            "args": ["/corpora/a folder/$(id).jsonl", "--to", "en", "--out", "/corpora/out.jsonl"],
        },
    },
    "workers": {**POSTGRESQL, **SCRAPED, "workers": {"enabled": True, "replicas": 3}},
    "workers by processor": {
        **POSTGRESQL,
        "workers": {"enabled": True, "autoscaling": {"enabled": True, "maxReplicas": 12}},
    },
    "workers by queue": {
        **POSTGRESQL,
        **WATCHED,
        "workers": {"enabled": True, "keda": {"enabled": True, "minReplicas": 0, "chunks": 8}},
    },
    "backed up": {"backup": {"enabled": True}},
    "by processor": {**POSTGRESQL, "autoscaling": {"enabled": True}},
    "by queue": {**POSTGRESQL, **WATCHED, "keda": {"enabled": True, "authentication": {"name": "asker"}}},
    "traced": {
        "settings": {"traces_endpoint": "http://collector.watching.svc:4318/v1/traces"},
        "otel": {"OTEL_TRACES_SAMPLER_ARG": "0.01"},
        "tmp": {"medium": "disk", "sizeLimit": "3Gi"},
        "secrets": {"master_key": "hidden"},
    },
    "everything": {
        **POSTGRESQL,
        **WATCHED,
        "prometheusRule": {"enabled": True, "cronJobs": True},
        "retention": {"enabled": True},
        "replicas": 4,
        "fullnameOverride": "translations",
        "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": ["registry"]},
        "settings": {"drain_timeout": 12.5, "price_per_million": 8.06, "queue_tokens": 2_000_000},
        "models": {
            "enabled": True,
            "accessMode": "ReadWriteMany",
            "init": {"image": "rclone:1", "command": ["rclone", "sync", "s3:models", "/models"]},
        },
        "ingress": {"enabled": True, "className": "nginx", "tlsSecret": "tls", "annotations": {"a": "b"}},
        "service": {"type": "NodePort", "annotations": {"c": "d"}},
        "serviceAccount": {"annotations": {"e": "f"}},
        "podAnnotations": {"g": "h"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
        "topologySpread": {"whenUnsatisfiable": "DoNotSchedule"},
        "networkPolicy": {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}],
            "database": {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}], "port": 6432},
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.9/32"}}], "port": 443}],
        },
        "verify": {"enabled": True},
        "caBundle": {"secret": "authorities", "key": "both.pem"},
        "backup": {"enabled": True, "existingClaim": "backups", "copies": 3},
    },
    "models of one's own": {"models": {"enabled": True, "existingClaim": "models"}},
}


def files(values: Values, *, release: str = "dragoman") -> dict[str, str]:
    """What each template became, by its path below templates/. Raises what Helm says of values it refuses."""
    return dict(_rendered(json.dumps(values), release))


@cache
def _rendered(values: str, release: str) -> dict[str, str]:
    helm = pytest.importorskip("helm_python", reason=MISSING)
    with helm.Chart.load(str(CHART)) as chart:
        chart.validate_schema(json.loads(values))
        rendered: dict[str, str] = chart.render(json.loads(values), name=release, namespace="languages")
    return {path.partition("/templates/")[2]: text for path, text in rendered.items()}


def objects(values: Values) -> list[Object]:
    texts = [text for path, text in files(values).items() if path.endswith(".yaml")]
    return [each for text in texts for each in yaml.safe_load_all(text) if each]


def kind(wanted: str, values: Values) -> Object:
    """The one object of that kind."""
    (found,) = kinds(wanted, values)
    return found


def kinds(wanted: str, values: Values) -> list[Object]:
    return [each for each in objects(values) if each["kind"] == wanted]


def refused(values: Values) -> str:
    """What Helm says of values that it must not take."""
    helm = pytest.importorskip("helm_python", reason=MISSING)
    with pytest.raises(helm.HelmError) as told:
        files(values)
    return str(told.value)
