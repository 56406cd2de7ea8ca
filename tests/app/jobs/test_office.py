"""Binary documents through the confined process, with the bounds that a service has."""

from pathlib import Path

import pytest

from app.errors import EncryptedDocument
from app.jobs.parsing import Parser, ParsingLimits

FILES = Path(__file__).parents[2] / "files"
LIMITS = ParsingLimits(max_bytes=50_000_000, memory=1_073_741_824, seconds=120)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("report.docx", ".docx"), ("report.pdf", ".docx"), ("slides.pptx", ".pptx"), ("accounts.xlsx", ".xlsx"),
     ("report.odt", ".odt"), ("report.epub", ".epub")],
)  # fmt: skip
async def test_the_confined_process_reads_and_writes_it(name: str, suffix: str, tmp_path: Path) -> None:
    parser, out = Parser(LIMITS), tmp_path / "out"
    out.touch()
    found = await parser.extract(FILES / name, name=name, media_type="", options={})
    translations = [[unit[0].upper(), [tag[1:3] for tag in unit[3]]] for unit in found.units]
    written = await parser.compose(
        FILES / name, out, format=found.format, options={}, target="en", translations=translations
    )
    assert written.suffix == suffix
    again = await parser.extract(out, name=f"again{suffix}", media_type="", options={})
    assert sorted(unit[0] for unit in again.units) == sorted(unit[0].upper() for unit in found.units)


async def test_it_names_a_password() -> None:
    with pytest.raises(EncryptedDocument, match="password-protected"):
        await Parser(LIMITS).extract(FILES / "locked.pdf", name="a.pdf", media_type="", options={})
