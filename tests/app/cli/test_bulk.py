"""bulk run as a program: real models, whole files, what is left when it stops."""

import gzip
import json
import signal
from pathlib import Path
from typing import Any

import pytest
import zstandard

from app.bulk import keeping, record
from app.bulk.engine import Answer
from app.errors import StorageError
from tests.app.cli.conftest import Call
from tests.app.cli.program import ROOT, START, Program, Served

SAMPLE = ROOT / "examples" / "messages.jsonl"
PEAK = (
    "import atexit, resource, sys\n"
    "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
    "atexit.register(lambda: print('peak', peak(), file=sys.stderr))\n"
)


def test_real_models_local_equals_remote_and_is_charged_once(
    dragoman: Call, server: Served, tmp_path: Path
) -> None:
    lines = SAMPLE.read_bytes().splitlines(keepends=True)[:120]
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    asked = ("bulk", "run", "in.jsonl", "--to", "en", "--json", "--confidence")
    here = dragoman(*asked, "--out", "here.jsonl")
    there = dragoman(*asked, "--out", "there.jsonl", "--server", server.url)
    assert (tmp_path / "here.jsonl").read_bytes() == (tmp_path / "there.jsonl").read_bytes()
    report = json.loads(here.out)
    texts = [json.loads(line)["text"] for line in lines]
    assert here.code == there.code == (1 if report["failed"] else 0)
    assert report["records"] == 120
    assert report["characters"] == sum(map(len, texts))
    assert float(report["cost_per_million"]) > 0
    used = json.loads(dragoman("usage", "--json").out)["totals"]
    assert used["characters"] == report["characters"]
    assert used["billed_characters"] == report["billed_characters"]
    assert used["cost"] == report["cost"]
    for line, written in zip(lines, (tmp_path / "here.jsonl").read_bytes().splitlines(), strict=True):
        record, result = json.loads(line), json.loads(written)
        translation = result.pop("translation")
        assert list(result.items()) == list(record.items())
        assert (translation["status"] == "failed") == (translation["text"] is None)
        assert (translation["status"] == "translated") == (translation["translation_confidence"] is not None)
    assert report["flags"]["low_confidence"] > 0


def test_lines_come_back_in_order_with_their_endings(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    """2,000 lines, some equal, some empty, some ended by CRLF, one of 1 MB without a space, no last line feed."""
    lines = [
        f"Linha número {n % 700}, com alguma coisa.".encode() + (b"\r\n" if n % 3 else b"\n")
        for n in range(1998)
    ]
    lines[100:100] = [b"\n", b"\r\n", b"  \t\n"]
    lines.append(b"x" * 1_000_000 + b"\n")
    lines.append("\u2003fim sem quebra\u00a0".encode())
    (tmp_path / "in.txt").write_bytes(b"".join(lines))
    done = dragoman(
        "bulk", "run", "in.txt", "--to", "en", "--from", "pt", "--out", "out.txt", "--json",
        DRAGOMAN_MODEL_DIR=str(model_dir),
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "out.txt").read_bytes() == b"".join(lines)
    report = json.loads(done.out)
    assert report["records"] == len(lines)
    assert report["characters"] == sum(len(line.decode().rstrip("\r\n")) for line in lines)
    assert json.loads(dragoman("usage", "--json").out)["totals"]["characters"] == report["characters"]
    assert not list(tmp_path.glob("*.part*"))


def test_bad_lines_are_named_kept_and_counted(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    lines = [
        b'{"id": 1, "text": "Bom dia."}\n',
        b'{"id": 2, "text": \n',
        b'{"id": 3}\n',
        b'{"id": 4, "text": 4}\n',
        b"[5]\n",
        b'{"id": 6, "text": "\xff"}\n',
        b"\n",
        b'{"id": 8, "text": "Ol\\u00e1", "big": 123456789012345678901234567890, "x": 1.0}',
    ]
    (tmp_path / "in.jsonl").write_bytes(b"".join(lines))
    done = dragoman(
        "bulk", "run", "in.jsonl", "--to", "en", "--from", "pt", "--out", "out.jsonl",
        DRAGOMAN_MODEL_DIR=str(model_dir),
    )  # fmt: skip
    written = (tmp_path / "out.jsonl").read_bytes().splitlines(keepends=True)
    failures = [json.loads(line) for line in (tmp_path / "out.jsonl.failed.jsonl").read_text().splitlines()]
    assert (done.code, done.out) == (1, "")
    assert written[1:7] == lines[1:7]
    assert json.loads(written[0])["translation"]["text"] == "Bom dia."
    assert written[7].startswith(lines[7][:-1] + b', "translation": {"text":"Ol')
    assert [each["line"] for each in failures] == [2, 3, 4, 5, 6]
    assert {each["code"] for each in failures} == {"invalid_record"}
    assert "5 failed: line 2 invalid_record, line 3" in done.err


def test_a_failed_line_of_text_is_written_as_it_was_and_named(dragoman: Call, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"Bom dia.\n\xff\n" + "Где находится станция?\r\n".encode())
    done = dragoman("bulk", "run", "in.txt", "--to", "en", "--out", "out.txt", "--candidates", "pt,en,ru")
    assert done.code == 1
    assert (tmp_path / "out.txt").read_bytes() == (
        b"Good morning.\n\xff\n" + "Где находится станция?\r\n".encode()
    )
    told = (tmp_path / "out.txt.failed.jsonl").read_text()
    assert [(each["line"], each["code"]) for each in map(json.loads, told.splitlines())] == [
        (2, "invalid_record"),
        (3, "no_route"),
    ]
    assert "станция" not in done.err
    asked = ("bulk", "run", "out.txt.failed.jsonl", "--to", "en", "--from", "pt", "--out", "again.jsonl")
    assert dragoman(*asked).code == 1  # the line that was no text still has none
    again = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text().splitlines()]
    assert (again[1]["line"], again[1]["translation"]["status"]) == (3, "translated")


def test_standard_input_and_output(identity: Program) -> None:
    asked = ("bulk", "run", "-", "--format", "txt", "--to", "en", "--from", "pt", "--out", "-")
    done = identity(*asked, text="um\ndois\n")
    assert (done.code, done.out) == (0, "um\ndois\n")
    assert "records" in done.err
    bad = identity(*asked, text=b"um\n\xc3")
    assert bad.code == 1
    assert "line 2: invalid_record: Not UTF-8 at byte 1 of the line." in bad.err


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("in.txt", "would be written over while it is read"),
        ("there.txt", "exists already"),
        ("stopped.txt", "stopped.txt.part exists already"),
        ("moved.txt", "moved.txt.failed.jsonl exists already"),
        ("nowhere/out.txt", "cannot be written"),
    ],
)
def test_nothing_is_written_over(dragoman: Call, tmp_path: Path, out: str, said: str) -> None:
    names = {"in.txt", "there.txt", "stopped.txt.part", "moved.txt.failed.jsonl"}
    for name in names:
        (tmp_path / name).write_text("Bom dia.\n", encoding="utf-8")
    done = dragoman("bulk", "run", "in.txt", "--to", "en", "--out", out)
    assert done.code == 2
    assert said in done.err
    assert {each.name for each in tmp_path.iterdir()} == names
    assert {each.read_text(encoding="utf-8") for each in tmp_path.iterdir()} == {"Bom dia.\n"}


def test_force_writes_over(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    for name, text in (("in.txt", "novo\n"), ("out.txt", "velho\n"), ("out.txt.failed.jsonl", "{}\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = dragoman(
        "bulk", "run", "in.txt", "--to", "en", "--from", "pt", "--out", "out.txt", "--force", **own
    )
    assert done.code == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "novo\n"
    assert not (tmp_path / "out.txt.failed.jsonl").exists()
    assert dragoman("bulk", "run", "in.txt", "--to", "en", "--out", "in.txt", "--force", **own).code == 2


@pytest.mark.parametrize("wrong", [("--to", "xx-nonsense"), ("--to", "de", "--from", "pt")])
def test_a_run_that_cannot_start_leaves_nothing(
    dragoman: Call, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    (tmp_path / "in.txt").write_text("Bom dia.\n", encoding="utf-8")
    assert dragoman("bulk", "run", "in.txt", *wrong, "--out", "out.txt").code == 2
    assert not list(tmp_path.glob("out.txt*"))


@pytest.mark.parametrize("pipe", ["-", "/dev/stdin"])
def test_ctrl_c_finishes_what_is_begun_and_the_same_command_goes_on(
    identity: Program, tmp_path: Path, pipe: str
) -> None:
    """While standard input is silent, so that nothing but the signal can end it."""
    asked = ("bulk", "run", pipe, "--format", "txt", "--to", "en", "--from", "pt", "--out", "out.txt")
    given = b"".join(_line(number) + b"\n" for number in range(450))
    with identity.started(*asked) as process:
        assert process.stdin is not None
        process.stdin.write(given)
        process.stdin.flush()
        while not (tmp_path / "out.txt.manifest.json").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out.txt").exists()
    done = identity(*asked, text=given)
    assert (done.code, (tmp_path / "out.txt").read_bytes()) == (0, given)
    assert {each.name for each in tmp_path.glob("out.txt*")} == {"out.txt", "out.txt.manifest.json"}
    assert identity(*asked, text=given).code == 0


def _line(number: int) -> bytes:
    return b"Linha %d, %s." % (number, b"bem longa " * 10)


def test_what_changed_is_named_and_restart_begins_anew(
    dragoman: Call, model_dir: Path, tmp_path: Path
) -> None:
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    asked = ("bulk", "run", "in.txt", "--to", "en", "--from", "pt", "--out", "out.txt", "--json")
    (tmp_path / "in.txt").write_text("um\n", encoding="utf-8")
    first = json.loads(dragoman(*asked, **own).out)
    again = dragoman(*asked, **own)
    assert json.loads(again.out) == first
    assert json.loads(dragoman("usage", "--json").out)["totals"]["requests"] == 1
    other = dragoman(*asked, "--limit", "1", **own)
    assert (other.code, "--limit was null and is 1" in other.err) == (2, True)
    (tmp_path / "in.txt").write_text("do\n", encoding="utf-8")
    changed = dragoman(*asked, **own)
    assert (changed.code, "the content of in.txt changed" in changed.err) == (2, True)
    renewed = dragoman(*asked)
    assert "the model identity is gone" in renewed.err
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "um\n"
    assert dragoman(*asked, "--restart", **own).code == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "do\n"


def test_a_folder_of_packed_and_foreign_files(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    """Each comes back in its own format, packing and encoding; repeats are translated once among all."""
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    text = "Olá, meu senhor.\nAção €5.\nOlá, meu senhor.\n"
    contents = {
        "a.txt": text.encode("cp1252") + b"\x81\n",
        "deep/b.jsonl.gz": gzip.compress(
            "".join(f'{{"text": "{line}"}}\n' for line in text.split("\n")[:2]).encode("cp1252")
        ),
        "deep/c.tsv.zst": zstandard.compress("id\ttext\n1\tOlá, meu senhor.\n".encode("cp1252")),
        "deep/notes.md": b"no corpus",
    }
    for name, content in contents.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    done = dragoman(
        "bulk", "run", "in", "--to", "en", "--from", "pt", "--out", "out", "--encoding", "cp1252", **own
    )
    assert (done.code, "1 files are skipped" in done.err) == (1, True)
    out = tmp_path / "out"
    assert (out / "a.txt").read_bytes() == contents["a.txt"]
    packed = gzip.decompress((out / "deep/b.jsonl.gz").read_bytes()).decode("cp1252").splitlines()
    assert [json.loads(line)["translation"]["text"] for line in packed] == text.splitlines()[:2]
    table = zstandard.open(out / "deep/c.tsv.zst", "rt", encoding="cp1252").read().splitlines()
    assert table[0].split("\t")[:3] == ["id", "text", "translation"]
    assert table[1].split("\t")[:3] == ["1", "Olá, meu senhor.", "Olá, meu senhor."]
    assert not (out / "deep/notes.md").exists()
    used = json.loads(dragoman("usage", "--json").out)["totals"]
    assert used["segments"] - used["cached_segments"] == 2


def test_a_dry_run_does_nothing(dragoman: Call, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nBom dia.\nBom dia.\nAté logo.\n", encoding="utf-8")
    asked = ("bulk", "run", "in.csv", "--to", "en", "--from", "pt", "--out", "out.csv", "--limit", "2")
    told = json.loads(dragoman(*asked, "--dry-run", "--json").out)
    assert (told["texts"], told["characters"], told["repeats"]) == (2, 16, 1)
    assert not list(tmp_path.glob("out.csv*"))
    assert json.loads(dragoman("usage", "--json").out)["totals"]["requests"] == 0
    shown = dragoman(*asked, "--dry-run")
    assert ("engine time" in shown.out, "Bom dia" in shown.out + shown.err) == (True, False)


def test_a_forecast_is_held_against_what_it_came_to(dragoman: Call, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Bom dia.\n\xff <b>", encoding="latin-1")
    asked = ("bulk", "run", "in.txt", "--to", "en", "--from", "pt", "--out", "out.txt")
    done = dragoman(*asked, "--forecast", "--report", "page.html", "--json")
    report = json.loads(done.out)
    assert done.code == 1
    assert report["forecast"]["characters"] == {"forecast": 8, "actual": 8}
    assert report["forecast"]["price"]["actual"] == float(report["price"])
    assert set(report["forecast"]["seconds"]) == {"forecast", "actual"}
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Forecast against actual" in page
    assert "invalid_record" in page
    assert "Bom dia" not in page
    assert "<script" not in page
    assert "http" not in page
    again = dragoman(*asked)
    assert "There is nothing left to translate." in again.err


def test_a_corpus_keeps_its_format(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    """A CSV that is called out.jsonl would be taken for what it is not."""
    (tmp_path / "in.csv").write_text("text\num\n", encoding="utf-8")
    asked = ("bulk", "run", "in.csv", "--from", "pt", "--to", "en", "--quiet")
    for out in ("out.jsonl.gz", "out.tsv"):
        done = dragoman(*asked, "--out", out)
        assert (done.code, "in.csv is csv and comes back as such" in done.err) == (2, True)
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    assert dragoman(*asked, "--out", "out.txt", "--format", "csv", **own).code == 0
    assert dragoman(*asked, "--out", "out.new", **own).code == 0


def test_a_report_that_cannot_be_written_is_said_first(dragoman: Call, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("um", encoding="utf-8")
    done = dragoman("bulk", "run", "in.txt", "--to", "en", "--out", "o.txt", "--report", "none/r.html")
    assert (done.code, "no such folder" in done.err) == (2, True)
    assert [each.name for each in tmp_path.iterdir()] == ["in.txt"]


def test_null_is_no_text_and_other_encodings_are_named(
    dragoman: Call, model_dir: Path, tmp_path: Path
) -> None:
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    asked = ("--from", "pt", "--to", "en", "--json", "--field", "text", "--field", "note")
    lines = b'{"text": null, "note": "um"}\n{"text": null, "note": null}\n'
    (tmp_path / "in.jsonl").write_bytes(lines)
    done = dragoman("bulk", "run", "in.jsonl", "--out", "out.jsonl", *asked, **own)
    assert (done.code, json.loads(done.out)["records"]) == (0, 2)
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_bytes().splitlines())
    assert (first["text_translation"], first["note_translation"]["text"]) == (None, "um")
    assert (second["text_translation"], second["note_translation"]) == (None, None)
    damaged = "東京。\n東".encode("shift_jis") + b"\x81\n" + "終。\n".encode("shift_jis")
    (tmp_path / "in.txt").write_bytes(damaged)
    done = dragoman("bulk", "run", "in.txt", "--out", "o.txt", *asked[:5], "--encoding", "shift_jis", **own)
    assert done.code == 1
    assert (tmp_path / "o.txt").read_bytes() == damaged
    failed = json.loads((tmp_path / "o.txt.failed.jsonl").read_bytes())
    assert (failed["line"], failed["message"]) == (2, "Not shift_jis after 1 characters of the line.")


def test_failures_of_fields_named_like_theirs_can_be_fed_back(dragoman: Call, tmp_path: Path) -> None:
    """And none of the corpus gets into the report or onto the terminal."""
    (tmp_path / "in.jsonl").write_text('{"message": "Zebedeu.", "code": "Ezequiel."}\n', encoding="utf-8")
    asked = ("bulk", "run", "--field", "message", "--field", "code", "--to", "en")
    doubting = {"DRAGOMAN_DETECTION_THRESHOLD": "1"}
    done = dragoman(*asked, "in.jsonl", "--out", "out.jsonl", "--report", "r.html", **doubting)
    listed = tmp_path / "out.jsonl.failed.jsonl"
    assert done.code == 1, done.err
    first = json.loads(listed.read_bytes().splitlines()[0])
    assert (first["message"], first["code"]) == ("Zebedeu.", "Ezequiel.")
    assert first["failure_code"] == "language_undetermined"
    for said in (done.err, (tmp_path / "r.html").read_text(encoding="utf-8")):
        assert "language_undetermined" in said
        assert "Zebedeu" not in said
        assert "Ezequiel" not in said
    again = dragoman(*asked, str(listed), "--out", "again.jsonl", "--from", "pt", "--json")
    assert (again.code, json.loads(again.out)["failed"]) == (0, 0)


def test_quiet_says_nothing(dragoman: Call, model_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("um\n", encoding="utf-8")
    asked = ("bulk", "run", "in.txt", "--to", "en", "--from", "pt", "--out", "out.txt", "--quiet")
    done = dragoman(*asked, DRAGOMAN_MODEL_DIR=str(model_dir))
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(identity: Program, tmp_path: Path) -> None:
    """10,000 more records, 22 MB of them, within 8 MB of the same peak; the memory of repeats aside."""
    peaks = [_peak(identity, tmp_path, records) for records in (4_000, 14_000)]
    assert peaks[1] - peaks[0] < 8_000


def _peak(program: Program, folder: Path, records: int) -> int:
    """Kilobytes."""
    name = f"{records}.jsonl"
    with (folder / name).open("w", encoding="utf-8") as lines:
        for number in range(records):
            record: dict[str, Any] = {"text": f"Linha {number}.", "rest": "r" * 2_200}
            lines.write(json.dumps(record) + "\n")
    asked = ("bulk", "run", name, "--to", "en", "--from", "pt", "--out", f"{name}.out", "--json")
    done = program(*asked, start=PEAK + START, DRAGOMAN_CACHE="off")
    assert done.code == 0
    return int(done.err.split()[-1])


def test_another_engine_with_the_same_models_goes_on_and_nobody_can_tell(
    dragoman: Call, server: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "WINDOW_RECORDS", 5)
    monkeypatch.setattr(keeping, "PART_WINDOWS", 1)
    keep = keeping.PartKeeper.keep

    def full(self: keeping.PartKeeper, window: record.Window, answer: Answer) -> None:
        keep(self, window, answer)
        if window.number in (2, 4):
            raise StorageError("The disk is full.")

    lines = [json.loads(line)["text"].replace("\n", " ") for line in SAMPLE.read_bytes().splitlines()[:30]]
    (tmp_path / "in.txt").write_text("\n".join(lines), encoding="utf-8")
    command = ("bulk", "run", "in.txt", "--to", "en", "--json")
    whole = dragoman(*command, "--out", "whole.txt")
    remote = ("--out", "out.txt", "--server", server.url)
    with monkeypatch.context() as patch:
        patch.setattr(keeping.PartKeeper, "keep", full)
        stopped = [dragoman(*command, "--out", "out.txt"), dragoman(*command, *remote)]
    assert all("The disk is full." in each.err for each in stopped), stopped
    refused = dragoman(*command, "--out", "out.txt", DRAGOMAN_REPAIR="off")
    ended = dragoman(*command, "--out", "out.txt")

    assert "repair was" in refused.err
    assert ended.code == whole.code, ended.err
    assert (tmp_path / "out.txt").read_bytes() == (tmp_path / "whole.txt").read_bytes()
    told, expected = json.loads(ended.out), json.loads(whole.out)
    for figure in ("records", "characters", "billed_characters", "translated", "flags", "languages"):
        assert told[figure] == expected[figure]


def test_what_cannot_be_written_in_the_encoding_fails_and_is_counted_as_it_was_charged(
    dragoman: Call, tmp_path: Path
) -> None:
    lines = ["The station is closed.", "I do not know."]
    (tmp_path / "in.txt").write_text("\n".join(lines), encoding="utf-8")
    asked = ("bulk", "run", "in.txt", "--from", "en", "--to", "pt", "--out", "out.txt", "--json")
    done = dragoman(*asked, "--out-encoding", "ascii")
    report = json.loads(done.out)
    assert (done.code, report["errors"]) == (1, {"unwritable": 2})
    assert (tmp_path / "out.txt").read_text(encoding="ascii").splitlines() == lines
    used = json.loads(dragoman("usage", "--json").out)["totals"]
    assert used["characters"] == report["characters"] == sum(map(len, lines))
    assert used["billed_characters"] == report["billed_characters"]
    assert report["languages"] == {"en": 2}
    failed = [json.loads(line) for line in (tmp_path / "out.txt.failed.jsonl").read_bytes().splitlines()]
    assert [each["code"] for each in failed] == ["unwritable", "unwritable"]
