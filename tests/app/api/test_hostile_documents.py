"""Files built to do harm, through the door: each is refused in words or translated without harm, and the service lives.

They are read in a process of their own under the kernel's limits, which are set low here.
"""

import io
import os
import socket
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.documents.archive import Archive
from app.documents.limits import Limits
from app.settings import Settings
from tests.app.api.test_documents import blobs, over, send
from tests.app.documents import compound, test_msg, test_odf
from tests.app.documents.test_archive import packed
from tests.app.documents.test_docx import document, p, parts, run
from tests.app.serving import Service, serving, write_card

FILES = Path(__file__).parents[2] / "files"
MEMORY = 268_435_456
GROWTH = 150_000_000
"""Bytes by which the service itself may grow over all of this, at most: it never holds what is in the files."""
LETTER = document(p(run("Bom dia a todos.")))
REPORT = (FILES / "report.docx").read_bytes()
LAUGHS = "<!DOCTYPE a [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {after} '{f'&{before};' * 10}'>" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
) + "]><a>&i;</a>"  # fmt: skip
GONE = b'Sub AutoOpen()\nShell "rm -rf /"\nEnd Sub'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Spells backwards; asks little of the machine."""
    models = tmp_path_factory.mktemp("models")
    write_card(models, "reverse-pt-en", ("pt", "en"), architecture="reverse")
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"), model_dir=models, preload=False, cache="off", replay_window=0,
        document_memory=MEMORY, document_seconds=10,
    )  # fmt: skip
    with serving(settings) as service:
        yield service


def outside(port: int) -> bytes:
    return f"<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:{port}/x'> %x;]><a>Bom dia.</a>".encode()


def flagged(data: bytes) -> bytes:
    """As if with a password."""
    whole = bytearray(data)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(magic) + flags] |= 1
    return bytes(whole)


def pdf_bomb() -> bytes:
    """A page whose stream unpacks to 300 MB of text."""
    stream = zlib.compress(b"BT /F 12 Tf 50 50 Td (a) Tj ET\n" * 10_000_000)
    objects = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
    )
    body = b"4 0 obj<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream endobj\n" % (len(stream), stream)
    return b"%PDF-1.4\n" + objects + body + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF\n"


ENCRYPTED = "encrypted_document"
DAMAGED = "damaged_document"
REFUSED: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "a zip bomb in a document": ("a.docx", packed(parts("") | {"word/a.png": bytes(300_000_000)}), ("too_large",)),
    "archives of zeros in an archive": (
        "a.zip", packed({f"{n}.docx": packed({"a": bytes(60_000_000)}) for n in range(9)}), ("too_large",),
    ),
    "more files than may be": ("a.zip", packed({f"{n}.txt": b"" for n in range(10_001)}, 0), ("too_large",)),
    "a page that unpacks to 300 MB": ("a.pdf", pdf_bomb(), ("too_large", DAMAGED, "unsupported_document")),
    "a billion laughs": ("a.xml", LAUGHS.encode(), (DAMAGED,)),
    "a billion laughs in Word": (
        "a.docx", packed(parts("") | {"word/document.xml": LAUGHS.encode()}), (DAMAGED,),
    ),
    "a billion laughs in Excel's list of parts": (
        "a.xlsx", packed({"[Content_Types].xml": LAUGHS.encode(), "xl/workbook.xml": b"<a/>"}), (DAMAGED,),
    ),
    "a file of the server as an entity": (
        "a.odt",
        packed({
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": test_odf.MANIFEST,
            "content.xml": b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>",
        }), (DAMAGED,),
    ),
    "elements within each other": ("a.xml", b"<?xml version='1.0'?>" + b"<a>" * 90_000 + b"</a>" * 90_000, (DAMAGED,)),
    "lists within each other": ("a.json", b"[" * 100_000 + b"]" * 100_000, (DAMAGED, "unsupported_document")),
    "groups within each other": ("a.rtf", b"{\\rtf1" + b"{" * 100_000 + b"}" * 100_001, (DAMAGED,)),
    "a path out of an archive": ("a.zip", packed({"../../etc/cron.d/x.txt": b"Bom dia."}), (DAMAGED,)),
    "a path out of a document": ("a.docx", packed(parts("") | {"/etc/x.xml": b"<a/>"}), (DAMAGED,)),
    "a document cut short": ("a.docx", REPORT[: len(REPORT) // 2], (DAMAGED,)),
    "a PDF cut short": ("a.pdf", (FILES / "report.pdf").read_bytes()[:300], (DAMAGED,)),
    "an Outlook message cut short": ("a.msg", test_msg.letter()[:1_500], (DAMAGED, "unsupported_document")),
    "a picture called a document": ("a.docx", b"\x89PNG\r\n\x1a\n" + bytes(500), ("unsupported_document",)),
    "a program called a text": ("a.txt", b"\x7fELF" + bytes(range(256)) * 9, ("unsupported_document",)),
    "a password on an archive": ("a.zip", flagged(packed({"a.txt": b"Bom dia."})), (ENCRYPTED,)),
    "a password on Word": (
        "a.docx", compound.compound({"EncryptionInfo": b"\4\0\4\0@\0\0\0", "EncryptedPackage": os.urandom(5_000)}),
        (ENCRYPTED,),
    ),
    "a password on OpenDocument": (
        "a.odt",
        test_odf.document(
            "<text:p>x</text:p>",
            manifest=b"<m:manifest xmlns:m='urn:m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>",
        ), (ENCRYPTED,),
    ),
    "a password on a PDF": ("a.pdf", (FILES / "locked.pdf").read_bytes(), (ENCRYPTED,)),
    "an encrypted message": ("a.msg", test_msg.letter(kind="IPM.Note.SMIME"), (ENCRYPTED,)),
}  # fmt: skip
STATUS = {"too_large": 413, "unsupported_document": 415, DAMAGED: 422, ENCRYPTED: 422}


@pytest.fixture(scope="module")
def grown(hostile: Service) -> Iterator[None]:
    """How much the service itself has taken by the end."""
    over(hostile, send(hostile, b"Bom dia.", source="pt"))
    before = psutil.Process().memory_info().rss
    yield
    assert psutil.Process().memory_info().rss - before < GROWTH


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize("case", REFUSED)
def test_what_would_do_harm_is_refused_in_words(hostile: Service, case: str) -> None:
    name, data, codes = REFUSED[case]
    kept = blobs(hostile)
    answer = send(hostile, data, name)
    body = answer.json()
    assert body["code"] in codes, body
    assert answer.status_code == STATUS[body["code"]]
    if body["code"] == ENCRYPTED:
        assert "password-protected" in body["detail"] or "encrypted" in body["detail"]
    assert set(blobs(hostile)) <= set(kept)


def test_nothing_that_a_file_points_to_is_opened(hostile: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        pointing = f"<?xml-stylesheet href='http://127.0.0.1:{port}/s'?><a><b>Bom dia.</b></a>".encode()
        page = f"<p>Bom dia.</p><img src='http://127.0.0.1:{port}/i'><iframe src='http://127.0.0.1:{port}/f'></iframe>"
        assert send(hostile, outside(port), "a.xml").json()["code"] == DAMAGED
        for data, name in ((pointing, "a.xml"), (page.encode(), "a.html")):
            assert over(hostile, send(hostile, data, name, source="pt"))["state"] == "succeeded"
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_claim_of_two_gigabytes_is_refused_before_they_come(hostile: Service) -> None:
    with socket.create_connection(hostile.address, timeout=30) as line:
        line.sendall(
            b"POST /v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: 2000000000\r\n\r\n--b\r\n"
        )
        assert line.recv(4_096).startswith(b"HTTP/1.1 413")


def test_sizes_that_an_archive_claims_are_not_believed(hostile: Service) -> None:
    data = bytearray(LETTER)
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = (2_000_000_000).to_bytes(4, "little")
    job = over(hostile, send(hostile, bytes(data), "a.docx", source="pt"))
    result = hostile.client.get(f"/v1/jobs/{job['id']}/result").content
    with zipfile.ZipFile(io.BytesIO(result)) as opened:
        assert opened.testzip() is None
        assert sum(each.file_size for each in opened.infolist()) < 100_000


def test_a_file_is_what_it_holds_whatever_it_is_called(hostile: Service) -> None:
    job = over(hostile, send(hostile, LETTER, "picture.png", source="pt"))
    assert (job["format"], job["state"]) == ("docx", "succeeded")


def test_archives_in_an_archive_are_left_and_named(hostile: Service) -> None:
    inner = packed({"c.txt": b"Bom dia."})
    job = over(hostile, send(hostile, packed({"b.zip": inner, "a.txt": b"Bom dia."}), "a.zip", source="pt"))
    assert [note["code"] for note in job["notes"]] == ["files_left"]
    assert "b.zip (an archive in the archive)" in job["notes"][0]["message"]
    result = Archive.read(hostile.client.get(f"/v1/jobs/{job['id']}/result").content, Limits())
    assert result.data("b.zip") == inner
    assert result.data("a.txt") != b"Bom dia."


def test_macros_are_kept_told_and_never_run(hostile: Service) -> None:
    main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    whole = packed(parts(p(run("Bom dia a todos.")), main=main) | {"word/vbaProject.bin": GONE})
    job = over(hostile, send(hostile, whole, "a.docm", source="pt"))
    assert "macros_kept" in [note["code"] for note in job["notes"]]
    result = hostile.client.get(f"/v1/jobs/{job['id']}/result")
    assert 'filename="a.en.docm"' in result.headers["content-disposition"]
    assert Archive.read(result.content, Limits()).data("word/vbaProject.bin") == GONE


def test_a_formula_that_came_from_translation_is_text(hostile: Service) -> None:
    table = "id;texto\n1;)1A(NOPMI a viagem de hoje =\n2;Bom dia a todos os amigos\n3;Boa noite a todos\n"
    job = over(hostile, send(hostile, table.encode(), "a.csv", source="pt"))
    assert "formula_neutralised" in [note["code"] for note in job["notes"]]
    cells = [
        row.split(";")[1] for row in hostile.client.get(f"/v1/jobs/{job['id']}/result").text.splitlines()
    ]
    assert cells[1].startswith("'= ejoh")
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_no_preview_runs_what_a_document_holds(hostile: Service) -> None:
    page = "<p>Bom dia &lt;script&gt;alert(1)&lt;/script&gt; a todos.</p><script>alert(2)</script><p onclick=x>Olá.</p>"
    name = "<img src=x onerror=alert(3)>.html"
    job = over(hostile, send(hostile, page.encode(), name, source="pt"))
    for path in (
        f"/jobs/{job['id']}",
        "/jobs",
        f"/jobs/{job['id']}/report",
        f"/v1/jobs/{job['id']}/report?format=html",
    ):
        shown = hostile.client.get(path)
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
        assert ">trela<" not in shown.text
        policy = shown.headers["content-security-policy"]
        assert "default-src 'none'" in policy or "default-src 'self'" in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    for path in (f"/jobs/{job['id']}/result", f"/v1/jobs/{job['id']}/result"):
        result = hostile.client.get(path)
        assert result.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in result.headers["content-security-policy"]
        assert result.headers["x-content-type-options"] == "nosniff"


def test_after_all_that_the_service_translates(hostile: Service) -> None:
    job = over(hostile, send(hostile, b"Bom dia a todos.", source="pt"))
    assert hostile.client.get(f"/v1/jobs/{job['id']}/result").text == ".sodot a aid moB."
