"""`--engine ray` on two nodes: a run that the embedded engine began, the driver killed, an actor killed, a node
removed, and the same bytes.
"""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.program import Program, environment

pytestmark = pytest.mark.slow

CLUSTER = """
import json, os, subprocess, sys
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
DRIVER = sys.argv[1]
from ray.cluster_utils import Cluster

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000})
second = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)


def run(*cluster_args, **faults):
    asked = ["bulk", "run", "in.jsonl", "--from", "pt", "--to", "en", "--json", "--confidence"]
    asked += ["--glossary", "terms.tsv", *cluster_args]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(faults), *asked], capture_output=True, timeout=200, check=False
    )
    return {"code": done.returncode, "out": done.stdout.decode(), "err": done.stderr.decode()}


over = ["--engine", "ray", "--address", cluster.address, "--out", "ray.jsonl"]
found = {"local": run("--out", "local.jsonl")}
found["begun"] = run("--out", "ray.jsonl", own=10)
found["killed"] = run(*over, own=20)
found["parts"] = len(list(Path("ray.jsonl.parts").glob("*.part")))
(raylet,) = second.all_processes["raylet"]
found["faulty"] = run(*over, actor=25, node=40, raylet=raylet.process.pid, cluster=os.getpid())
print(json.dumps(found))
cluster.shutdown()
"""
DRIVER = """
import asyncio, json, os, signal, sys
import psutil
import app.bulk.keeping as keeping, app.bulk.ray as ray, app.bulk.record as record
from app.cli.main import run

record.WINDOW_RECORDS = 10
keeping.PART_WINDOWS = 3
faults = json.loads(sys.argv.pop(1))
keep = keeping.PartKeeper.keep
opens, opened = ray.ActorWorker.open, 0


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it went with its raylet


async def together(self, *args):
    '''Windows are given out when both nodes have an engine, so that neither is lost before it had any.'''
    global opened
    await opens(self, *args)
    opened += 1
    while opened < 2:
        await asyncio.sleep(0.05)


def faulty(self, window, answer):
    keep(self, window, answer)
    if window.number == faults.get("own"):
        kill(os.getpid())
    if window.number == faults.get("actor"):
        head = set(psutil.Process(faults["cluster"]).children(recursive=True))
        head -= set(psutil.Process(faults["raylet"]).children(recursive=True))
        (actor,) = [each.pid for each in head if " ".join(each.cmdline()).startswith("ray::EngineActor")]
        kill(actor)
    if window.number == faults.get("node"):
        node = psutil.Process(faults["raylet"])
        for each in [node, *node.children(recursive=True)]:
            kill(each.pid)


keeping.PartKeeper.keep = faulty
ray.ActorWorker.open = together
run()
"""
CHARGED = """
select count(*), count(distinct idempotency_key), sum(characters), sum(billed_characters)
from ledger_entry where job = ?
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    pytest.importorskip("ray")
    folder = tmp_path_factory.mktemp("ray")
    lines = [json.dumps({"text": f"Bom dia, {number} pessoas estão à espera."}) for number in range(800)]
    (folder / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "terms.tsv").write_text("pessoas\tpunters\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CLUSTER, DRIVER],
        cwd=folder,
        env=environment(folder, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "t" * 64}),
        capture_output=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder, json.loads(done.stdout.splitlines()[-1])


def test_a_cluster_that_loses_driver_actor_and_node_ends_as_this_machine_alone(
    ended: tuple[Path, dict[str, Any]],
) -> None:
    folder, found = ended
    assert found["local"]["code"] == 0, found["local"]["err"]
    assert found["begun"]["code"] == -9, found["begun"]["err"]
    assert found["killed"]["code"] == -9, found["killed"]["err"]
    assert found["parts"] == 6
    assert found["faulty"]["code"] == 0, found["faulty"]["err"]
    assert found["faulty"]["err"].count("a worker of the cluster was lost") >= 2
    assert (folder / "ray.jsonl").read_bytes() == (folder / "local.jsonl").read_bytes()
    assert (folder / "ray.jsonl").read_text(encoding="utf-8").count("punters") > 700
    said = [json.loads(line)["translation"] for line in (folder / "ray.jsonl").read_bytes().splitlines()]
    assert all(0 < each["translation_confidence"] < 1 for each in said)


@pytest.mark.sqlite
def test_nothing_is_charged_twice_or_lost(ended: tuple[Path, dict[str, Any]]) -> None:
    folder, found = ended
    with sqlite3.connect(folder / "data" / "dragoman.db") as ledger:
        charged = []
        for name in ("local", "faulty"):
            report = json.loads(found[name]["out"])
            row = ledger.execute(CHARGED, [report["job"]]).fetchone()
            assert row[2:] == (report["characters"], report["billed_characters"])
            charged.append(row)
    assert charged[0] == charged[1]
    assert charged[0][:2] == (80, 80)


def test_without_ray_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Bom dia.", encoding="utf-8")
    start = "import sys; sys.modules['ray'] = None; from app.cli.main import run; run()"
    done = Program(tmp_path, {})(
        "bulk", "run", "in.txt", "--to", "en", "--out", "out.txt", "--engine", "ray", start=start
    )
    assert done.code != 0
    assert "pip install 'dragoman[ray]'" in done.err
