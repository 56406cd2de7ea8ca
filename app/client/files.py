"""Files as they go out and come back."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import httpx

from app.client.answers import JobReport


@dataclass(frozen=True, slots=True)
class File:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class TranslatedFile:
    name: str
    data: bytes
    report: JobReport


def multipart(file: File, fields: Mapping[str, str]) -> tuple[bytes, str]:
    """A body with the file, and its content type."""
    boundary = uuid.uuid4().hex
    quoted = file.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    body = b"".join([*parts, head.encode("utf-8", "replace"), file.data, f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"


def received(response: httpx.Response) -> File:
    return File(_name(response.headers.get("Content-Disposition", "")), response.content)


def _name(disposition: str) -> str:
    """Never a path: the server is not to choose where it is written."""
    plain = re.search(r'filename="([^"]*)"', disposition)
    encoded = re.search(r"filename\*=utf-8''([^;]+)", disposition)
    name = unquote(encoded[1]) if encoded else plain[1] if plain else ""
    return re.split(r"[/\\]", name)[-1].strip(". ") or "result"
