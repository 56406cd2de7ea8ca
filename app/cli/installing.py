"""dragoman models pull and import."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.cli.transfers import transfers

if TYPE_CHECKING:
    from models.contracts import LanguagePair
    from models.install.bundle import Seal
    from models.install.installer import Choices, Installed
    from models.install.pull import Naming

PULL = console.examples("dragoman models pull hu-en")
IMPORT = console.examples(
    "dragoman models export starter-en-pt -o models.tar.zst && dragoman models import models.tar.zst"
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="hu-en, a hub's owner/name, or the URL of a zip.")]
FromHub = Annotated[bool, typer.Option("--hub", help="Take hu-en from the hub, not from OPUS-MT's zip.")]
Revision = Annotated[str, typer.Option("--revision", metavar="REV", help="Branch, tag or commit of a hub.")]
Update = Annotated[bool, typer.Option("--update", help="Take what is there now, whatever models.lock says.")]
From = Annotated[Path, typer.Argument(metavar="PATH", help="Folder, zip, .argosmodel or our .tar.zst.")]
TrustedKeys = Annotated[
    Path | None,
    typer.Option("--trusted-keys", metavar="FILE", help="SSH public keys, one of which must have signed it."),
]
Quantization = Annotated[
    str,
    typer.Option("--type", metavar="TYPE", help="Arithmetic to save it in: int8, int16, float16 or float32."),
]
Pickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Read pickled weights where there are no others.")
]
NonCommercial = Annotated[
    bool, typer.Option("--allow-non-commercial", help="Install a model whose licence forbids commercial use.")
]
Beam = Annotated[
    int,
    typer.Option(
        "--beam", metavar="N", min=0, max=16, help="Hypotheses to decode it with; 0: the service's."
    ),
]
Untried = Annotated[bool, typer.Option("--skip-self-test", help="Install it without trying it.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Put it in the place of the installed one of its id.")
]
IfMissing = Annotated[
    bool, typer.Option("--if-missing", help="Do nothing, and call it done, where it is installed already.")
]
Id = Annotated[str, typer.Option("--id", metavar="ID", help="What to call it here.")]
Pairs = Annotated[
    str, typer.Option("--pairs", metavar="PAIR,…", help="What it translates, e.g. hu-en,ro-en.")
]
Licence = Annotated[
    str, typer.Option("--licence", metavar="NAME", help="Its licence, if you know it better.")
]


def pull(
    name: Name,
    hub: FromHub = False,
    revision: Revision = "",
    update: Update = False,
    replace: Replace = False,
    if_missing: IfMissing = False,
    model_id: Id = "",
    pairs: Pairs = "",
    licence: Licence = "",
    quantization: Quantization = "int8",
    beam: Beam = 0,
    allow_pickle: Pickle = False,
    allow_non_commercial: NonCommercial = False,
    skip_self_test: Untried = False,
    json: console.Json = False,
) -> None:
    """Fetch a model, check it, convert it and install it. The only command that goes out to the network."""
    from models.install.installer import Choices  # noqa: PLC0415
    from models.install.pull import Naming  # noqa: PLC0415
    from models.install.pull import pull as fetch  # noqa: PLC0415

    choices = Choices(
        quantization=_type(quantization),
        allow_pickle=allow_pickle,
        allow_non_commercial=allow_non_commercial,
        self_test=not skip_self_test,
        beam_size=beam,
        replace=replace,
        update=update,
    )
    naming = Naming(model_id, _pairs(pairs), licence)
    with _done_already(if_missing, json=json), transfers() as told:
        done = fetch(name, home(), choices=choices, naming=naming, hub=hub, revision=revision, progress=told)
        tell([done], json=json)


def import_models(
    path: From,
    trusted_keys: TrustedKeys = None,
    replace: Replace = False,
    if_missing: IfMissing = False,
    model_id: Id = "",
    pairs: Pairs = "",
    licence: Licence = "",
    quantization: Quantization = "int8",
    beam: Beam = 0,
    allow_pickle: Pickle = False,
    allow_non_commercial: NonCommercial = False,
    skip_self_test: Untried = False,
    json: console.Json = False,
) -> None:
    """Install from this machine: our bundle, a Hugging Face checkpoint, an OPUS-MT zip, an Argos package, a CTranslate2
    folder. No network is used.
    """
    from models.install.installer import Choices  # noqa: PLC0415
    from models.install.pull import Naming  # noqa: PLC0415

    choices = Choices(
        quantization=_type(quantization),
        allow_pickle=allow_pickle,
        allow_non_commercial=allow_non_commercial,
        self_test=not skip_self_test,
        beam_size=beam,
        replace=replace,
    )
    naming = Naming(model_id, _pairs(pairs), licence)
    with _done_already(if_missing, json=json):
        done, seal = _imported(path, choices, naming, trusted=trusted_keys)
        if seal is not None:
            _tell_seal(seal, json=json)
        tell(done, json=json)


def _imported(
    path: Path, choices: "Choices", naming: "Naming", *, trusted: Path | None
) -> "tuple[list[Installed], Seal | None]":
    """A bundle has several models and a seal, what others publish is one model."""
    from models.install.bundle import SUFFIX  # noqa: PLC0415
    from models.install.pull import import_files  # noqa: PLC0415
    from models.install.unbundle import import_bundle  # noqa: PLC0415

    if path.name.endswith(SUFFIX):
        return import_bundle(path, home(), choices=choices, trusted=trusted)
    if trusted is not None:
        raise typer.BadParameter(f"Only a bundle ({SUFFIX}) is signed; --trusted-keys is for one.")
    return [import_files(path, home(), choices=choices, naming=naming)], None


@contextmanager
def _done_already(if_missing: bool, /, *, json: bool) -> Iterator[None]:
    """Whoever says --if-missing is content with what is there; of a bundle, with one of its models."""
    from models.contracts import AlreadyInstalled  # noqa: PLC0415

    try:
        yield
    except AlreadyInstalled as there:
        if not if_missing:
            raise
        console.complain(f"{str(there).partition('. ')[0]}; nothing was done.")
        if json:
            tell([], json=True)


def _tell_seal(seal: "Seal", *, json: bool) -> None:
    if not seal.fingerprint:
        console.complain("the bundle is not signed; its files are as its manifest says.")
    elif seal.trusted and not json:
        console.emit(f"Signed by {seal.fingerprint}, a key that you trust.\n")
    elif not seal.trusted:
        console.complain(
            f"the bundle says it is signed by {seal.fingerprint}; --trusted-keys FILE would check it."
        )


def home() -> Path:
    """Where models are installed, there or not yet."""
    from app.settings import load_settings  # noqa: PLC0415

    return load_settings().model_home


def tell(done: "list[Installed]", *, json: bool) -> None:
    if json:
        console.emit_json({"installed": [_body(each) for each in done]})
        return
    from models.install.room import megabytes  # noqa: PLC0415

    for each in done:
        card = each.card
        pairs = ", ".join(map(str, card.pairs[:8])) + (
            f" and {len(card.pairs) - 8} more" if len(card.pairs) > 8 else ""
        )
        size = megabytes(card.size)
        console.emit(f"Installed {card.id} ({pairs}), {card.licence}, {size}, in {card.path}\n")
        for line in each.tried:
            console.emit(f"  tried {line}\n")
        for remark in _remarks(each):
            console.complain(f"{card.id}: {remark}")
    console.emit("A service that is running takes it over by itself (DRAGOMAN_MODEL_RESCAN).\n")


def _remarks(done: "Installed") -> Iterator[str]:
    if not done.licence_known:
        yield "its licence is not stated, or not known here. Read it before you use the model."
    if not done.tried:
        yield "was installed without being tried."
    if "hook" in done.network:
        yield f"converted with the network {done.network}."
    if shortlist := done.card.provenance.get("shortlist"):
        yield (
            f"brought a lexical shortlist ({', '.join(shortlist)}), which is written down and not used: with it, an "
            f"answer would depend on its neighbours."
        )
    if done.replaced:
        yield "replaced the installed one; `dragoman models rollback` takes it back."


def _body(done: "Installed") -> dict[str, object]:
    card = done.card
    return {
        "id": card.id,
        "path": str(card.path),
        "pairs": [{"source": pair.source, "target": pair.target} for pair in card.pairs],
        "licence": card.licence,
        "size": card.size,
        "fingerprint": card.fingerprint,
        "self_test": list(done.tried),
        "replaced": done.replaced,
        "remarks": list(_remarks(done)),
    }


def _type(name: str) -> str:
    types = ("int8", "int16", "float16", "float32")
    if name not in types:
        raise typer.BadParameter(f"--type is one of {', '.join(types)}.")
    return name


def _pairs(text: str) -> "tuple[LanguagePair, ...]":
    from models.contracts import LanguagePair  # noqa: PLC0415
    from models.language import UnknownCode, normalise  # noqa: PLC0415

    found = []
    for each in filter(None, map(str.strip, text.split(","))):
        source, _, target = each.partition("-")
        try:
            found.append(LanguagePair(normalise(source), normalise(target)))
        except UnknownCode:
            raise typer.BadParameter(f"--pairs names pairs such as hu-en, not {each[:20]!a}.") from None
    return tuple(found)
