"""Glossaries as files."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InvalidRequest
from app.glossary import exchange
from app.glossary.terms import Dictionary, Term

WORD = st.text(
    alphabet=st.one_of(
        st.sampled_from("aéß搜,;\"'<&>\\ "), st.characters(categories=["Ll", "Lu", "Nd", "Sm"])
    ),
    min_size=1,
    max_size=12,
).filter(lambda word: any(each.isalnum() for each in word) and all(each.isprintable() for each in word))
MARTIF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXBasiccoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en"><text><body>
<termEntry id="1"><descrip type="subjectField">law</descrip>
<langSet xml:lang="en-GB"><tig><term>search warrant</term></tig><tig><term>warrant of search</term></tig></langSet>
<langSet xml:lang="pt-PT"><tig><term>mandado de busca</term></tig></langSet></termEntry>
<termEntry id="2"><langSet xml:lang="fr"><tig><term>mandat</term></tig></langSet></termEntry>
</body></text></martif>"""


def read(data: str, form: exchange.Form) -> list[tuple[str, str]]:
    return [(term.source, term.target) for term in exchange.terms_of(data, form, source="en", target="pt")]


@settings(max_examples=40)
@given(st.dictionaries(WORD.map(lambda word: " ".join(word.split())), WORD, max_size=6))
@pytest.mark.parametrize("form", exchange.FORMS)
def test_what_is_exported_is_imported_again(form: exchange.Form, pairs: dict[str, str]) -> None:
    made = tuple(Term.made(here, there) for here, there in pairs.items())
    written = exchange.written(Dictionary("en", "pt", made), form)
    assert exchange.terms_of(written, form, source="en", target="pt") == made


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("tsv", "\ufeffvan\tcarrinha\r\n\nbus\tautocarro\tmasculine\n"),
        ("csv", 'van,carrinha\n"bus",autocarro,en,pt\nVan,Lieferwagen,en,de\n'),
        ("csv", "van,carrinha,EN,PT-PT\nbus,autocarro,en-GB,pt\n"),
        ("json", '{"van": "carrinha", "bus": "autocarro"}'),
        ("json", '[{"source": "van", "target": "carrinha"}, {"source": "bus", "target": "autocarro"}]'),
        ("tsv", "van\tcarrinha\nvan\tcarrinha\nbus\tautocarro"),
    ],
)
def test_files_of_others(form: exchange.Form, data: str) -> None:
    assert read(data, form) == [("van", "carrinha"), ("bus", "autocarro")]


def test_tbx_of_either_age() -> None:
    pairs = [("search warrant", "mandado de busca"), ("warrant of search", "mandado de busca")]
    assert read(MARTIF, "tbx") == pairs
    newer = (
        MARTIF.replace("termEntry", "conceptEntry").replace("langSet", "langSec").replace("tig>", "termSec>")
    )
    assert read(newer, "tbx") == pairs


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("tsv", "van carrinha"),
        ("tsv", "van\t"),
        ("tsv", "van\tcarrinha\nvan\tfurgão"),
        ("csv", "van\n"),
        ("csv", 'van,"carrinha'),
        ("json", "{"),
        ("json", '{"van": 7}'),
        ("json", "7"),
        ("tbx", "<tbx>"),
        ("tbx", '<!DOCTYPE t [<!ENTITY a "aaaa">]><tbx>&a;</tbx>'),
        ("tbx", "<tbx>&outside;</tbx>"),
    ],
)
def test_files_that_are_refused_are_not_repeated(form: exchange.Form, data: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(data, form)
    assert "carrinha" not in str(refused.value)
