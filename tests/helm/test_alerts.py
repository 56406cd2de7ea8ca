"""The alerts, put to Prometheus' own checker with hours of made-up figures."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.helm.test_metrics import rules

PROMTOOL = shutil.which("promtool")
HERE = 'namespace="languages",job="translations"'
ROUTE = 'route="/v1/translate"'
SOON, ALL = 'le="5.0"', 'le="+Inf"'
BURNS = (
    "DragomanErrorsBurnFast",
    "DragomanErrorsBurnSlow",
    "DragomanLatencyBurnFast",
    "DragomanLatencyBurnSlow",
)
HOURS = 60
"""Minutes; a value is a minute."""

pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool, of Debian's package prometheus")


def requests(good: str, bad: str, *, status: str = "503", route: str = ROUTE) -> dict[str, str]:
    return {
        f'dragoman_http_requests_total{{{HERE},{ROUTE},status="200"}}': good,
        f'dragoman_http_requests_total{{{HERE},{route},status="{status}"}}': bad,
    }


def translations(whole: str, soon: str, *, priority: str = "interactive", le: str = SOON) -> dict[str, str]:
    labels = f'{HERE},priority="{priority}"'
    return {
        f"dragoman_translation_seconds_count{{{labels}}}": whole,
        f"dragoman_translation_seconds_bucket{{{labels},{le}}}": soon,
    }


def timed(job: str, *, begun: str, done: str = "", release: str = "translations") -> dict[str, str]:
    """As kube-state-metrics has it: one that never succeeded has no time of success."""
    labels = f'namespace="languages",cronjob="{release}-{job}"'
    told = {"schedule": begun, "successful": done}
    return {f"kube_cronjob_status_last_{name}_time{{{labels}}}": told[name] for name in told if told[name]}


CASES: dict[str, tuple[Mapping[str, str], int, set[str]]] = {
    "one in fifty fails": (
        requests("0+98x400", "0+2x400"),
        6 * HOURS,
        {"DragomanErrorsBurnFast", "DragomanErrorsBurnSlow"},
    ),
    "seven in a thousand fail": (requests("0+993x400", "0+7x400"), 6 * HOURS, {"DragomanErrorsBurnSlow"}),
    "half of the budget": (requests("0+9995x400", "0+5x400"), 6 * HOURS, set()),
    "what is over five minutes ago wakes nobody": (
        requests("0+98x200", "0+2x60 120x140"),
        HOURS + 10,
        {"DragomanErrorsBurnSlow"},
    ),
    "five failures in a quiet night": (requests("0+0x400", "0x350 5x50"), 6 * HOURS, set()),
    "refusals are no failures": (
        requests("0+50x400", "0+50x400", status="429"),
        6 * HOURS,
        {"DragomanRefuses"},
    ),
    "DeepL's word for a document that was fetched": (
        requests("0+98x400", "0+2x400", route='route="/v2/document/{id}/result"'),
        6 * HOURS,
        set(),
    ),
    "nine of ten slow": (
        translations("0+100x400", "0+10x400"),
        6 * HOURS,
        {"DragomanLatencyBurnFast", "DragomanLatencyBurnSlow"},
    ),
    "four of ten slow": (translations("0+100x400", "0+60x400"), 6 * HOURS, {"DragomanLatencyBurnSlow"}),
    "one of ten slow": (translations("0+100x400", "0+90x400"), 6 * HOURS, set()),
    "a bucket as Prometheus without the fraction has it": (
        translations("0+100x400", "0+60x400", le='le="5"'),
        6 * HOURS,
        {"DragomanLatencyBurnSlow"},
    ),
    "slow bulk work": (translations("0+100x400", "0+10x400", priority="bulk"), 6 * HOURS, set()),
    "purged an hour ago": (
        {f'dragoman_purge_success_timestamp_seconds{{{HERE},what="review"}}': "18000x400"},
        6 * HOURS,
        set(),
    ),
    "not purged for four hours": (
        {f'dragoman_purge_success_timestamp_seconds{{{HERE},what="review"}}': "7200x400"},
        6 * HOURS,
        {"DragomanPurgeStale"},
    ),
    "a model set aside, and there again": (
        {f"dragoman_models_quarantined{{{HERE}}}": "0x10 1x5 0x385"},
        HOURS,
        set(),
    ),
    "a model set aside for an hour": (
        {f"dragoman_models_quarantined{{{HERE}}}": "0x10 1x390"},
        HOURS,
        {"DragomanModelSetAside"},
    ),
    "a backup that takes its time": (
        timed("backup", begun="0x300 18000x100", done="60x400"),
        6 * HOURS,
        set(),
    ),
    "a backup that succeeded": (
        timed("backup", begun="0x10 600x400", done="60x60 4200x400"),
        6 * HOURS,
        set(),
    ),
    "a backup that failed": (
        timed("backup", begun="0x10 600x400", done="60x400"),
        6 * HOURS,
        {"DragomanBackupFailed"},
    ),
    "no backup succeeded ever": (timed("backup", begun="60x400"), 6 * HOURS, {"DragomanBackupFailed"}),
    "a ledger that does not hold": (
        timed("verify", begun="0x10 600x400", done="60x400"),
        6 * HOURS,
        {"DragomanVerifyFailed"},
    ),
    "something that was not deleted": (
        timed("retention", begun="0x10 600x400", done="60x400"),
        6 * HOURS,
        {"DragomanRetentionFailed"},
    ),
    "another release's backup": (
        timed("backup", begun="60x400", release="others"),
        6 * HOURS,
        set(),
    ),
}
WATCHED = {
    *BURNS,
    "DragomanRefuses",
    "DragomanPurgeStale",
    "DragomanModelSetAside",
    "DragomanBackupFailed",
    "DragomanVerifyFailed",
    "DragomanRetentionFailed",
}


def expected(rule: Mapping[str, Any]) -> dict[str, Any]:
    labels = dict(rule["labels"])
    if rule["alert"] == "DragomanPurgeStale":
        labels["what"] = "review"
    return {"exp_labels": labels, "exp_annotations": rule["annotations"]}


def promtool(*args: str) -> str:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_reads_them(tmp_path: Path) -> None:
    said = promtool("check", "rules", str(written(tmp_path, rules())))
    assert f"{len(rules())} rules found" in said


def test_what_they_say_of_hours_of_figures(tmp_path: Path) -> None:
    watched = [rule for rule in rules() if rule["alert"] in WATCHED]
    written(tmp_path, watched)
    tests = [
        {
            "name": name,
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in figures.items()],
            "alert_rule_test": [
                {
                    "eval_time": f"{minutes}m",
                    "alertname": rule["alert"],
                    "exp_alerts": [expected(rule)] if rule["alert"] in firing else [],
                }
                for rule in watched
            ],
        }
        for name, (figures, minutes, firing) in CASES.items()
    ]
    asked = {"rule_files": ["rules.yaml"], "evaluation_interval": "5m", "tests": tests}
    (tmp_path / "tests.yaml").write_text(json.dumps(asked), encoding="utf-8")
    promtool("test", "rules", str(tmp_path / "tests.yaml"))


def written(folder: Path, of: Sequence[Mapping[str, Any]]) -> Path:
    """JSON is YAML."""
    place = folder / "rules.yaml"
    place.write_text(json.dumps({"groups": [{"name": "dragoman", "rules": of}]}), encoding="utf-8")
    return place
