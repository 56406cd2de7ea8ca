"""Bundles: what goes in comes out on another machine, and nothing that was tampered with does."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings, strategies

from models.card import read_card
from models.catalogue import STARTER, installed
from models.contracts import ChecksumMismatch, InstallError, Untrusted
from models.install import signature
from models.install.bundle import MANIFEST, SIGNATURE, export
from models.install.installer import Choices
from models.install.unbundle import import_bundle
from tests.models.install.checkpoints import UNTRIED
from tests.models.small_marian import Recipe, build

needs_openssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (openssh-client)"
)
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small models, one of them without a card."""
    work = tmp_path_factory.mktemp("home")
    (work / "models").mkdir()
    for name in ("opus-mt-en-pt", "opus-mt-pt-en"):
        build(work / "models" / name, Recipe(), work=work)
    card = {"id": "opus-mt-pt-en", "pairs": [{"source": "pt", "target": "en"}], "licence": "CC-BY-4.0"}
    (work / "models" / "opus-mt-pt-en" / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return work / "models"


@pytest.fixture
def bundle(home: Path, tmp_path: Path) -> Path:
    cards = [card for card in installed(home).cards if card.id.startswith("opus")]
    export(cards, tmp_path / "models.tar.zst")
    return tmp_path / "models.tar.zst"


def members(file: Path) -> Members:
    plain = zstandard.ZstdDecompressor().stream_reader(file.read_bytes()).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        return [(each, archive.extractfile(each).read()) for each in archive.getmembers()]  # type: ignore[union-attr]


def rewrite(file: Path, content: Members) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for member, data in content:
            member.size = len(data) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(data))
    file.write_bytes(zstandard.ZstdCompressor().compress(out.getvalue()))


def key(folder: Path, kind: str = "ed25519") -> Path:
    subprocess.run(
        [str(shutil.which("ssh-keygen")), "-q", "-t", kind, "-N", "", "-f", str(folder / f"key-{kind}")],
        check=True,
    )
    return folder / f"key-{kind}"


def test_what_goes_in_comes_out(home: Path, bundle: Path, tmp_path: Path) -> None:
    done, seal = import_bundle(bundle, tmp_path / "apart", choices=UNTRIED)

    assert seal.fingerprint == ""
    assert {each.card.id for each in done} == {"opus-mt-en-pt", "opus-mt-pt-en"}
    for each in done:
        assert each.card.sha256.keys() >= {"model.bin", "config.json", "source.spm"}
        each.card.verify()
        for name in each.card.sha256:
            assert (each.card.path / name).read_bytes() == (home / each.card.id / name).read_bytes()
    assert not [file for file in (tmp_path / "apart").iterdir() if file.name.startswith(".install")]
    with pytest.raises(InstallError, match="--replace"):
        import_bundle(bundle, tmp_path / "apart", choices=UNTRIED)
    assert all(
        each.replaced
        for each in import_bundle(
            bundle, tmp_path / "apart", choices=Choices("int8", replace=True, self_test=False)
        )[0]
    )


def test_the_starter_models_travel_and_pass_their_trial(tmp_path: Path) -> None:
    export([read_card(STARTER / "en-pt")], tmp_path / "s.tar.zst")

    ((done,), _) = import_bundle(tmp_path / "s.tar.zst", tmp_path / "apart")

    assert done.card.fingerprint == read_card(STARTER / "en-pt").fingerprint
    assert done.tried


def test_a_model_that_is_not_as_its_card_says_is_not_exported(tmp_path: Path) -> None:
    shutil.copytree(STARTER / "en-pt", tmp_path / "broken")
    (tmp_path / "broken" / "config.json").write_text("{}", encoding="utf-8")

    with pytest.raises(ChecksumMismatch):
        export([read_card(tmp_path / "broken")], tmp_path / "b.tar.zst")

    assert [each.name for each in tmp_path.iterdir()] == ["broken"]


def _flip(content: Members) -> None:
    member, data = content[-1]
    content[-1] = (member, bytes([data[0] ^ 1]) + data[1:])


def _up(content: Members) -> None:
    content.append((tarfile.TarInfo("models/../../escaped"), b"!"))


def _absolute(content: Members) -> None:
    content.append((tarfile.TarInfo("/tmp/escaped"), b"!"))  # noqa: S108


def _link(content: Members) -> None:
    member, _ = content[-1]
    link = tarfile.TarInfo(member.name)
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    content[-1] = (link, b"")


def _lost(content: Members) -> None:
    content.pop()


def _twice(content: Members) -> None:
    content.append(content[-1])


def _no_manifest(content: Members) -> None:
    content.pop(0)


def _other_manifest(content: Members) -> None:
    content[0] = (content[0][0], b"[]")


def _escaping_manifest(content: Members) -> None:
    member, data = content[0]
    body: dict[str, Any] = json.loads(data)
    body["models"][0]["id"] = "../up"
    content[0] = (member, json.dumps(body).encode())


def _other_card(content: Members) -> None:
    at = next(at for at, (member, _) in enumerate(content) if member.name.endswith("card.json"))
    card = json.loads(content[at][1]) | {"id": "another"}
    data = json.dumps(card).encode()
    body = json.loads(content[0][1])
    entry = next(each for each in body["models"] if each["id"] in content[at][0].name)["files"]["card.json"]
    entry |= {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    content[at], content[0] = (content[at][0], data), (content[0][0], json.dumps(body).encode())


@pytest.mark.parametrize(
    "tamper",
    [
        _flip,
        _up,
        _absolute,
        _link,
        _lost,
        _twice,
        _no_manifest,
        _other_manifest,
        _escaping_manifest,
        _other_card,
    ],
    ids=lambda each: each.__name__,
)
def test_a_bundle_that_was_tampered_with_installs_nothing(
    bundle: Path, tmp_path: Path, tamper: Callable[[Members], None]
) -> None:
    content = members(bundle)
    tamper(content)
    rewrite(bundle, content)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(Untrusted):
        import_bundle(bundle, tmp_path / "apart", choices=UNTRIED)

    added = [file for file in tmp_path.rglob("*") if file not in before]
    assert {file.name for file in added} == {"apart", ".lock"}
    assert not Path("/tmp/escaped").exists()  # noqa: S108


@pytest.mark.parametrize("kept", [0, 10, 1_000, -20])
def test_a_bundle_that_was_cut_short_installs_nothing(bundle: Path, tmp_path: Path, kept: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:kept])

    with pytest.raises(Untrusted):
        import_bundle(bundle, tmp_path / "apart", choices=UNTRIED)

    assert [file.name for file in (tmp_path / "apart").iterdir()] == [".lock"]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_would_fill_the_memory_is_not_read(bundle: Path, tmp_path: Path, kind: bytes) -> None:
    """Python's tarfile would read all of it at once; Zstandard packs gigabytes of it into little."""
    huge = tarfile.TarInfo("x")
    huge.type, huge.size = kind, 8 << 30
    bundle.write_bytes(zstandard.ZstdCompressor().compress(huge.tobuf() + bytes(1 << 20)))

    with pytest.raises(Untrusted, match="not a whole bundle"):
        import_bundle(bundle, tmp_path / "apart", choices=UNTRIED)


def test_a_bundle_that_does_not_fit_on_the_disk_is_not_begun(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.install.room._SPARE", shutil.disk_usage(tmp_path).free)

    with pytest.raises(InstallError, match=r"models\.tar\.zst needs"):
        import_bundle(bundle, tmp_path / "apart", choices=UNTRIED)

    assert [file.name for file in (tmp_path / "apart").iterdir()] == [".lock"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=strategies.floats(0, 1, exclude_max=True), bit=strategies.integers(0, 7))
def test_whatever_bit_is_turned_nothing_but_the_models_comes_out(
    home: Path, bundle: Path, at: float, bit: int
) -> None:
    data = bytearray(bundle.read_bytes())
    data[int(at * len(data))] ^= 1 << bit
    apart = bundle.parent / f"apart-{at}-{bit}"
    turned = bundle.parent / "turned.tar.zst"
    turned.write_bytes(data)

    try:
        import_bundle(turned, apart, choices=UNTRIED)
    except Untrusted:
        assert [file.name for file in apart.iterdir()] == [".lock"]
        return
    for model in ("opus-mt-en-pt", "opus-mt-pt-en"):
        for name in ("model.bin", "source.spm", "shared_vocabulary.json"):
            assert (apart / model / name).read_bytes() == (home / model / name).read_bytes()


@needs_openssh
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_is_checked_here_and_by_openssh(home: Path, tmp_path: Path, kind: str) -> None:
    mine = key(tmp_path, kind)
    file = tmp_path / "signed.tar.zst"
    told = export([card for card in installed(home).cards if card.id == "opus-mt-en-pt"], file, key=mine)
    public = mine.with_suffix(".pub")

    _, seal = import_bundle(file, tmp_path / "apart", choices=UNTRIED, trusted=public)

    assert seal == told
    assert seal.trusted
    content = {member.name: data for member, data in members(file)}
    (tmp_path / "sig").write_bytes(content[SIGNATURE])
    (tmp_path / "signers").write_text(f"me {public.read_text()}")
    done = subprocess.run(
        [str(shutil.which("ssh-keygen")), "-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "me",
         "-n", signature.NAMESPACE, "-s", str(tmp_path / "sig")],
        input=content[MANIFEST], capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    _, unchecked = import_bundle(file, tmp_path / "unchecked", choices=UNTRIED)
    assert unchecked.fingerprint == seal.fingerprint
    assert not unchecked.trusted


@needs_openssh
def test_only_a_trusted_key_over_this_very_manifest_will_do(home: Path, bundle: Path, tmp_path: Path) -> None:
    mine, public = key(tmp_path), tmp_path / "key-ed25519.pub"
    (tmp_path / "others").mkdir()
    other = key(tmp_path / "others").with_suffix(".pub")
    signed = tmp_path / "signed.tar.zst"
    export([card for card in installed(home).cards if card.id == "opus-mt-en-pt"], signed, key=mine)

    with pytest.raises(Untrusted, match="not signed"):
        import_bundle(bundle, tmp_path / "a", choices=UNTRIED, trusted=public)
    with pytest.raises(Untrusted, match="not in"):
        import_bundle(signed, tmp_path / "a", choices=UNTRIED, trusted=other)
    content = members(signed)
    content[0] = (content[0][0], content[0][1].replace(b"CC-BY", b"CC-XX").replace(b"unknown", b"unknowm"))
    rewrite(signed, content)
    with pytest.raises(Untrusted, match="not of its manifest"):
        import_bundle(signed, tmp_path / "a", choices=UNTRIED, trusted=public)
    content[1] = (content[1][0], b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")
    rewrite(signed, content)
    with pytest.raises(Untrusted, match="signature is none"):
        import_bundle(signed, tmp_path / "a", choices=UNTRIED, trusted=public)
    (tmp_path / "none").write_text("# no key\n", encoding="utf-8")
    export([card for card in installed(home).cards if card.id == "opus-mt-en-pt"], signed, key=mine)
    with pytest.raises(InstallError, match="no SSH public key"):
        import_bundle(signed, tmp_path / "a", choices=UNTRIED, trusted=tmp_path / "none")


@needs_openssh
def test_a_key_that_cannot_sign_leaves_no_bundle(home: Path, tmp_path: Path) -> None:
    (tmp_path / "nokey").write_text("nothing", encoding="utf-8")
    with pytest.raises(InstallError, match="did not sign"):
        export(list(installed(home).cards)[:1], tmp_path / "x.tar.zst", key=tmp_path / "nokey")
    assert [each.name for each in tmp_path.iterdir()] == ["nokey"]
