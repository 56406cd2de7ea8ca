import io

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from app.documents import registry
from tests.app.documents.backends import assert_untouched, read, texts, through

PPTX = registry.by_name("pptx")


def slides() -> bytes:
    made = Presentation()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "Título do diapositivo"
    first = slide.placeholders[1].text_frame.paragraphs[0]
    first.add_run().text = "Primeiro ponto, "
    bold = first.add_run()
    bold.text, bold.font.bold = "com negrito", True
    first.add_line_break()
    first.add_run().text = "e uma segunda linha"
    size = Inches(1)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, size, size).text_frame.text = "Dentro do grupo"
    slide.shapes.add_table(1, 1, size, size, size, size).table.cell(0, 0).text = "Uma célula"
    slide.notes_slide.notes_text_frame.text = "Notas do orador"
    data = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["a"]
    data.add_series("x", (1,))  # type: ignore[no-untyped-call]
    chart = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, size, size, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Vendas por ano"
    stored = io.BytesIO()
    made.save(stored)
    return stored.getvalue()


SLIDES = slides()
TEXTS = [
    "Título do diapositivo",
    "Primeiro ponto, com negrito\ne uma segunda linha",
    "Dentro do grupo",
    "Uma célula",
    "Notas do orador",
    "Vendas por ano",
]


def test_slides_groups_tables_notes_and_charts_are_read() -> None:
    assert registry.find(SLIDES, "x.zip").name == "pptx"
    assert texts(PPTX, SLIDES) == TEXTS
    assert read(PPTX, SLIDES).units[0].location == "slide 1, paragraph 1"
    assert_untouched(PPTX, SLIDES)


def test_what_masters_show_is_read_and_their_prompts_are_not() -> None:
    made = Presentation(io.BytesIO(SLIDES))
    size = Inches(1)
    for each, text in (
        (made.slide_master, "Força de Intervenção"),
        (made.slide_layouts[1], "Só para uso oficial"),
    ):
        box = each.shapes._spTree.add_textbox(99, "Rodapé", size, size, size, size)
        box.get_or_add_txBody().p_lst[0].add_r(text)
    stored = io.BytesIO()
    made.save(stored)
    assert texts(PPTX, stored.getvalue()) == [*TEXTS, "Só para uso oficial", "Força de Intervenção"]
    assert_untouched(PPTX, stored.getvalue())


def test_another_program_reads_the_result() -> None:
    made = through(PPTX, SLIDES, target="en")
    assert made.suffix == ".pptx"
    # The workbook behind the chart.
    assert [note.code for note in read(PPTX, SLIDES).notes] == ["embedded_kept"]
    assert texts(PPTX, made.data) == [text.upper() for text in TEXTS]
    slide = Presentation(io.BytesIO(made.data)).slides[0]
    runs = slide.placeholders[1].text_frame.paragraphs[0].runs
    assert [run.text for run in runs if run.font.bold] == ["COM NEGRITO"]
    assert slide.notes_slide.notes_text_frame.text == "NOTAS DO ORADOR"
