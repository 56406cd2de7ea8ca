"""Names as long as Helm takes them stay within what Kubernetes takes, which its schemas do not say."""

import pytest
import yaml

from tests.helm.chart import MATRIX, MISSING, files

MOST = {"CronJob": 52, "StatefulSet": 52, "RayJob": 47}
"""Kubernetes adds to them; of all others 63."""


def test_a_long_release_name_breaks_none() -> None:
    for name in ("database in the cluster", "corpora", "workers"):
        texts = files(MATRIX[name], release="r" * 53)
        found = [yaml.safe_load(text) for path, text in texts.items() if path.endswith(".yaml")]
        for each in filter(None, found):
            assert len(each["metadata"]["name"]) <= MOST.get(each["kind"], 63), each["kind"]
            for value in each["metadata"]["labels"].values():
                assert len(value) <= 63


@pytest.mark.parametrize("release", ["2nd", "north.west"])
def test_a_release_name_that_no_service_may_have_is_refused_unless_overridden(release: str) -> None:
    helm = pytest.importorskip("helm_python", reason=MISSING)
    with pytest.raises(helm.HelmError, match="begins with a letter"):
        files({}, release=release)
    assert files({"fullnameOverride": "translations"}, release=release)
