"""Writes tests/files/proof: documents as many programs write them (docs/documents.md, Proof).

Needs the packages of the tests, LibreOffice (`soffice`), Chromium and groff; run from the root:
`python -m scripts.make_proof_files`. The files are committed: these programs are not to be had everywhere and never
write the same bytes twice.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from scripts import proof_mail, proof_office, proof_plain

FOLDER = Path(__file__).parents[1] / "tests" / "files" / "proof"
_PATIENCE = 600
CONVERSIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # To what, from which files; the name of the result says who wrote it.
    ("docx", ("writer.fodt", "letter.docx", "minutes.docx")),
    ("odt", ("writer.fodt", "letter.docx", "minutes.docx")),
    ("rtf", ("writer.fodt", "letter.docx", "minutes.docx")),
    ("html", ("writer.fodt", "letter.docx", "loans.xlsx")),
    ("epub", ("writer.fodt", "letter.docx")),
    ("pdf", ("writer.fodt", "letter.docx", "loans.xlsx", "talk.pptx")),
    ("ods", ("loans.xlsx", "stock.xlsx")),
    ("xlsx", ("loans.xlsx", "stock.xlsx")),
    ("csv", ("loans.xlsx", "stock.xlsx")),
    ("odp", ("talk.pptx", "plan.pptx")),
    ("pptx", ("talk.pptx", "plan.pptx")),
)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for module in (proof_plain, proof_mail, proof_office):
        for name, data in module.files().items():
            (FOLDER / name).write_bytes(data)
    with tempfile.TemporaryDirectory() as scratch:
        convert(Path(scratch))
        browse(Path(scratch))
    typeset()
    (FOLDER / "writer.fodt").unlink()
    (FOLDER / "archive.zip").write_bytes(proof_plain.archive(FOLDER))


def convert(scratch: Path) -> None:
    """By LibreOffice, each kind in one call."""
    for kind, names in CONVERSIONS:
        out = scratch / kind
        office(kind, (FOLDER / name for name in names), out, scratch)
        for name in names:
            stem = Path(name).stem
            (FOLDER / f"libreoffice-{stem}.{kind}").write_bytes((out / f"{stem}.{kind}").read_bytes())


def office(kind: str, sources: Iterable[Path], out: Path, scratch: Path) -> None:
    profile = f"-env:UserInstallation=file://{scratch}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(out),
        *map(str, sources),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)


def browse(scratch: Path) -> None:
    """Pages that Chromium printed, and one as it stands after its scripts have run."""
    chromium = [
        "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server", "--no-pdf-header-footer",
        f"--user-data-dir={scratch}/chromium",
    ]  # fmt: skip
    for name in ("page", "notice"):
        printed = f"--print-to-pdf={FOLDER / f'chromium-{name}.pdf'}"
        source = (FOLDER / f"{name}.html").as_uri()
        subprocess.run([*chromium, printed, source], check=True, capture_output=True, timeout=_PATIENCE)
    dumped = subprocess.run(
        [*chromium, "--dump-dom", (FOLDER / "notice.html").as_uri()],
        check=True, capture_output=True, timeout=_PATIENCE,
    )  # fmt: skip
    (FOLDER / "chromium-notice.html").write_bytes(dumped.stdout)


def typeset() -> None:
    """Justified and hyphenated lines, as a manual page has them."""
    made = subprocess.run(
        ["groff", "-k", "-man", "-Tutf8", "-P-c", "-P-b", "-P-o", "-P-u"],
        input=proof_plain.groff(), check=True, capture_output=True, timeout=_PATIENCE,
    )  # fmt: skip
    (FOLDER / "groff.txt").write_bytes(made.stdout)


if __name__ == "__main__":
    main()
