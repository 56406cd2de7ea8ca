"""Work on files from strangers, in a process of its own that cannot reach the network.

Its order comes as JSON on standard input, its answer goes as JSON to standard output. On Linux it enters a network
namespace in which there is no network at all. Where the kernel forbids that (some containers), an audit hook refuses
every connection that Python code asks for; the answer says which of the two it was.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from models.contracts import InstallError, ModelError, Untrusted
from models.fault import place

NAMESPACE = "none: a network namespace of its own"
HOOK = "refused by an audit hook: the kernel allowed no network namespace"
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_SECONDS = 3600
_REFUSED = (
    "socket.connect",
    "socket.getaddrinfo",
    "socket.bind",
    "socket.sendto",
    "os.exec",
    "subprocess.Popen",
    "os.system",
)
_START = "import sys, importlib; sys.path[:] = sys.argv[2:]; importlib.import_module(sys.argv[1]).main()"
_KEPT = ("PATH", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")

Action = Callable[[dict[str, Any]], Mapping[str, Any]]


def run(module: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """What `module`'s main answers to `order`. Raises what it raised, or InstallError if the process died."""
    paths = [str(Path(__file__).parents[2]), *filter(None, sys.path)]
    try:
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-I", "-c", _START, module, *paths],
            input=json.dumps(order).encode(),
            capture_output=True,
            check=False,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"OMP_NUM_THREADS": "1"},
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"It was not done in {_SECONDS} s and was given up.") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise InstallError(f"The conversion ended without an answer (exit {done.returncode}).") from None
    if "error" not in answer:
        return answer
    raise (Untrusted if answer.get("untrusted") else InstallError)(answer["error"])


def answer(action: Action) -> None:
    """The inside: cuts itself off, then does what it is told. Whatever happens becomes an answer."""
    network = isolate()
    # Libraries print on standard output too; the answer alone may go there.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        found = {**action(json.load(sys.stdin)), "network": network}
    except ModelError as error:
        found = {"error": str(error), "untrusted": isinstance(error, Untrusted)}
    except MemoryError:
        found = {"error": "There was not enough memory to convert it."}
    except Exception as error:  # noqa: BLE001  becomes the answer
        found = {"error": f"It cannot be converted: {error} ({place(error)})."}
    json.dump(found, out)
    out.close()


def isolate() -> str:
    """Cuts this process off from the network; before it starts a thread. Returns by which means."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = _NEW_NET if os.geteuid() == 0 else _NEW_NET | _NEW_USER
    if hasattr(libc, "unshare") and libc.unshare(wanted) == 0:
        return NAMESPACE
    return HOOK


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"{event} is refused while a model is converted")
