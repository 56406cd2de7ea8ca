"""Documents are read and written in a process of their own, under the kernel's limits: a hostile file ends that
process, not the service. The inside is app/documents/process.py.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from app.errors import (
    DamagedDocument,
    EncryptedDocument,
    InvalidRequest,
    TooLarge,
    UnsupportedDocument,
)
from app.storage import scratch

log = logging.getLogger("dragoman")

SIDE_BY_SIDE = 2
"""Documents read at once: each may take as much memory as the setting allows."""
_CALL = "import sys; sys.path[:] = sys.argv[1:]; from app.documents.process import main; main()"
_PATIENCE = 4
"""Times the processor seconds that a document may take by the clock, on a busy machine."""
_SLACK = 30.0
_KINDS: Mapping[str, type[InvalidRequest]] = {
    kind.code: kind for kind in (UnsupportedDocument, DamagedDocument, EncryptedDocument, TooLarge)
}


@dataclass(frozen=True, slots=True)
class ParsingLimits:
    max_bytes: int
    memory: int
    """Bytes of address space."""
    seconds: int
    """Of processor time."""
    max_expanded_bytes: int = 500_000_000


@dataclass(frozen=True, slots=True)
class Extracted:
    format: str
    units: Sequence[Any]
    """`[text, location, language, [[kind, start, end, name, parent], …]]` each."""
    notes: Sequence[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Written:
    media_type: str
    suffix: str
    notes: list[dict[str, object]]


class Parser:
    def __init__(self, limits: ParsingLimits) -> None:
        self._limits = limits
        self._places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def extract(
        self, source: Path, *, name: str, media_type: str, options: Mapping[str, object]
    ) -> Extracted:
        """Raises DocumentError or TooLarge."""
        order = {"action": "extract", "source": str(source), "name": name, "media_type": media_type}
        with scratch.folder() as folder:
            out = folder / "units"
            answer = await self._ask({**order, "options": options, "out": str(out)})
            units = await asyncio.to_thread(lambda: orjson.loads(out.read_bytes()))
        return Extracted(answer["format"], units, answer["notes"])

    async def compose(
        self,
        source: Path,
        out: Path,
        *,
        format: str,  # noqa: A002  the word of the domain
        options: Mapping[str, object],
        target: str,
        translations: Sequence[Any],
    ) -> Written:
        """Writes `out`. Raises DocumentError or TooLarge."""
        order = {"action": "compose", "source": str(source), "format": format, "target": target}
        with scratch.folder() as folder:
            given = folder / "translations"
            await asyncio.to_thread(lambda: given.write_bytes(orjson.dumps(translations)))
            files = {"translations": str(given), "out": str(out)}
            answer = await self._ask({**order, **files, "options": options})
        return Written(answer["media_type"], answer["suffix"], answer["notes"])

    async def _ask(self, order: Mapping[str, object]) -> dict[str, Any]:
        limits = self._limits
        bounds = {"memory": limits.memory, "cpu": limits.seconds, "max_bytes": limits.max_bytes}
        sent = orjson.dumps({**order, **bounds, "max_expanded_bytes": limits.max_expanded_bytes})
        async with self._places:
            code, out = await self._run(sent)
        try:
            answer: dict[str, Any] = orjson.loads(out)
        except orjson.JSONDecodeError:
            raise self._ended(code) from None
        if "error" in answer:
            raise self._refusal(answer)
        return answer

    async def _run(self, sent: bytes) -> tuple[int, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", _CALL, *filter(None, [str(Path(__file__).parents[2]), *sys.path]),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        try:
            async with asyncio.timeout(_SLACK + _PATIENCE * self._limits.seconds):
                out, _ = await process.communicate(sent)
        except TimeoutError:
            return -signal.SIGXCPU, b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out

    def _ended(self, code: int) -> InvalidRequest:
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return TooLarge(
                f"The document takes more than {self._limits.seconds} s to read. Send it in parts."
            )
        log.error("reading a document ended with status %d", code)
        return DamagedDocument("The document could not be read: its reader crashed on it.")

    def _refusal(self, answer: Mapping[str, str]) -> InvalidRequest:
        if answer["error"] == "memory":
            most = self._limits.memory
            return TooLarge(
                f"The document needs more than {most:,} bytes of memory to read. Send it in parts."
            )
        if answer["error"] == "unpacked":
            return TooLarge("The document is too large once it is unpacked. Send it in parts.")
        if answer["error"] in _KINDS:
            return _KINDS[answer["error"]](answer["message"])
        log.error("reading a document failed: %s", answer["message"])
        return DamagedDocument("The document could not be read: its reader gave up on it.")
