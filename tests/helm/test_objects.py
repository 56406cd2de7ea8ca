"""What single objects promise."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from app.api.access import PUBLIC
from app.storage.postgresql import CONNECTIONS
from tests.helm.chart import MATRIX, POSTGRESQL, Object, kind, kinds

RUNS_PODS = {"Deployment", "CronJob", "Pod"}


def pods(values: Any) -> list[Object]:
    """The specifications of all pods."""
    running = (*kinds("Deployment", values), *kinds("StatefulSet", values))
    deployed = [each["spec"]["template"]["spec"] for each in running]
    timed = [each["spec"]["jobTemplate"]["spec"]["template"]["spec"] for each in kinds("CronJob", values)]
    return [*deployed, *timed, *(each["spec"] for each in kinds("Pod", values))]


def api(values: Any) -> Object:
    (container,) = kind("Deployment", values)["spec"]["template"]["spec"]["containers"]
    found: Object = container
    return found


@pytest.mark.parametrize("name", MATRIX)
def test_no_pod_may_more_than_it_must(name: str) -> None:
    for pod in pods(MATRIX[name]):
        assert pod["automountServiceAccountToken"] is False
        # Without it a Service called dragoman sets DRAGOMAN_PORT=tcp://..., which is no port.
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        user = 999 if pod["containers"][0]["name"] == "postgresql" else 10001
        assert pod["securityContext"]["runAsUser"] == user
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", MATRIX)
def test_every_mount_has_a_volume_and_every_volume_a_claim_that_exists(name: str) -> None:
    given = {claim["metadata"]["name"] for claim in kinds("PersistentVolumeClaim", MATRIX[name])}
    given |= {"ledger", "models", "documents", "backups"}
    for pod in pods(MATRIX[name]):
        volumes = {each["name"]: each for each in pod.get("volumes", [])}
        if pod["containers"][0]["name"] == "postgresql":
            (made,) = kind("StatefulSet", MATRIX[name])["spec"]["volumeClaimTemplates"]
            volumes[made["metadata"]["name"]] = {}
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= set(volumes)
        claimed = [
            each["persistentVolumeClaim"]["claimName"]
            for each in volumes.values()
            if len(each) > 1 and "persistentVolumeClaim" in each
        ]
        assert set(claimed) <= given


def test_probes_ask_what_needs_no_key() -> None:
    container = api({})
    asked = {name: container[name]["httpGet"]["path"] for name in container if name.endswith("Probe")}

    assert asked == {"startupProbe": "/readyz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    assert set(asked.values()) <= PUBLIC


@pytest.mark.parametrize(
    ("drain", "before", "grace"), [(30, 5, 45), (12.5, 5, 28), (0, 0, 10), (600, 20, 630)]
)
def test_a_pod_is_given_the_time_to_drain(drain: float, before: int, grace: int) -> None:
    values = {"settings": {"drain_timeout": drain}, "preStopSeconds": before}

    assert kind("Deployment", values)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == grace
    assert api(values)["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", str(before)]


def test_sqlite_has_one_writer() -> None:
    spec = kind("Deployment", {})["spec"]

    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}
    assert kind("PersistentVolumeClaim", {})["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def test_replicas_are_replaced_one_by_one_and_never_one_too_few() -> None:
    spec = kind("Deployment", MATRIX["replicas"])["spec"]

    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert kind("PersistentVolumeClaim", MATRIX["replicas"])["spec"]["accessModes"] == ["ReadWriteMany"]


def test_without_a_claim_the_folder_lives_as_long_as_its_pod() -> None:
    spec = kind("Deployment", MATRIX["texts alone"])["spec"]["template"]["spec"]

    assert {"name": "data", "emptyDir": {}} in spec["volumes"]
    assert kinds("PersistentVolumeClaim", MATRIX["texts alone"]) == []


@pytest.mark.parametrize("name", ["by processor", "by queue"])
def test_a_scaler_and_the_deployment_do_not_quarrel(name: str) -> None:
    assert "replicas" not in kind("Deployment", MATRIX[name])["spec"]


def test_other_settings_make_other_pods() -> None:
    def mark(values: Any) -> str:
        annotations = kind("Deployment", values)["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["checksum/settings"])

    other = {**POSTGRESQL, "secrets": {"database_url": "postgresql://elsewhere/dragoman"}}

    assert mark({}) == mark({})
    assert len({mark({}), mark({"settings": {"beam_size": 2}}), mark(POSTGRESQL), mark(other)}) == 4


def test_services_and_policies_find_the_pods_they_mean() -> None:
    values = MATRIX["everything"]
    labels = kind("Deployment", values)["spec"]["template"]["metadata"]["labels"]
    timed = [each["spec"]["jobTemplate"]["spec"]["template"] for each in kinds("CronJob", values)]
    others = [each["metadata"]["labels"] for each in timed]
    service = kind("Service", values)["spec"]["selector"]
    policy = kind("NetworkPolicy", values)["spec"]["podSelector"]["matchLabels"]

    assert service.items() <= labels.items()
    assert len(others) == 3
    assert not any(service.items() <= each.items() for each in others)
    assert policy.items() <= labels.items()
    assert all(policy.items() <= each.items() for each in others)
    assert kind("PodDisruptionBudget", values)["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_the_network_is_closed_but_for_what_is_named() -> None:
    spec = kind("NetworkPolicy", {})["spec"]
    ports = [port["port"] for rule in spec["egress"] for port in rule["ports"]]

    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert ports == [53, 53, 8080]
    assert all("to" in rule for rule in spec["egress"])
    assert kind("NetworkPolicy", {"networkPolicy": {"from": []}})["spec"]["ingress"] == []


def test_postgresql_is_let_out_to_and_no_further() -> None:
    egress = kind("NetworkPolicy", MATRIX["everything"])["spec"]["egress"]

    assert egress[2] == {
        "ports": [{"protocol": "TCP", "port": 6432}],
        "to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}],
    }
    assert egress[3]["ports"] == [{"protocol": "TCP", "port": 443}]


def test_a_store_of_documents_is_reached_with_its_own_secret() -> None:
    values = MATRIX["documents in a store"]
    (container,) = kind("Deployment", values)["spec"]["template"]["spec"]["containers"]
    told = kind("ConfigMap", values)["data"]

    assert {"secretRef": {"name": "store"}} in container["envFrom"]
    assert told["DRAGOMAN_BLOBS"] == "s3://documents/dragoman"
    assert (told["AWS_ENDPOINT_URL"], told["AWS_REGION"]) == ("https://store:9000", "eu-west-2")
    assert kind("NetworkPolicy", values)["spec"]["egress"][3] == {
        "ports": [{"protocol": "TCP", "port": 9000}],
        "to": [{"ipBlock": {"cidr": "10.0.0.7/32"}}],
    }


def test_models_are_filled_by_one_container_and_read_by_the_other() -> None:
    spec = kind("Deployment", MATRIX["everything"])["spec"]["template"]["spec"]
    first, second = spec["initContainers"]
    served = {mount["name"]: mount for mount in spec["containers"][0]["volumeMounts"]}

    assert (first["name"], first["image"], second["name"]) == ("models", "rclone:1", "await-key")
    assert served["models"]["readOnly"] is True


def test_a_digest_goes_before_a_tag() -> None:
    assert api(MATRIX["everything"])["image"] == "dragoman@sha256:" + "0" * 64
    assert api({"image": {"tag": "1.2"}})["image"] == "dragoman:1.2"


def test_an_open_service_waits_for_no_key() -> None:
    assert "initContainers" not in kind("Deployment", MATRIX["open"])["spec"]["template"]["spec"]


def test_the_chart_s_own_postgresql_is_reached_by_this_release_alone() -> None:
    values = MATRIX["database in the cluster"]
    policies = {each["metadata"]["name"]: each["spec"] for each in kinds("NetworkPolicy", values)}
    (secret,) = (each for each in kinds("Secret", values) if "POSTGRES_PASSWORD" in each["stringData"])
    name = secret["metadata"]["name"]
    pod = kind("StatefulSet", values)["spec"]["template"]
    url = urlsplit(secret["stringData"]["DRAGOMAN_DATABASE_URL"])
    environment = {each["name"]: each for each in pod["spec"]["containers"][0]["env"]}
    labels = pod["metadata"]["labels"]

    assert {"secretRef": {"name": name}} in api(values)["envFrom"]
    assert (url.password, url.hostname) == (secret["stringData"]["POSTGRES_PASSWORD"], name)
    assert url.username == environment["POSTGRES_USER"]["value"]
    assert url.path[1:] == environment["POSTGRES_DB"]["value"]
    assert environment["POSTGRES_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == name
    (service,) = (each for each in kinds("Service", values) if each["metadata"]["name"] == name)
    assert service["spec"]["selector"].items() <= labels.items()
    own = policies[name]
    assert own["podSelector"]["matchLabels"].items() <= labels.items()
    assert own["egress"] == []
    assert [list(each) for each in own["ingress"][0]["from"]] == [["podSelector"]]
    assert policies["dragoman"]["podSelector"]["matchExpressions"][0]["values"] == ["postgresql"]
    assert policies["dragoman"]["egress"][2]["to"][0]["podSelector"]["matchLabels"].items() <= labels.items()


def test_the_chart_s_own_postgresql_has_room_for_every_pod() -> None:
    def most(**values: Any) -> int:
        told = {**MATRIX["database in the cluster"], "checkOperators": False, **values}
        (container,) = kind("StatefulSet", told)["spec"]["template"]["spec"]["containers"]
        return int(container["args"][1].removeprefix("max_connections="))

    assert most() >= 2 * CONNECTIONS
    assert most(replicas=9) == most() + 7 * CONNECTIONS
    scaled = {"enabled": True, "autoscaling": {"enabled": True, "maxReplicas": 40}}
    assert most(workers=scaled) == most() + 38 * CONNECTIONS
    assert most(keda={"enabled": True, "maxReplicas": 50}) == most() + 48 * CONNECTIONS


def test_a_master_key_in_a_secret_is_a_file_where_the_setting_looks() -> None:
    values = MATRIX["database in the cluster"]
    (mount,) = (each for each in api(values)["volumeMounts"] if each["name"] == "master-key")
    (volume,) = (each for each in pods(values)[0]["volumes"] if each["name"] == "master-key")
    path = volume["secret"]["items"][0]["path"]

    assert volume["secret"]["secretName"] == "master"
    assert kind("ConfigMap", values)["data"]["DRAGOMAN_MASTER_KEY_FILE"] == f"{mount['mountPath']}/{path}"


def test_a_backup_of_sqlite_is_made_where_the_service_runs() -> None:
    def template(values: Any) -> Object:
        (found,) = (each for each in kinds("CronJob", values) if each["metadata"]["name"].endswith("-backup"))
        made: Object = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        return made

    beside = template(MATRIX["backed up"])["affinity"]["podAffinity"]
    (term,) = beside["requiredDuringSchedulingIgnoredDuringExecution"]
    labels = kind("Deployment", MATRIX["backed up"])["spec"]["template"]["metadata"]["labels"]

    assert term["labelSelector"]["matchLabels"].items() <= labels.items()
    assert "affinity" not in template(MATRIX["everything"])


def test_plain_documents_are_in_memory_where_there_is_a_master_key() -> None:
    def folders(values: Any) -> list[Object]:
        return [
            each["emptyDir"]
            for pod in pods(values)
            for each in pod.get("volumes", [])
            if each["name"] == "tmp" and pod["containers"][0]["name"] != "postgresql"
        ]

    sealed: list[Any] = [
        {"secrets": {"master_key": "hidden"}},
        {"settings": {"kms_command": "unwrap"}},
        {"settings": {"master_key_file": "/run/key"}},
        MATRIX["database in the cluster"],
        MATRIX["elsewhere's secret"],  # which may hold one
        {"tmp": {"medium": "memory"}},
    ]
    for values in sealed:
        assert {str(each) for each in folders(values)} == {str({"medium": "Memory", "sizeLimit": "1Gi"})}
    assert len(folders(MATRIX["database in the cluster"])) == 2  # the service and its backups
    assert folders({}) == [{"sizeLimit": "1Gi"}]
    assert folders(MATRIX["traced"]) == [{"sizeLimit": "3Gi"}]
    assert len(folders(MATRIX["everything"])) == 4


@pytest.mark.parametrize(
    ("endpoint", "policy", "rule"),
    [
        ("http://collector.watching.svc:4318/v1/traces", {}, {"port": 4318}),
        ("https://collector.example/v1/traces", {}, {"port": 443}),
        ("http://collector.example", {}, {"port": 80}),
        ("http://[fd00::7]:4318/v1/traces", {}, {"port": 4318}),
        ("http://collector:80/v1/traces", {"port": 4318}, {"port": 4318}),
        ("http://c:4318", {"to": [{"ipBlock": {"cidr": "10.0.0.3/32"}}]}, {"port": 4318, "to": True}),
    ],
)
def test_traces_leave_for_the_port_that_is_named(endpoint: str, policy: Any, rule: Any) -> None:
    values = {"settings": {"traces_endpoint": endpoint}, "networkPolicy": {"traces": policy}}
    egress = kind("NetworkPolicy", values)["spec"]["egress"][2]

    assert egress["ports"] == [{"protocol": "TCP", "port": rule["port"]}]
    assert egress.get("to") == (policy["to"] if "to" in rule else None)


def test_opentelemetry_s_variables_are_passed_on() -> None:
    assert kind("ConfigMap", MATRIX["traced"])["data"]["OTEL_TRACES_SAMPLER_ARG"] == "0.01"


def test_a_job_ends_in_time() -> None:
    jobs = {
        each["metadata"]["name"]: each["spec"]["jobTemplate"]["spec"]
        for each in kinds("CronJob", MATRIX["everything"])
    }

    assert {name: each["activeDeadlineSeconds"] for name, each in jobs.items()} == {
        "translations-backup": 14_400,
        "translations-retention": 7_200,
        "translations-verify": 7_200,
    }
