"""The image itself, where `make image` has built it: a translation through its root file system."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORE = Path(os.environ.get("STORE", ROOT / ".cache" / "containers"))
MOST_MB = 600

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
    program = ["buildah", "--storage-driver", "vfs", "--root", f"{STORE}/root", "--runroot", f"{STORE}/run"]
    ran = subprocess.run([*program, *arguments], capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    if shutil.which("buildah") is None:
        pytest.skip("needs buildah: apt-get install buildah")
    if not STORE.exists() or "dragoman:" not in buildah("images", "--format", "{{.Name}}:{{.Tag}}"):
        pytest.skip("needs the image: make image")
    made = buildah("from", "--pull-never", "localhost/dragoman:0.1.0")
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
