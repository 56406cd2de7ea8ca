"""As much of S3's protocol as reading, listing and writing small objects takes, over HTTP on loopback."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

Objects = dict[str, bytes]
"""By `bucket/key`."""
_XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@contextmanager
def object_store(objects: Objects) -> Iterator[str]:
    """Its address."""
    handler = type("Handler", (_Handler,), {"objects": objects})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: Objects

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        name = unquote(parts.path).strip("/")
        if "/" not in name:
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self._answer(200, _listed(self.objects, name, query).encode())
        else:
            self._object(name)

    def do_HEAD(self) -> None:
        self._object(unquote(urlsplit(self.path).path).strip("/"))

    def do_PUT(self) -> None:
        name = unquote(urlsplit(self.path).path).strip("/")
        self.objects[name] = self._body()
        self._answer(200, b"")

    def log_message(self, *_: object) -> None:
        pass

    def _object(self, name: str) -> None:
        data = self.objects.get(name)
        if data is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        asked = self.headers.get("Range")
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            self._answer(206, data[int(first) : int(last) + 1 if last else None], of=data)
        else:
            self._answer(200, data, of=data)

    def _body(self) -> bytes:
        """Sent whole, or in signed chunks, `<size>;chunk-signature=…`."""
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return self.rfile.read(int(self.headers["Content-Length"]))
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return found

    def _answer(self, status: int, body: bytes, *, of: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.md5(of, usedforsecurity=False).hexdigest()}"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _listed(objects: Objects, bucket: str, query: dict[str, str]) -> str:
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    found, folders = [], set()
    for name in sorted(objects):
        key = name.removeprefix(f"{bucket}/")
        if not name.startswith(f"{bucket}/{prefix}"):
            continue
        inner = key.removeprefix(prefix)
        if delimiter and delimiter in inner:
            folders.add(prefix + inner.partition(delimiter)[0] + delimiter)
        else:
            found.append(
                f"<Contents><Key>{escape(key)}</Key><Size>{len(objects[name])}</Size>"
                "<LastModified>2026-11-22T10:00:00.000Z</LastModified>"
                f'<ETag>"{hashlib.md5(objects[name], usedforsecurity=False).hexdigest()}"</ETag></Contents>'
            )
    inside = "".join(
        f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in sorted(folders)
    )
    return (
        f"<ListBucketResult {_XMLNS}><Name>{bucket}</Name><Prefix>{escape(prefix)}</Prefix>"
        f"<KeyCount>{len(found) + len(folders)}</KeyCount><IsTruncated>false</IsTruncated>{''.join(found)}{inside}"
        "</ListBucketResult>"
    )
