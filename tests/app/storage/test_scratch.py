"""Folders for what is worked on: those of the killed are swept, those of the living stay."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.storage import scratch

WORKING = (
    "from app.storage import scratch\n"
    "with scratch.folder() as made:\n"
    "    (made / 'units').write_text('canariomudo')\n"
    "    print(made, flush=True)\n"
    "    input()\n"
)


def test_what_a_killed_process_left_is_swept_and_what_is_in_work_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "dragoman-of-somebody").mkdir()
    program = subprocess.Popen(
        [sys.executable, "-c", WORKING],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    with program, scratch.folder() as mine:
        assert program.stdout is not None
        theirs = Path(program.stdout.readline().strip())
        assert (scratch.sweep(), (theirs / "units").exists()) == (0, True)
        program.send_signal(signal.SIGKILL)
        program.wait()
        assert theirs.exists()
        assert (scratch.sweep(), theirs.exists(), mine.exists()) == (1, False, True)
    assert [each.name for each in tmp_path.iterdir()] == ["dragoman-of-somebody"]
