"""The setting reaches the engine: one answer, whoever else is in the queue."""

from models.marian import MarianBackend
from tests.app.conftest import Start

TEXTS = [
    "O carro saiu do armazém.",
    "Bom dia.",
    "Chegámos a Lisboa às duas da tarde com três malas e um cão.",
    "Onde está o meu passaporte?",
    "Não sei.",
]


def test_a_strict_service_answers_in_company_as_alone(start: Start) -> None:
    service = start(model_dir=None, strict_reproducible=True)
    together = service.translate(TEXTS, source="pt")["translations"]
    alone = [service.translate(text, source="pt")["translations"][0] for text in TEXTS]

    assert [each["text"] for each in together] == [each["text"] for each in alone]
    with service.runtime.pool.use(service.runtime.catalogue.cards[0]) as backend:
        assert isinstance(backend, MarianBackend)
        assert backend._strict
