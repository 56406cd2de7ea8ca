"""The image itself, where `make image` has built it: a translation through its root file system."""

import json
import os
import re
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
STORE = Path(os.environ.get("STORE", ROOT / ".cache" / "containers"))
IMAGE = f"localhost/dragoman:{tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']['version']}"
BUILDAH = ("buildah", "--storage-driver", "vfs", "--root", f"{STORE}/root", "--runroot", f"{STORE}/run")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
MOST_MB = 600

HEALTH_CHECK = json.loads(re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, flags=re.MULTILINE)[0])
WRITABLE = """
import os
for folder, below, files in os.walk("/"):
    below[:] = [each for each in below if os.path.join(folder, each) not in {"/proc", "/sys"}]
    for path in (folder, *(os.path.join(folder, each) for each in files)):
        if not os.path.islink(path) and os.access(path, os.W_OK):
            print(path)
"""

Run = Callable[..., str]
pytestmark = pytest.mark.slow


def buildah(*arguments: str) -> str:
    ran = subprocess.run([*BUILDAH, *arguments], capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    if shutil.which("buildah") is None:
        pytest.skip("needs buildah: apt-get install buildah")
    if not STORE.exists() or IMAGE not in buildah("images", "--format", "{{.Name}}:{{.Tag}}").splitlines():
        pytest.skip("needs the image: make image")
    made = buildah("from", "--pull-never", IMAGE)
    yield made
    buildah("rm", made)


@pytest.fixture(scope="module")
def run(container: str) -> Run:
    def command(*arguments: str) -> str:
        return buildah("run", "--isolation", "chroot", container, "--", *arguments)

    return command


def test_it_translates_as_a_user_who_is_not_root(run: Run) -> None:
    assert run("id", "-u") == "10001"
    assert run("dragoman", "translate", "--to", "en", "Bom dia.") == "Good morning."


def test_it_does_not_serve_others_without_a_key(container: str) -> None:
    serve = ["run", "--isolation", "chroot", container, "--", "dragoman", "serve", "--port", "0"]
    ran = subprocess.run([*BUILDAH, *serve], capture_output=True, text=True, check=False, timeout=120)

    assert ran.returncode != 0
    assert "Refusing to listen on 0.0.0.0" in ran.stderr


def test_it_serves_texts_and_documents_and_its_health_check_agrees(container: str, run: Run) -> None:
    run("dragoman", "tenants", "create", "north")
    key = run("dragoman", "keys", "create", "--tenant", "north").splitlines()[0]
    with serving(container) as url, httpx.Client(base_url=url, timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        text = client.post("/v1/translate", json={"text": "Bom dia.", "target": "en"}).json()
        upload = {"file": ("letter.html", b"<p>Bom dia.</p>", "text/html")}
        sent = client.post("/v1/documents", files=upload, data={"target": "en", "source": "pt"})
        assert sent.status_code == 202, sent.text
        client.get(f"{sent.headers['Location']}/events")  # ends with the job
        result = client.get(f"{sent.headers['Location']}/result").text
        run("env", f"DRAGOMAN_PORT={url.rpartition(':')[2]}", *HEALTH_CHECK)

    assert text["translations"][0]["text"] == "Good morning."
    assert "Good morning." in result


@contextmanager
def serving(container: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [*BUILDAH, "run", "--isolation", "chroot", container, "--", "dragoman", "serve", "--port", port]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "Dragoman listens on" in process.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def test_there_is_no_torch_and_no_pip(run: Run) -> None:
    names = run(
        "python3", "-c", "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
    )

    assert {"dragoman", "ctranslate2"} <= set(names.split())
    assert not {"torch", "transformers", "pip"} & set(names.split())


def test_the_folder_it_runs_in_is_not_imported_from(run: Run) -> None:
    assert run("python3", "-c", "import sys; print('' in sys.path)") == "False"


def test_nothing_but_data_and_temporary_folders_can_be_written(run: Run) -> None:
    looked = run("python3", "-c", WRITABLE)

    places = {f"/{path.split('/')[1]}" for path in looked.splitlines()}
    assert "/data" in places
    assert places <= {"/data", "/tmp", "/var", "/run", "/dev"}  # noqa: S108
    assert not [path for path in looked.splitlines() if path.startswith(("/var/lib", "/var/log", "/opt"))]


def test_it_is_small_enough(container: str) -> None:
    root = buildah("mount", container)
    try:
        told = subprocess.run(["du", "-sxm", root], capture_output=True, text=True, check=True).stdout  # noqa: S607
    finally:
        buildah("umount", container)

    assert int(told.split()[0]) < MOST_MB


def test_the_image_says_how_it_is_run(container: str) -> None:
    told = buildah("inspect", "--type", "container", container)

    assert '"dragoman"' in told
    assert "HEALTHCHECK" in told or '"Healthcheck"' in told
