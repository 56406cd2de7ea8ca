"""Every output is opened by LibreOffice, which converts it to PDF; its text is there, on as many pages."""

import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest

from app.documents import registry
from tests.app.documents.backends import shout, through

FILES = Path(__file__).parents[2] / "files"
SOFFICE = shutil.which("soffice")
_PATIENCE = 300

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed"),
]


def printed(source: Path, folder: Path) -> tuple[int, str]:
    """Pages and text."""
    assert SOFFICE is not None
    home = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(
        [SOFFICE, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=_PATIENCE,
    )  # fmt: skip
    with pypdfium2.PdfDocument(folder / f"{source.stem}.pdf") as opened:
        texts = [page.get_textpage().get_text_range() for page in opened]
    return len(texts), "".join(texts)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("report.docx", "UM PARÁGRAFO COM NEGRITO, ITÁLICO E UMA LIGAÇÃO."),
        ("report.odt", "UM PARÁGRAFO COM NEGRITO, ITÁLICO E UMA LIGAÇÃO."),
        ("report.pdf", "UM PARÁGRAFO COM NEGRITO, ITÁLICO E UMA LIGAÇÃO."),
        ("slides.odp", "TÍTULO DO DIAPOSITIVO"),
        ("slides.pptx", "TÍTULO DO DIAPOSITIVO"),
        ("accounts.ods", "ISTO É MUITO BOM"),
        ("accounts.xlsx", "ISTO É MUITO BOM"),
    ],
)
def test_libreoffice_opens_what_was_written(name: str, said: str, tmp_path: Path) -> None:
    source = FILES / name
    data = source.read_bytes()
    made = through(registry.find(data, name), data, shout, target="en")
    written = tmp_path / f"after{made.suffix}"
    written.write_bytes(made.data)
    pages, text = printed(written, tmp_path)
    assert said in " ".join(text.split())
    before = tmp_path / f"before{source.suffix}"
    shutil.copy(source, before)
    if source.suffix != ".pdf":
        assert abs(printed(before, tmp_path)[0] - pages) <= 1
