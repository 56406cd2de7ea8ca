"""A model from a Hugging Face hub, or a mirror of one: its commit, its licence, the files that conversion needs.

The protocol is spoken directly: three addresses, and nothing is sent but what is asked for. huggingface_hub would bring
telemetry and a second HTTP stack.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from models.contracts import InstallError, Untrusted
from models.install.addresses import bare
from models.install.asking import get
from models.install.checkpoint import PICKLE, SAFE
from models.install.download import Expected, Progress, fetch, part_of, silent
from models.install.pins import Pin
from models.install.room import ensure_room
from models.strictjson import parsed

HUB = "https://huggingface.co"
NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_SMALL = (
    "config.json", "generation_config.json", "tokenizer_config.json", "vocab.json", "target_vocab.json",
    "source.spm", "target.spm", "README.md", "LICENSE", "LICENSE.*", "card.json", "metadata.json",
    "sentencepiece.model", "spm.model", "shared_vocabulary.*", "source_vocabulary.*", "target_vocabulary.*",
)  # fmt: skip
_CONVERTED = "model.bin"
_SHARDS = "model-*-of-*.safetensors"
_MOST_PAGES = 100
_INDEX = "model.safetensors.index.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was fetched."""

    pin: Pin
    licence: str
    languages: tuple[str, ...]
    """As the repository's page declares them."""
    files: tuple[str, ...]
    """Names of all that is in the repository, fetched or not."""


class Hub:
    def __init__(self, client: httpx.Client, *, endpoint: str = "") -> None:
        self._client = client
        self.endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")

    def snapshot(
        self,
        name: str,
        into: Path,
        *,
        revision: str = "main",
        allow_pickle: bool = False,
        progress: Progress = silent,
    ) -> Snapshot:
        """Fetches what is needed of repository `name` into the folder. Raises InstallError or Untrusted."""
        if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
            raise InstallError("HF_HUB_OFFLINE says that no hub is to be asked.")
        facts = self._facts(f"{self.endpoint}/api/models/{name}/revision/{quote(revision, safe='')}")
        files = dict(self._tree(name, facts.commit))
        wanted = _wanted(name, files, allow_pickle=allow_pickle)
        expected = {file: files[file] for file in wanted}
        ensure_room(into, sum(_missing(into / file, each) for file, each in expected.items()), name)
        digests = {
            file: fetch(
                self._client,
                f"{self.endpoint}/{name}/resolve/{facts.commit}/{quote(file)}",
                into / file,
                expected=expected[file],
                progress=progress,
            )
            for file in wanted
        }
        return Snapshot(Pin(digests, facts.commit), facts.licence, facts.languages, tuple(files))

    def _facts(self, url: str) -> "_Facts":
        with _understood(url):
            return _Facts.of(parsed(get(self._client, url).content))

    def _tree(self, name: str, commit: str) -> Iterator[tuple[str, Expected]]:
        """The files at the top, which come in pages."""
        url = f"{self.endpoint}/api/models/{name}/tree/{commit}?recursive=false&expand=false"
        for _ in range(_MOST_PAGES):
            answer = get(self._client, url)
            with _understood(url):
                yield from [
                    (str(each["path"]), _expected(each)) for each in parsed(answer.content) if _is_plain(each)
                ]
            if not answer.following:
                return
            url = self._here(answer.following)
        raise InstallError(f"{name} has more files than any model.")

    def _here(self, url: str) -> str:
        """The same of this hub: one that passes another's answers on passes its addresses on too, and has the token."""
        parts = urlsplit(url)
        if parts.netloc == urlsplit(self.endpoint).netloc:
            return url
        return f"{self.endpoint}{parts.path}?{parts.query}"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a hub says of a repository."""

    commit: str
    licence: str
    languages: tuple[str, ...]

    @classmethod
    def of(cls, body: Any) -> "_Facts":
        """Raises ValueError and the like for what no hub says."""
        if not re.fullmatch(r"[0-9a-f]{40}", body["sha"]):
            raise ValueError("no commit")
        page = body.get("cardData") or {}
        licence = str(page.get("license") or _tagged(body, "license:"))
        return cls(body["sha"], licence, tuple(_listed(page.get("language"))))


@contextmanager
def _understood(url: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InstallError(
            f"{bare(url)} does not answer as a hub does. Perhaps a proxy answered, or HF_ENDPOINT names another server."
        ) from None


def _is_plain(entry: Any) -> bool:
    return entry["type"] == "file" and "/" not in entry["path"] and entry["path"].isprintable()


def hub_token() -> str | None:
    """HF_TOKEN, else the file that `hf auth login` writes."""
    if "HF_TOKEN" in os.environ:
        return os.environ["HF_TOKEN"].strip() or None
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    file = Path(os.environ.get("HF_TOKEN_PATH", home / "token"))
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def _wanted(name: str, files: Mapping[str, Expected], *, allow_pickle: bool) -> list[str]:
    small = [file for file in files if any(fnmatch(file, pattern) for pattern in _SMALL)]
    if _CONVERTED in files:
        return [*small, _CONVERTED]
    if SAFE in files:
        return [*small, SAFE]
    shards = [file for file in files if fnmatch(file, _SHARDS)]
    if shards and _INDEX in files:
        return [*small, _INDEX, *shards]
    if PICKLE not in files:
        raise InstallError(f"{name} has no weights that are known here: neither {SAFE} nor {PICKLE}.")
    if not allow_pickle:
        raise Untrusted(
            f"{name} has its weights as a pickle only ({PICKLE}), which may carry code. OPUS-MT models are also there "
            f"as zips without any: `dragoman models pull {_release(name)}`. Or say --allow-pickle: it is then read "
            f"by a reader that runs no code."
        )
    return [*small, PICKLE]


def _release(name: str) -> str:
    return name.partition("/")[2].removeprefix("opus-mt-")


def _expected(entry: dict[str, Any]) -> Expected:
    large = entry.get("lfs") or {}
    if large:
        return Expected(size=int(large["size"]), sha256=str(large["oid"]).removeprefix("sha256:"))
    return Expected(size=int(entry["size"]), git=str(entry.get("oid", "")))


def _missing(target: Path, expected: Expected) -> int:
    """Bytes still to be fetched of it, about."""
    there = next((each for each in (target, part_of(target)) if each.exists()), None)
    return max(0, (expected.size or 0) - (there.stat().st_size if there else 0))


def _tagged(facts: dict[str, Any], prefix: str) -> str:
    return next(
        (str(tag).removeprefix(prefix) for tag in facts.get("tags", ()) if str(tag).startswith(prefix)), ""
    )


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value] if isinstance(value, list) else []
