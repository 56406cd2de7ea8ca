"""A server on this machine that speaks a Hugging Face hub's protocol, and serves files as OPUS-MT's store does.

Large files are somewhere else than the hub, as on the real one: on an address that must not be sent the caller's token.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NAME = "Helsinki-NLP/opus-mt-en-pt"
"""A repository of the real one."""
LARGE = 100_000
"""Bytes from which a file is one of Git's large ones."""


@dataclass(slots=True)
class Store:
    """What is served, and how badly. `asked` collects the requests: method, path and headers."""

    repositories: dict[str, Path] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    licence: str = "cc-by-4.0"
    languages: tuple[str, ...] = ()
    token: str = ""
    """Asked of every caller of the hub; empty: of none."""
    break_after: int = 0
    """Every transfer breaks off after as many bytes; 0: none does."""
    busy: int = 0
    """So many answers are 503."""
    lies: bool = False
    """The checksums that the hub announces are those of something else."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    elsewhere: str = ""

    def commit(self, name: str) -> str:
        content = b"".join(file.read_bytes() for file in sorted(self.repositories[name].iterdir()))
        return hashlib.sha1(content, usedforsecurity=False).hexdigest()

    def sent(self, path: str) -> list[dict[str, str]]:
        return [headers for _, asked, headers in self.asked if path in asked]


@contextmanager
def served() -> Iterator[Store]:
    store = Store()
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, store)) for kind in (_Hub, _Elsewhere)]
    store.url, store.elsewhere = (f"http://127.0.0.1:{each.server_port}" for each in servers)
    threads = [threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True) for each in servers]
    for thread in threads:
        thread.start()
    try:
        yield store
    finally:
        for each, thread in zip(servers, threads, strict=True):
            each.shutdown()
            each.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, store: Store, *args: Any) -> None:
        self.store = store
        super().__init__(*args)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name is not ours
        del format, args

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.store.asked.append((self.command, self.path, dict(self.headers)))
        if self.store.busy:
            self.store.busy -= 1
            self.answer(503, b"")
            return
        self.serve(unquote(urlsplit(self.path).path))

    def serve(self, path: str) -> None:
        raise NotImplementedError

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def send_file(self, file: Path) -> None:
        content = file.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        start = 0
        if "Range" in self.headers and self.headers.get("If-Range", tag) == tag:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        rest = content[start:]
        self.send_response(206 if start else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if self.command == "HEAD":
            return
        cut = self.store.break_after
        self.wfile.write(rest[:cut] if cut else rest)
        if cut and cut < len(rest):
            self.close_connection = True


class _Elsewhere(_Handler):
    def serve(self, path: str) -> None:
        file = self.store.files.get(path.lstrip("/"))
        if file is not None:
            self.send_file(file)
            return
        name, _, rest = path.lstrip("/").partition("/large/")
        self.send_file(self.store.repositories[name] / rest)


class _Hub(_Handler):
    def serve(self, path: str) -> None:
        store = self.store
        if store.token and self.headers.get("Authorization") != f"Bearer {store.token}":
            self.answer(401, b"{}")
            return
        name = next((each for each in store.repositories if f"/{each}/" in f"{path}/"), None)
        if name is None:
            self.answer(404, b"{}")
        elif "/revision/" in path:
            self._revision(name, path.rpartition("/")[2])
        elif "/tree/" in path:
            self._tree(name)
        else:
            self._file(name, path.rpartition("/")[2])

    def _revision(self, name: str, revision: str) -> None:
        if revision not in ("main", self.store.commit(name)):
            self.answer(404, b"{}")
            return
        card = {"license": self.store.licence, "language": list(self.store.languages)}
        body = {"sha": self.store.commit(name), "cardData": card, "tags": ["marian"]}
        self.answer(200, json.dumps(body).encode())

    def _tree(self, name: str) -> None:
        """In two pages, as long ones come."""
        files = [
            _entry(file, lies=self.store.lies) for file in sorted(self.store.repositories[name].iterdir())
        ]
        half = len(files) // 2
        if "cursor" in self.path:
            self.answer(200, json.dumps(files[half:]).encode())
            return
        link = f'<{self.store.url}{self.path}&cursor=2>; rel="next"'
        self.answer(200, json.dumps(files[:half]).encode(), Link=link)

    def _file(self, name: str, file: str) -> None:
        path = self.store.repositories[name] / file
        if not path.exists():
            self.answer(404, b"{}")
        elif path.stat().st_size >= LARGE:
            self.answer(302, b"", Location=f"{self.store.elsewhere}/{name}/large/{file}")
        else:
            self.send_file(path)


def _entry(file: Path, *, lies: bool) -> dict[str, Any]:
    content = file.read_bytes() + (b"?" if lies else b"")
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    entry: dict[str, Any] = {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": blob}
    if file.stat().st_size >= LARGE:
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": file.stat().st_size}
    return entry
