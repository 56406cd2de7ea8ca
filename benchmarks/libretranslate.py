"""B5: LibreTranslate with the very same weights, on the same machine, without a network."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from app.bench.corpus import sentences
from app.bench.machine import cores
from app.bench.measure import Row, Sample, at_least, collect, compare, once, skipped
from app.bench.plan import Plan
from app.bench.raw import raw_engine
from app.bench.service import ONCE, Server, dragoman, free_port, length, send, serving, singles
from benchmarks.peers import PEERS, program
from benchmarks.texts import shared
from models.catalogue import STARTER

PEER = "libretranslate"
TITLE = "Dragoman ÷ LibreTranslate 1.9.6"
ABOUT = (
    "The same weights, clients (one sentence a request, closed loop) and machine. Default: as it installs, beam 4. "
    "Tuned: beam 1, batches of 1,024 tokens, an engine thread a core. It needs a sentence splitter, which it would "
    "download; a stand-in of the same size takes its place (0.9 ms a sentence). The goals are for equal work: nothing "
    "is tried again (DRAGOMAN_REPAIR=off), for it tries nothing again."
)
TUNED = {
    "ARGOS_BEAM_SIZE": "1",
    "ARGOS_BATCH_SIZE": "1024",
    "ARGOS_INTER_THREADS": str(cores()),
    "ARGOS_INTRA_THREADS": "1",
}
GOALS = {
    (32, "default"): at_least(10),
    (32, "tuned"): at_least(5),
    (128, "default"): at_least(12),
    (128, "tuned"): at_least(6),
}
OURS = ("ours", "shipped")
MODEL_FILES = ("model.bin", "config.json", "shared_vocabulary.json")
NAMES = {"en": "English", "pt": "Portuguese"}


def run(plan: Plan) -> list[Row]:
    reason = _missing()
    if reason:
        return [skipped(_label(*key), reason, goal=goal) for key, goal in GOALS.items()]
    packages = _packages()
    texts = sentences(plan.size(256, 128))
    with ExitStack() as stack:
        raw = stack.enter_context(raw_engine(texts, threads=cores()))
        servers = {
            "ours": stack.enter_context(dragoman(environment=ONCE)),
            "shipped": stack.enter_context(dragoman()),
            "default": stack.enter_context(_libretranslate(packages, {})),
            "tuned": stack.enter_context(_libretranslate(packages, TUNED)),
        }
        contenders: dict[str, Callable[[], Sample]] = {
            f"{name} {number}": partial(_ask, servers[name], name, number, texts)
            for name in servers
            for number in (32, 128)
        }
        contenders["raw"] = raw.run
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed, warm=not plan.quick)
        equal = _equal(servers["ours"], servers["tuned"], texts)
    rows = [
        compare(_label(number, mode), samples, f"ours {number}", f"{mode} {number}", goal=goal)
        for (number, mode), goal in GOALS.items()
    ]
    for number, mode in GOALS:
        against, label = f"{mode} {number}", _label(number, mode)
        rows.append(compare(f"{label}, as shipped", samples, f"shipped {number}", against, goal=None))
        alone = f"{label}: the engine alone"
        rows.append(compare(alone, samples, "raw", against, goal=None, note="the ceiling"))
    note = f"{len(texts)} single-sentence texts, both at beam 1; its splitter also cuts inside some"
    return [*rows, once("equal outputs", 100 * equal, unit="%", note=note)]


def _label(number: int, mode: str) -> str:
    return f"{number} clients, its {mode} settings"


def _missing() -> str:
    if program(PEER, PEER) is None:
        return "LibreTranslate is not installed: make bench-peers"
    return "" if _splitter() else "no stand-in sentence splitter (../shared/bench)"


def _splitter() -> Path | None:
    folder = shared()
    script = folder / "bench" / "make_sentence_splitter_stub.py" if folder else None
    return script if script and script.exists() else None


def _ask(server: Server, name: str, clients: int, texts: Sequence[str]) -> Sample:
    if name in OURS:
        return send(server, singles(texts), clients=clients, characters=length(texts)).sample
    return send(server, _theirs(texts), clients=clients, characters=length(texts), path="/translate").sample


def _theirs(texts: Sequence[str]) -> list[object]:
    return [{"q": text, "source": "en", "target": "pt", "format": "text"} for text in texts]


def _equal(ours: Server, theirs: Server, texts: Sequence[str]) -> float:
    """Share of texts that both translate alike."""
    mine = send(ours, singles(texts), clients=32, characters=1, keep=True)
    other = send(theirs, _theirs(texts), clients=32, characters=1, path="/translate", keep=True)
    pairs = zip(mine.replies, other.replies, strict=True)
    return sum(_our_text(a) == _their_text(b) for a, b in pairs) / len(texts)


def _our_text(reply: str) -> str:
    return str(json.loads(reply)["translations"][0]["text"])


def _their_text(reply: str) -> str:
    return str(json.loads(reply)["translatedText"])


@contextmanager
def _libretranslate(packages: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    home, port = packages.parent / "home", free_port()
    environment = {
        "ARGOS_PACKAGES_DIR": str(packages),
        "ARGOS_CHUNK_TYPE": "MINISBD",
        "ARGOS_DEVICE_TYPE": "cpu",
        "ARGOS_COMPUTE_TYPE": "int8",
        # Its two libraries' OpenMP runtimes lock each other up otherwise (LibreTranslate issue 1008).
        "OMP_NUM_THREADS": "1",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        **settings,
    }
    flags = ["--disable-web-ui", "--disable-files-translation", "--threads", "32"]
    command = [str(program(PEER, PEER)), "--host", "127.0.0.1", "--port", str(port), *flags]
    with serving(command, port, environment=environment, ready="/languages") as server:
        yield server


def _packages() -> Path:
    """Both starter models as Argos packages: with fewer than two, LibreTranslate would go and download."""
    folder = PEERS / "argos" / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    (folder.parent / "home").mkdir(parents=True, exist_ok=True)
    splitter = folder.parent / "splitter.onnx"
    subprocess.run([str(program(PEER, "python")), str(_splitter()), str(splitter)], check=True)
    for source, target in (("en", "pt"), ("pt", "en")):
        _package(folder, splitter, source=source, target=target)
    return folder


def _package(folder: Path, splitter: Path, *, source: str, target: str) -> None:
    weights = STARTER / f"{source}-{target}"
    package = folder / f"translate-{source}_{target}-1_0"
    for part in ("model", "minisbd"):
        (package / part).mkdir(parents=True)
    for name in MODEL_FILES:
        shutil.copy(weights / name, package / "model" / name)
    shutil.copy(weights / "source.spm", package / "sentencepiece.model")
    shutil.copy(splitter, package / "minisbd" / f"{source}.onnx")
    facts = {
        "package_version": "1.0",
        "argos_version": "1.9",
        "from_code": source,
        "from_name": NAMES[source],
        "to_code": target,
        "to_name": NAMES[target],
        "links": [],
        "type": "translate",
    }
    (package / "metadata.json").write_text(json.dumps(facts), encoding="utf-8")
