import pytest

from app.glossary import inflection


@pytest.mark.parametrize(
    ("term", "plural"),
    [
        ("van", "vans"),
        ("burglary", "burglaries"),
        ("search warrant", "search warrants"),
        ("officer in charge", "officers in charge"),
        ("body-worn camera", "body-worn cameras"),
        ("watchman", "watchmen"),
        ("bus", "buses"),
        ("vans", None),
        ("mother-in-law", None),
        ("Metropolitan Police", None),
    ],
)
def test_english_plurals(term: str, plural: str | None) -> None:
    assert inflection.plural(term, "en") == plural


@pytest.mark.parametrize(
    ("term", "plural"),
    [
        ("carrinha", "carrinhas"),
        ("mandado de busca", "mandados de busca"),
        ("câmara municipal", "câmaras municipais"),
        ("oficial responsável", "oficiais responsáveis"),
        ("painel de controlo", "painéis de controlo"),
        ("caução", "cauções"),
        ("mês", "meses"),
        ("imagem", "imagens"),
        ("pequeno-almoço", None),
        ("lápis", None),
    ],
)
def test_portuguese_plurals(term: str, plural: str | None) -> None:
    assert inflection.plural(term, "pt") == plural


def test_other_languages_have_the_forms_they_are_given() -> None:
    assert inflection.plural("Haftbefehl".lower(), "de") is None


@pytest.mark.parametrize(
    "term", ["carrinha", "caução", "câmaras municipais", "matrícula", "audiência", "noite"]
)
def test_feminine_terms(term: str) -> None:
    assert inflection.feminine(term)


@pytest.mark.parametrize(
    "term", ["autocarro", "telemóveis", "sistema", "mapa", "gestor de caso", "intérprete", "mês"]
)
def test_terms_that_are_not_feminine(term: str) -> None:
    assert not inflection.feminine(term)


@pytest.mark.parametrize(
    ("article", "word"),
    [
        ("an", "officer"),
        ("a", "van"),
        ("a", "university"),
        ("an", "hour"),
        ("an", "SMS"),
        ("a", "PDF"),
        ("an", "uncle"),
    ],
)
def test_the_english_article(article: str, word: str) -> None:
    assert inflection.indefinite(word) == article
