"""Words that chat and some trade share stand in prose as they are."""

import json
from pathlib import Path

import pytest

from app.chat import line, words, writing
from app.reading import read
from app.verbatim import verbatim
from tests.app.serving import Service

PROSE = {
    "en": """
See cell b4 in the sheet.
Take vitamin b4 daily.
The no1 team won the match.
Solve for u and y
Solve for u and y.
Let u = 3 and y = 4
The letters r, u and y are variables.
Let c and n be integers.
Press k to continue.
Fix the bracket with an m8 bolt.
The m8 motorway is closed.
Move the knight to b4 and castle.
Column u holds the totals.
A 2 u server fits in the rack.
The rack takes a 4 u chassis.
The msg parameter is optional.
The dose of msm was doubled.
Reduce msg in processed food.
Store it in nvm before a restart.
The imo number is painted on the hull.
The perplexity (ppl) fell to 12.
He holds a ppl and an instrument rating.
A wen was removed from her scalp.
The tmr circuit votes on each bit.
The np ratio was close to one.
The rn on duty signed the chart.
He gave the patient 4 bc tablets.
The cant of the track is 150 mm.
He spoke, as was his wont, at length.
She lets the flat to students.
The gm of the hotel resigned.
A bf of 12 was recorded.
The gn file could not be parsed.
The level reached l8 in the plan.
Room l8 is on the left.
Use gr8 steel for the shaft.
The any1 flag is set in register 3.
Set some1 and no1 to zero.
The ty field holds the type.
A coz is a cousin in Shakespeare.
Inject 1 g im daily.
The 6% hes solution was given.
A pls regression was fitted.
She joined the KKK.
He fought the kkk.
Use the format yyyymmdd.
format yyyymmdd
Configure pppoe on the router.
The ieee standard applies.
KKK was founded long ago.
Size xxxs is sold out.
""",
    "pt": """
O sla do contrato é de 99%.
O disco tem 2 tb de espaço.
As vms do cluster pararam.
n = 5 e q = 3
Seja n = 5 e q = 3.
O fator n é maior do que q.
A carga q e a distância d são dadas.
A letra q vem depois de p.
O teste de tb deu positivo.
O backup ocupa 10 tb no servidor.
A produção foi de 30 mt por ano.
O pino vdd alimenta o circuito.
O grupo msm foi excluído do estudo.
O suplemento msm é vendido em farmácias.
Assinou o nda antes da reunião.
O resultado veio nd no laudo.
O ctg do feto foi normal.
O tds da água subiu.
A tbm perfurou 10 m por dia.
O git é um vcs distribuído.
A smp regula o mercado.
O dps protege o quadro elétrico.
O agr reduz as emissões.
O valor de kd foi medido em triplicado.
O cade aprovou a fusão.
O mta recusou a mensagem.
O mto exige prazo maior.
O mds do cluster reiniciou.
A dnv certificou o navio.
O aki foi tratado com diálise.
A nss oferece o serviço.
O soh da bateria é de 90%.
O qm explica o efeito.
O eai liga os sistemas.
A tmj foi examinada.
A hrs foi diagnosticada.
O produto pq de dois primos é ímpar.
A msg de erro aparece na tela.
O vetor c tem norma 1.
Os pontos p e q pertencem à reta.
O vc foi ajustado para 6 ml por kg.
Ele era membro da KKK.
A bexiga foi avaliada por cmg.
A velocidade vc = 3 é constante.
""",
}
LINES = [(text, language) for language, lines in PROSE.items() for text in lines.strip().split("\n")]


@pytest.mark.parametrize(("text", "language"), LINES)
def test_prose_with_lookalikes_is_read_as_it_is_written(text: str, language: str) -> None:
    assert read(text, language, verbatim(text)) == (None, False)


@pytest.mark.parametrize("text", ["2 u rack server", "cell b4", "r is a language", "4 ppl per room"])
def test_what_has_the_form_of_chat_may_be_doubted_but_is_not_rewritten(text: str) -> None:
    assert read(text, "en", ())[0] is None


def test_examples_in_prose_are_read_as_they_are_written() -> None:
    file = Path(__file__).parents[3] / "examples" / "messages.jsonl"
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    prose = [row for row in rows if row["kind"] in ("statement", "intelligence", "log", "inventory")]
    assert len(prose) > 200
    for row in prose:
        reading, noisy = read(row["text"], row["language"], verbatim(row["text"]))
        assert not noisy
        assert reading is None or reading.chat is None


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("meet me b4 noon pls, im late", "en", "meet me before noon please, I'm late"),
        ("vc tb vem hj?", "pt", "você também vem hoje?"),
        ("lol idk m8", "en", "I don't know mate"),
        ("vc tem 2 tb hj?", "pt", "você tem 2 tb hoje?"),
        ("hj o sla das vms caiu, vc viu", "pt", "hoje o sla das vms caiu, você viu"),
        ("The bday column is null.", "en", "The birthday column is null."),
        ("O nao pagamento gera multa.", "pt", "O não pagamento gera multa."),
    ],
)
def test_a_guess_is_a_doubt(text: str, language: str, said: str) -> None:
    reading, noisy = read(text, language, ())
    assert reading is not None
    assert reading.text == said
    assert noisy == ("2 tb" not in text and "nao" not in text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("xpto blz", "pt"),
        ("omg ur so funny lmao", "en"),
        ("idk lmao", "en"),
        ("meet me b4 8", "en"),
        ("ele tb n sabe", "pt"),
    ],
)
def test_chat_that_is_left_is_a_doubt(text: str, language: str) -> None:
    assert read(text, language, ())[1]


def test_a_doubt_where_only_the_unmistakable_was_written_out_is_none() -> None:
    assert not read("vc vem hj?", "pt", ())[1]


def test_codes_come_through(service: Service) -> None:
    texts = ["See cell b4 in the sheet.", "The no1 team won the match.", "lol idk m8"]
    cell, team, guess = service.translate(texts, "pt", source="en")["translations"]
    assert "b4" in cell["text"].lower()
    assert "expanded" not in cell["flags"] + team["flags"]
    assert {"expanded", "informal"} <= {*guess["flags"]}


def test_what_writing_out_took_away_is_missed_in_the_translation(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a table that is wrong, as none should be."""
    wrong = {**words.SURE, "pt": {"nunca": "sempre", "sete": "muitas"}}
    texts = ["a testemunha nunca falou com a polícia", "ela tem sete casas em 3 cidades"]
    monkeypatch.setattr(writing, "SURE", wrong)
    monkeypatch.setattr(line, "KNOWN", {**words.KNOWN, "pt": frozenset(wrong["pt"])})
    denied, counted = service.translate(texts, source="pt")["translations"]
    assert {"expanded", "negation_lost"} <= {*denied["flags"]}
    assert {"expanded", "numbers_differ"} <= {*counted["flags"]}
