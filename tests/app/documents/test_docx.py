import io
import zipfile
from pathlib import Path

import docx
import pytest

from app.documents import registry
from app.documents.archive import Archive
from app.documents.format import Options, TagKind, Translated
from app.documents.limits import Limits
from app.documents.ooxml import TYPES
from app.errors import DamagedDocument, EncryptedDocument, TooLarge
from tests.app.documents.backends import assert_untouched, read, texts, through
from tests.app.documents.test_archive import packed

DOCX = registry.by_name("docx")
W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
DEFAULTS = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="pt-PT"/></w:rPr></w:rPrDefault></w:docDefaults>'
)


def run(text: str, properties: str = "") -> str:
    form = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{form}<w:t xml:space="preserve">{text}</w:t></w:r>'


def parts(body: str, *, main: str = MAIN, **others: str) -> dict[str, bytes]:
    """`others`: header, footer, footnotes, endnotes, comments: the paragraphs in them."""
    kinds = "".join(
        f'<Override PartName="/word/{name}1.xml" ContentType="{WORD}.{name}+xml"/>' for name in others
    )
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/>{kinds}</Types>'
    found = {
        TYPES: types.encode(),
        "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>".encode(),
        "word/styles.xml": f"<w:styles {W}>{DEFAULTS}</w:styles>".encode(),
        "word/media/map.png": b"\x89PNG" + bytes(range(256)),
    }
    return found | {
        f"word/{name}1.xml": f"<w:{name} {W}>{inner}</w:{name}>".encode() for name, inner in others.items()
    }


def document(body: str, **others: str) -> bytes:
    return packed(parts(body, **others))


def body_of(data: bytes) -> str:
    content = Archive.read(data, Limits()).data("word/document.xml")
    assert content is not None
    return content.decode().partition("<w:body>")[2].partition("</w:body>")[0]


def p(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def test_a_paragraph_is_one_unit_and_its_formatting_tags() -> None:
    body = p('<w:pPr><w:jc w:val="both"/></w:pPr>', run("Um pa"), run("rágrafo com "), run("negrito", "<w:b/>"),
             run(" no meio.", '<w:lang w:val="pt-PT"/>'))  # fmt: skip
    (unit,) = read(DOCX, document(body)).units
    assert unit.text == "Um parágrafo com negrito no meio."
    assert [(tag.kind, unit.text[tag.start : tag.end]) for tag in unit.tags] == [(TagKind.PAIR, "negrito")]
    assert body_of(through(DOCX, document(body)).data) == p(
        '<w:pPr><w:jc w:val="both"/></w:pPr>',
        run("UM PARÁGRAFO COM "),
        run("NEGRITO", "<w:b/>"),
        run(" NO MEIO."),
    )


def test_links_insertions_notes_and_breaks_stay_in_place() -> None:
    body = p(
        run("Veja "),
        f'<w:hyperlink r:id="rId1">{run("o sítio", "<w:u/>")}</w:hyperlink>',
        '<w:bookmarkStart w:id="1"/>',
        f'<w:ins w:id="2">{run(" novo")}</w:ins>',
        '<w:del w:id="3"><w:r><w:delText>velho</w:delText></w:r></w:del>',
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>',
        "<w:r><w:t>A</w:t><w:tab/><w:t>B</w:t><w:br/><w:t>C</w:t></w:r>",
    )
    assert texts(DOCX, document(body)) == ["Veja o sítio novoA\tB\nC"]
    made = body_of(through(DOCX, document(body)).data)
    assert f'<w:hyperlink r:id="rId1">{run("O SÍTIO", "<w:u/>")}</w:hyperlink>' in made
    assert f'<w:ins w:id="2">{run(" NOVO")}</w:ins>' in made
    assert '<w:del w:id="3"><w:r><w:delText>velho</w:delText></w:r></w:del>' in made
    assert '<w:footnoteReference w:id="2"/></w:r>' in made
    assert made.count("<w:tab/>") == made.count("<w:br/>") == 1


def test_results_of_fields_are_text_and_instructions_are_not() -> None:
    def field(code: str, result: str) -> str:
        return (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f"<w:r><w:instrText> {code} </w:instrText></w:r>"
            f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    body = p(run("Página "), field("PAGE", run("12")), run(" de "), field('HYPERLINK "x"', run("um livro")))
    (unit,) = read(DOCX, document(body)).units
    assert unit.text == "Página 12 de um livro"
    assert [(t.kind, unit.text[t.start : t.end]) for t in unit.tags] == [
        (TagKind.KEPT, "12"), (TagKind.PAIR, "um livro")]  # fmt: skip
    made = body_of(through(DOCX, document(body)).data)
    assert field("PAGE", run("12")) in made
    assert field('HYPERLINK "x"', run("UM LIVRO")) in made


def test_both_branches_of_a_text_box_say_the_same() -> None:
    box = f"<w:txbxContent>{p(run('Caixa de texto'))}</w:txbxContent>"
    body = p(
        run("Antes "),
        f"<w:r><mc:AlternateContent><mc:Choice><x>{box}</x></mc:Choice>"
        f"<mc:Fallback><y>{box}</y></mc:Fallback></mc:AlternateContent></w:r>",
        run("depois"),
    )
    assert texts(DOCX, document(body)) == ["Antes depois", "Caixa de texto"]
    made = body_of(through(DOCX, document(body)).data)
    assert made.count("CAIXA DE TEXTO") == 2
    assert "Caixa" not in made


def test_every_part_that_is_read_is_translated() -> None:
    whole = document(
        f"<w:tbl><w:tr><w:tc>{p(run('Célula'))}</w:tc></w:tr></w:tbl><w:sdt><w:sdtContent>{p(run('Controlo'))}"
        f"</w:sdtContent></w:sdt>{p('<w:sdt><w:sdtPr/><w:sdtContent>' + run('Dentro') + '</w:sdtContent></w:sdt>')}",
        header=p(run("Cabeçalho")),
        footer=p(run("Rodapé")),
        footnotes=f"<w:footnote>{p(run('Nota'))}</w:footnote>",
        endnotes=f"<w:endnote>{p(run('Fim'))}</w:endnote>",
        comments=f"<w:comment>{p(run('Comentário'))}</w:comment>",
    )
    expected = ["Célula", "Controlo", "Dentro", "Cabeçalho", "Rodapé", "Nota", "Fim", "Comentário"]
    assert texts(DOCX, whole) == expected
    assert texts(DOCX, through(DOCX, whole).data) == [text.upper() for text in expected]


def test_what_is_not_translated_is_copied_as_it_was_packed() -> None:
    whole = document(p(run("Um")) + p(run("dois", "<w:b/>"), run("três")), footer=p(run("Rodapé")))
    assert_untouched(DOCX, whole)
    form = read(DOCX, whole)
    made = DOCX.compose(form, [Translated("One"), None, None], target="en").data
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(io.BytesIO(made)) as after:
        assert after.testzip() is None
        assert after.namelist() == before.namelist()
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
        assert changed == {"word/document.xml", "word/styles.xml"}
        assert b'w:val="en"' in after.read("word/styles.xml")
        assert [each.date_time for each in after.infolist()] == [each.date_time for each in before.infolist()]
    assert body_of(made) == p(run("One")) + p(run("dois", "<w:b/>"), run("três"))


def test_another_program_reads_the_result() -> None:
    made = docx.Document()
    made.add_heading("Relatório anual", 1)
    made.add_paragraph("Um parágrafo ").add_run("com negrito").bold = True
    made.add_table(1, 1).cell(0, 0).text = "Uma célula & mais"
    made.sections[0].header.paragraphs[0].text = "Cabeçalho"
    stored = io.BytesIO()
    made.save(stored)
    assert registry.find(stored.getvalue(), "x.bin").name == "docx"
    assert_untouched(DOCX, stored.getvalue())
    opened = docx.Document(io.BytesIO(through(DOCX, stored.getvalue(), target="en").data))
    assert [each.text for each in opened.paragraphs] == ["RELATÓRIO ANUAL", "UM PARÁGRAFO COM NEGRITO"]
    assert [each.text for each in opened.paragraphs[1].runs if each.bold] == ["COM NEGRITO"]
    assert opened.tables[0].cell(0, 0).text == "UMA CÉLULA & MAIS"
    assert opened.sections[0].header.paragraphs[0].text == "CABEÇALHO"


def test_macros_are_kept_and_told() -> None:
    main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    whole = packed(parts(p(run("Olá")), main=main) | {"word/vbaProject.bin": b"Sub AutoOpen()"})
    assert [note.code for note in read(DOCX, whole).notes] == ["macros_kept"]
    made = through(DOCX, whole)
    assert made.suffix == ".docm"
    assert Archive.read(made.data, Limits()).data("word/vbaProject.bin") == b"Sub AutoOpen()"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;]>',
    ],
)
def test_entities_are_refused(prolog: str) -> None:
    found = parts(p(run("Olá")))
    found["word/document.xml"] = prolog.encode() + found["word/document.xml"]
    with pytest.raises(DamagedDocument, match="entities"):
        read(DOCX, packed(found))


def test_bombs_are_stopped_while_they_are_unpacked() -> None:
    bomb = packed(parts(p(run("Olá"))) | {"word/media/zeros": bytes(5_000_000)})
    assert len(bomb) < 20_000
    with pytest.raises(TooLarge, match="Unpacked"):
        read(DOCX, bomb, Options(limits=Limits(max_expanded_bytes=1_000_000)))
    deep = packed(parts("<w:tbl>" * 5_000 + "</w:tbl>" * 5_000))
    with pytest.raises(DamagedDocument, match="nested"):
        read(DOCX, deep)


@pytest.mark.parametrize("name", ["../word/x.xml", "/word/x.xml", "C:\\x.xml"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(DamagedDocument, match="leads out"):
        read(DOCX, packed(parts(p(run("Olá"))) | {name: b"<a/>"}))


@pytest.mark.parametrize("keep", [30, 300, 900])
def test_what_is_cut_short_is_damaged(keep: int) -> None:
    with pytest.raises(DamagedDocument):
        read(DOCX, document(p(run("Olá mundo")))[:keep])


def test_what_has_no_main_part_or_is_broken_is_damaged() -> None:
    with pytest.raises(DamagedDocument, match="no Word document"):
        read(DOCX, packed(parts("", main="application/x-other")))
    with pytest.raises(DamagedDocument, match="well-formed"):
        read(DOCX, document("<w:p>"))
    with pytest.raises(DamagedDocument, match="list of its parts"):
        read(DOCX, packed({"word/document.xml": b"<a/>"}))


def test_a_password_is_named() -> None:
    whole = bytearray(document(p(run("Olá"))))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(magic) + flags] |= 1
    with pytest.raises(EncryptedDocument, match="password-protected"):
        read(DOCX, bytes(whole))


def test_sizes_that_headers_claim_are_not_believed() -> None:
    whole = bytearray(document(p(run("Olá mundo"))))
    directory = whole.index(b"PK\x01\x02")
    whole[directory + 24 : directory + 28] = (2_000_000_000).to_bytes(4, "little")
    with zipfile.ZipFile(io.BytesIO(through(DOCX, bytes(whole)).data)) as made:
        assert made.testzip() is None
        assert all(each.file_size < 10_000 for each in made.infolist())


def test_a_file_of_libreoffice_comes_back() -> None:
    whole = (Path(__file__).parents[2] / "files" / "report.docx").read_bytes()
    assert_untouched(DOCX, whole)
    assert texts(DOCX, whole)[1] == "Um parágrafo com negrito, itálico e uma ligação."
    assert texts(DOCX, through(DOCX, whole).data) == [text.upper() for text in texts(DOCX, whole)]
