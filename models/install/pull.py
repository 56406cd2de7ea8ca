"""From what a person calls a model to the model, installed: a release, a hub's repository, an address, a path."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.catalogue import Release, release
from models.contracts import InstallError, LanguagePair
from models.install.addresses import apart, bare, query_mark
from models.install.archive import Damaged, unzip
from models.install.checkpoint import PICKLE, SAFE
from models.install.describe import OPUS_MT_ATTRIBUTION, Origin
from models.install.download import Progress, fetch, open_client, sha256_of, silent
from models.install.hub import NAME, Hub, hub_token
from models.install.installer import USUAL, Choices, Installed, ensure_free, install, opened, workplace
from models.install.layout import layout
from models.install.licence import OPUS_MT
from models.install.pins import Pin, read_pins
from models.suggestions import suggested

PREFIX = "opus-mt-"
_DOWNLOADS = ".downloads"
_HUB_OWNER = "Helsinki-NLP"
_RECORDED = (
    SAFE,
    PICKLE,
    "model.bin",
    "decoder.yml",
    "config.json",
    "source.spm",
    "target.spm",
    "vocab.json",
)


@dataclass(frozen=True, slots=True)
class Naming:
    """What the person who installs says of the model; empty where they leave it to the files."""

    id: str = ""
    pairs: tuple[LanguagePair, ...] = ()
    licence: str = ""


UNNAMED = Naming()


def pull(
    name: str,
    home: Path,
    *,
    choices: Choices = USUAL,
    naming: Naming = UNNAMED,
    hub: bool = False,
    revision: str = "",
    progress: Progress = silent,
) -> Installed:
    """`name`: a release of the packaged list (hu-en), `owner/name` of a hub, or the URL of an OPUS-MT zip.

    `hub`: a release is taken from the hub instead. Raises InstallError or Untrusted, and then no model has changed.
    """
    if name.startswith(("https://", "http://")):
        return _pull_zip(name, home, choices, naming, progress, known=None)
    if NAME.fullmatch(name):
        return _pull_hub(name, home, choices, naming, progress, revision=revision)
    known = release(name.removeprefix(PREFIX))
    if known is None:
        raise InstallError(
            f"No release is called {name[:80]!a}. `dragoman models search` lists them; a hub's are owner/name."
        )
    if hub:
        return _pull_hub(
            f"{_HUB_OWNER}/{PREFIX}{known.short}", home, choices, naming, progress, revision=revision
        )
    if not known.convertible:
        raise InstallError(_bpe(known))
    return _pull_zip(known.zip, home, choices, naming, progress, known=known)


def _bpe(known: Release) -> str:
    """Why it is refused, and what does instead."""
    others: Sequence[str] = ()
    if len(known.sources) == len(known.targets) == 1:
        pair = LanguagePair(min(known.sources), min(known.targets))
        others = suggested(pair, leads=lambda _: False)
    instead = f"These do instead: {' or '.join(others)}. " if others else ""
    return (
        f"{known.name} cuts its words by BPE codes after Moses' tokenizer, which is not done here; only SentencePiece "
        f"is. {instead}The hub may have a newer one: `dragoman models pull {_HUB_OWNER}/{PREFIX}{known.short}`, "
        f"or another owner/name."
    )


def import_files(path: Path, home: Path, *, choices: Choices = USUAL, naming: Naming = UNNAMED) -> Installed:
    """A local OPUS-MT zip, Argos package, Hugging Face checkpoint or CTranslate2 folder."""
    with opened(home), workplace(home) as work:
        files, digests = path, {}
        if path.is_file():
            files, digests = work / "files", {path.name: sha256_of(path)}
            files.mkdir()
            brought = unzip(path, files)
        elif path.is_dir():
            digests = {name: sha256_of(path / name) for name in _RECORDED if (path / name).is_file()}
            brought = tuple(each.name for each in path.iterdir())
        else:
            raise InstallError(f"There is no {path}.")
        layout(files)
        origin = _of_files(files, path.name, naming, sha256=digests, brought=brought)
        return install(files, home, origin, choices)


def _pull_zip(
    url: str, home: Path, choices: Choices, naming: Naming, progress: Progress, *, known: Release | None
) -> Installed:
    url, user = apart(url)
    source = bare(url)
    model_id = naming.id or (f"{PREFIX}{known.short}" if known else "")
    with opened(home), workplace(home) as work, open_client(user=user) as client:
        if model_id:
            ensure_free(home, model_id, choices)
        name = re.sub(r"[^\w.-]", "_", source.partition("://")[2])[-200:] + query_mark(url)
        file = _downloads(home) / name
        if choices.update:
            file.unlink(missing_ok=True)  # what an earlier command fetched and could not install
        pin = Pin({"zip": fetch(client, url, file, progress=progress)})
        pins = read_pins(home)
        if not choices.update:
            try:
                pins.check(source, pin)
            except InstallError:
                file.unlink()
                raise
        files = work / "files"
        files.mkdir()
        try:
            brought = unzip(file, files)
        except Damaged:
            file.unlink()  # or the same command would find it again, whatever the server has by then
            raise
        origin = _of_files(files, source, naming, sha256=pin.sha256, brought=brought, known=known)
        done = install(files, home, origin, choices)
        pins.keep(source, pin)
        file.unlink()
        return done


def _pull_hub(
    name: str, home: Path, choices: Choices, naming: Naming, progress: Progress, *, revision: str
) -> Installed:
    with opened(home), open_client(token=hub_token()) as client:
        model_id = naming.id or name.partition("/")[2]
        ensure_free(home, model_id, choices)
        hub, pins = Hub(client), read_pins(home)
        key = f"hub:{name}" + (f"@{revision}" if revision else "")
        pin = None if choices.update else pins.of(key)
        files = _downloads(home) / name.replace("/", "--")
        files.mkdir(exist_ok=True)
        found = hub.snapshot(
            name,
            files,
            revision=pin.revision if pin else revision or "main",
            allow_pickle=choices.allow_pickle,
            progress=progress,
        )
        if pin is not None:
            pins.check(key, found.pin)
        origin = Origin(
            id=model_id,
            source=f"{bare(hub.endpoint)}/{name}",
            licence=naming.licence or found.licence,
            attribution=OPUS_MT_ATTRIBUTION
            if name.startswith(f"{_HUB_OWNER}/")
            else f"{name} on {bare(hub.endpoint)}",
            revision=found.pin.revision,
            sha256=found.pin.sha256,
            languages=found.languages,
            brought=found.files,
            pairs=naming.pairs,
        )
        done = install(files, home, origin, choices)
        pins.keep(key, found.pin)
        _remove(files)
        return done


def _of_files(
    files: Path,
    source: str,
    naming: Naming,
    *,
    sha256: Mapping[str, str],
    brought: tuple[str, ...],
    known: Release | None = None,
) -> Origin:
    """An OPUS-MT zip names its own address, and so its languages, in its README."""
    page = files / "README.md"
    text = page.read_text(encoding="utf-8", errors="replace") if page.exists() else ""
    address = re.search(r"OPUS-MT-models/([\w+-]+)/[\w.-]+\.zip", text)
    known = known or (release(address[1]) if address else None)
    name = known.short if known else address[1] if address else ""
    return Origin(
        id=naming.id or (f"{PREFIX}{name}" if name else _stem(source)),
        source=source,
        licence=naming.licence or (OPUS_MT if known else ""),
        attribution=OPUS_MT_ATTRIBUTION if known else "",
        sha256=sha256,
        brought=brought,
        release=known,
        pairs=naming.pairs,
    )


def _stem(source: str) -> str:
    return source.rpartition("/")[2].removesuffix(".zip").removesuffix(".argosmodel")


def _downloads(home: Path) -> Path:
    folder = home / _DOWNLOADS
    folder.mkdir(exist_ok=True)
    return folder


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
