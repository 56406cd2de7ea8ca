"""kill -9 at any moment, and the same command again: the same bytes, and every character charged once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.program import environment

pytestmark = pytest.mark.sqlite
SEEDS = int(os.environ.get("DRAGOMAN_KILL_SEEDS", "5"))
"""More of them: `DRAGOMAN_KILL_SEEDS=100 pytest tests/app/bulk/test_killed.py`, about 3 CPU-seconds each."""
ZYGOTE = """
import json, os, random, signal, sqlite3, sys, traceback
from pathlib import Path
import app.bulk.local as local, app.bulk.keeping as keeping, app.bulk.output as output, app.cli.main as cli
import app.runtime, app.settings, app.validation
from app.detection import Detector

Detector(threshold=0.5, engine="vote").load()  # read once, not by each

keeping.PART_WINDOWS = 3
NEVER = 1 << 60


def doomed(asked, moment, log):
    '''A process that kills itself at its n-th step: an engine call, a file's new name, a stretch of the output.'''
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    passed = 0

    def step():
        nonlocal passed
        passed += 1
        if passed == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    replace, translate, write = Path.replace, local.LocalEngine.translate, output.LineWriter.write

    def named(self, target):
        step()
        found = replace(self, target)
        step()
        return found

    async def asked_for(self, texts, window):
        step()
        found = await translate(self, texts, window)
        step()
        return found

    def written(self, record, answers):
        if record.line % 400 == 0:
            step()
        return write(self, record, answers)

    Path.replace, local.LocalEngine.translate, output.LineWriter.write = named, asked_for, written
    fd = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    sys.argv = ["dragoman", *asked]
    code = 70
    try:
        cli.run()
    except SystemExit as left:
        code = int(left.code or 0)
    except BaseException:
        traceback.print_exc()
    os._exit(code)


out = []
for seed in range(int(sys.argv[1])):
    chance = random.Random(seed)
    os.environ["DRAGOMAN_DATA_DIR"] = f"data{seed}"
    asked = ["bulk", "run", "in", "--from", "pt", "--to", "en", "--out", f"out{seed}", "--json", "--field", "text"]
    codes = []
    moments = [chance.randrange(1, 70) for _ in range(chance.randrange(2, 4))] if seed else []
    for moment in [*moments, NEVER]:
        codes.append(doomed(asked, moment, f"log{seed}"))
    with sqlite3.connect(f"data{seed}/dragoman.db") as ledger:
        charged = ledger.execute("select count(*), sum(characters) from ledger_entry").fetchone()
    out.append({"codes": codes, "report": Path(f"log{seed}").read_text(), "charged": charged, "moments": moments})
print(json.dumps(out))
"""


def tree(folder: Path, name: str) -> dict[str, bytes]:
    """Everything whose name begins so, but for the manifest."""
    return {
        str(file.relative_to(folder)).removeprefix(name): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and file.relative_to(folder).parts[0].split(".")[0] == name
        and not file.name.endswith(".manifest.json")
    }


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("killed")
    model = folder / "models" / "identity"
    model.mkdir(parents=True)
    card = {"id": "identity", "architecture": "reverse", "pairs": [{"source": "pt", "target": "en"}]}
    (model / "card.json").write_text(json.dumps(card), encoding="utf-8")
    (folder / "in").mkdir()
    lines = [f"Linha {number}." for number in range(2_400)]
    (folder / "in" / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    rows = [json.dumps({"text": line, "n": number}) for number, line in enumerate(lines[:1_000])]
    rows[500:500] = ["[]", ""]
    (folder / "in" / "b.jsonl").write_text("\n".join(rows), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ZYGOTE, str(SEEDS)],
        cwd=folder,
        env={**environment(folder, {}), "DRAGOMAN_MODEL_DIR": str(folder / "models")},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    return folder, json.loads(done.stdout)


def test_whatever_was_killed_ends_as_if_it_had_not_been(ended: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, runs = ended
    whole = tree(folder, "out0")
    assert set(whole) == {"/a.txt", "/b.jsonl", ".failed.jsonl"}
    first = json.loads(runs[0]["report"].splitlines()[0])
    for seed, each in enumerate(runs):
        assert each["codes"][-1] == 1, (seed, each)
        assert set(each["codes"][:-1]) <= {-9, 1}, (seed, each)
        assert tree(folder, f"out{seed}") == whole, seed
        report = json.loads(each["report"].splitlines()[0])
        assert each["charged"] == runs[0]["charged"], (seed, each)
        for name in (
            "records",
            "characters",
            "billed_characters",
            "translated",
            "failed",
            "price",
            "languages",
        ):
            assert report[name] == first[name], (seed, name)
    assert first["records"] == 3_401
    assert runs[0]["charged"][1] == first["characters"] == first["billed_characters"]


def test_they_were_killed(ended: tuple[Path, list[dict[str, Any]]]) -> None:
    _, runs = ended
    assert sum(each["codes"].count(-9) for each in runs) >= SEEDS // 2
    assert len({moment for each in runs for moment in each["moments"]}) >= SEEDS
