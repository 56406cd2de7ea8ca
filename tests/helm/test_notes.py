"""What an operator reads after installing, and the commands in it and in the pods."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.settings import Settings
from tests.app.cli.program import START, environment
from tests.app.cli.test_examples import LEAVES
from tests.app.serving import serving
from tests.helm.chart import MATRIX, files, kind, kinds

COMMANDS = {" ".join(path) for path, _ in LEAVES}


def notes(name: str) -> str:
    return files(MATRIX[name])["NOTES.txt"]


@pytest.mark.parametrize("name", MATRIX)
def test_every_command_named_exists(name: str) -> None:
    for command in re.findall(r"-- dragoman ([a-z]+ [a-z]+)", notes(name)):
        assert command in COMMANDS
    for job in kinds("CronJob", MATRIX[name]):
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        container = pod["containers"][0]
        said = re.findall(r"dragoman ([a-z]+ [a-z]+)", str(container.get("command", "")))
        assert {*said, " ".join(container.get("args", said[:1]))} <= COMMANDS
    assert "serve" in COMMANDS


def test_notes_say_how_to_make_the_first_key() -> None:
    told = notes("defaults")

    assert "--container await-key -- dragoman tenants create north" in told
    assert "--container await-key -- dragoman keys create --tenant north" in told
    assert "claim dragoman-data" in told
    assert "no value" not in told


def test_notes_say_where_the_service_is() -> None:
    assert "https://dragoman.example" in notes("everything")
    assert "http://dragoman.languages.svc:80" in notes("defaults")
    assert "auth is open" in notes("open")


def test_notes_say_who_works_on_documents_and_where_backups_are() -> None:
    assert "dragoman-worker alone, 3 pods: without one of them documents wait" in notes("workers")
    assert "0 to 6 pods by what waits" in notes("workers by queue")
    assert "1 to 12 pods by processor" in notes("workers by processor")
    assert "dragoman-worker" not in notes("replicas")
    assert "No backup is made (backup.enabled is false): the ledger is in one volume." in notes("defaults")
    assert "PostgreSQL is for you to back up" in notes("replicas")
    assert "claim backups, the newest 3" in notes("everything")
    assert "They are not sealed" in notes("backed up")
    assert "--from=cronjob/dragoman-backup" in notes("backed up")
    assert "not sealed" not in notes("database in the cluster")


def test_notes_say_where_plain_documents_and_traces_are() -> None:
    assert "in plain in /tmp, which is memory: up to 1Gi" in notes("database in the cluster")
    assert "in plain" not in notes("defaults")
    assert "in plain on the node's disk (tmp.medium is disk)" in notes("traced")
    assert "let out to anywhere on port 4318 (networkPolicy.traces)" in notes("traced")


def test_notes_name_the_objects_there_are() -> None:
    (job,) = kinds("RayJob", MATRIX["corpora"])
    (database,) = kinds("StatefulSet", MATRIX["database in the cluster"])

    assert f"get rayjob {job['metadata']['name']}\n" in notes("corpora")
    assert f"claim, data-{database['metadata']['name']}-0," in notes("database in the cluster")
    assert "rayjob" not in notes("everything")


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """`dragoman` as the image has it on its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "dragoman"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{START}' \"$@\"\n")
    program.chmod(0o755)
    return folder


def test_the_pod_waits_for_a_key_and_no_longer(tmp_path: Path, bin_folder: Path) -> None:
    (waiting,) = kind("Deployment", {})["spec"]["template"]["spec"]["initContainers"]
    known = environment(tmp_path, {"PATH": f"{bin_folder}:{os.environ['PATH']}"})
    dragoman = str(bin_folder / "dragoman")
    with subprocess.Popen(waiting["command"], env=known, stdout=subprocess.PIPE, text=True) as process:
        timer = threading.Timer(120, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            assert "There is no key yet" in process.stdout.readline()
            subprocess.run(
                [dragoman, "tenants", "create", "north"], env=known, check=True, capture_output=True
            )
            made = [dragoman, "keys", "create", "--tenant", "north"]
            subprocess.run(made, env=known, check=True, capture_output=True)
            assert process.wait() == 0
        finally:
            timer.cancel()
            process.kill()


def test_backups_are_made_and_verified_and_the_oldest_leave(tmp_path: Path, bin_folder: Path) -> None:
    (job,) = kinds("CronJob", MATRIX["database in the cluster"])
    container = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    key, folder = tmp_path / "backup.key", tmp_path / "backups"
    key.write_bytes(b"k" * 44)
    folder.mkdir()
    older = [f"dragoman-2026010{day}T000000Z.backup" for day in (1, 2, 3)]
    kept = ["notes.txt", "dragoman-mine.backup"]
    for name in (*older, *kept, f".{older[0]}.half"):
        (folder / name).touch()
    mounted = "/run/secrets/backup/backup.key"
    command = [str(key) if part == mounted else part for part in container["command"]]
    assert command != container["command"]
    path = f"{bin_folder}:{os.environ['PATH']}"
    known = environment(tmp_path, {"PATH": path, "FOLDER": str(folder), "KEEP": "2"})
    dragoman = str(bin_folder / "dragoman")
    subprocess.run([dragoman, "db", "migrate"], env=known, check=True, capture_output=True)

    subprocess.run(command, env=known, check=True, capture_output=True, timeout=120)

    (new,) = {each.name for each in folder.iterdir()} - {*kept, older[2]}
    sealed = [dragoman, "backup", "verify", str(folder / new)]
    assert subprocess.run(sealed, env=known, check=False, capture_output=True).returncode != 0
    key.unlink()
    failed = subprocess.run(command, env=known, check=False, capture_output=True, timeout=120)
    assert failed.returncode != 0
    assert {each.name for each in folder.iterdir()} == {*kept, older[2], new}


@pytest.mark.parametrize(("auth", "name"), [("required", "defaults"), ("open", "open")])
def test_helm_test_passes_on_a_service_as_it_should_be(tmp_path: Path, auth: str, name: str) -> None:
    (container,) = kind("Pod", MATRIX[name])["spec"]["containers"]
    _, flag, code, _, _, expected = container["command"]

    with serving(Settings.model_validate({"data_dir": tmp_path, "auth": auth})) as service:
        host, port = service.address
        asked = [sys.executable, flag, code, host, str(port)]
        right = subprocess.run([*asked, expected], capture_output=True, text=True, check=False, timeout=60)
        wrong = subprocess.run([*asked, "500"], capture_output=True, text=True, check=False, timeout=60)

    assert (right.returncode, wrong.returncode) == (0, 1), right.stdout + right.stderr
