"""One loader for every kind of OPUS-MT model, shown on real CTranslate2 models with random weights."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import ctranslate2
import pytest
import sentencepiece

from models.card import ModelCard
from models.catalogue import installed
from models.contracts import Backend, EngineOptions, LanguagePair, ModelUnavailable, TokenizedSegment
from models.loader import load
from models.marian import MarianBackend
from models.reverse import IdentityBackend, ReverseBackend
from tests.models.small_marian import ENGLISH, Recipe, build, like_transformers

TEXTS = ["The train arrives late.", "She keeps nine boats in a red box.", "Nobody knows why"]
Make = Callable[[str, Recipe], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A model folder below a model directory, by its name."""
    (tmp_path / "models").mkdir()

    def made(name: str, recipe: Recipe) -> Path:
        folder = tmp_path / "models" / name
        build(folder, recipe, work=tmp_path)
        return folder

    return made


def served(folder: Path) -> tuple[ModelCard, Backend]:
    catalogue = installed(folder.parent)
    assert catalogue.problems == ()
    card = catalogue.card(folder.name)
    assert card is not None
    return card, load(card, EngineOptions())


def translate(backend: Backend, texts: Sequence[str], pair: LanguagePair) -> list[str]:
    return [each.text for each in backend.translate(backend.tokenize(texts, pair))]


def directly(folder: Path, *, head: Sequence[str] = (), tail: Sequence[str] = ()) -> list[str]:
    """What the engine itself answers to TEXTS with these tokens before and after the pieces."""
    source = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    file = folder / "target.spm"
    target = sentencepiece.SentencePieceProcessor(model_file=str(file)) if file.exists() else source
    answers: list[str] = []
    for text in TEXTS:
        tokens = [*head, *source.encode(text, out_type=str), *tail]
        result = ctranslate2.Translator(str(folder), device="cpu").translate_batch(
            [tokens], beam_size=1, max_decoding_length=32 + 3 * len(tokens), disable_unk=True
        )
        answers.append(target.decode(result[0].hypotheses[0]))
    return answers


@pytest.mark.parametrize("quantization", ["int8", None], ids=["int8", "float32"])
@pytest.mark.parametrize("joint", [True, False], ids=["joint", "separate"])
def test_a_single_target_model_gets_its_pieces_and_nothing_else(
    make: Make, *, joint: bool, quantization: str | None
) -> None:
    folder = make("opus-mt-en-pt", Recipe(joint=joint, quantization=quantization))

    card, backend = served(folder)

    assert card.pairs == (LanguagePair("en", "pt"),)
    assert card.target_tokens == {}
    answers = translate(backend, TEXTS, card.pairs[0])
    assert answers == directly(folder)
    assert len(set(answers)) == len(TEXTS)
    backend.close()


@pytest.mark.parametrize("joint", [True, False], ids=["joint", "separate"])
def test_a_multi_target_model_is_told_its_target(make: Make, *, joint: bool) -> None:
    folder = make("opus-mt-en-roa", Recipe(joint=joint, targets=(">>fra<<", ">>por<<")))

    card, backend = served(folder)

    assert card.pairs == (LanguagePair("en", "fr"), LanguagePair("en", "pt"))
    french = translate(backend, TEXTS, LanguagePair("en", "fr"))
    portuguese = translate(backend, TEXTS, LanguagePair("en", "pt"))
    assert french == directly(folder, head=[">>fra<<"])
    assert portuguese == directly(folder, head=[">>por<<"])
    assert french != portuguese
    backend.close()


def test_two_targets_share_a_batch(make: Make) -> None:
    card, backend = served(make("opus-mt-en-roa", Recipe(targets=(">>fra<<", ">>por<<"))))
    apart = [translate(backend, TEXTS, pair) for pair in card.pairs]

    together = backend.translate(
        [segment for pair in card.pairs for segment in backend.tokenize(TEXTS, pair)]
    )

    assert [each.text for each in together] == [*apart[0], *apart[1]]
    backend.close()


@pytest.mark.parametrize("engine_ends", [True, False])
def test_every_batch_is_as_wide_as_a_whole_number_of_vectors(make: Make, *, engine_ends: bool) -> None:
    """Its effect shows on real weights only: test_marian.py."""
    folder = make("opus-mt-en-pt", Recipe())
    if not engine_ends:
        like_transformers(folder)
    card, backend = served(folder)
    assert isinstance(backend, MarianBackend)

    for segment in backend.tokenize([ENGLISH[0][:end] for end in range(len(ENGLISH[0]))], card.pairs[0]):
        rows = [*backend._padding([segment]), segment.tokens]
        width = max(map(len, rows)) + engine_ends
        assert width % 8 == 0 or segment.length == 0
        assert width - segment.length - engine_ends < 8
    assert backend._padding([TokenizedSegment(("a",) * 600)]) == []
    backend.close()


def test_a_card_need_not_repeat_the_target_tokens(make: Make) -> None:
    folder = make("multi", Recipe(targets=(">>fra<<", ">>por<<")))
    card_file = {"id": "multi", "pairs": [{"source": "en", "target": "pt-BR"}]}
    (folder / "card.json").write_text(json.dumps(card_file))

    card, backend = served(folder)

    assert card.pairs == (LanguagePair("en", "pt"),)
    assert translate(backend, TEXTS, card.pairs[0]) == directly(folder, head=[">>por<<"])
    backend.close()


def test_the_end_marker_is_appended_where_the_engine_leaves_it_out(make: Make) -> None:
    marian = make("opus-mt-en-pt", Recipe())
    transformers = make("opus-mt-en-de", Recipe())
    like_transformers(transformers)

    _, first = served(marian)
    _, second = served(transformers)

    tokens = first.tokenize(TEXTS, LanguagePair("en", "pt"))
    ended = second.tokenize(TEXTS, LanguagePair("en", "de"))
    assert [(*each.tokens, "</s>") for each in tokens] == [each.tokens for each in ended]
    answers = [each.text for each in second.translate(ended)]
    assert answers == directly(transformers, tail=["</s>"])
    # The same weights; these run away, and one more source token allows a longer output.
    assert all(mine.startswith(theirs) for mine, theirs in zip(answers, directly(marian), strict=True))
    assert not any(
        mine.startswith(theirs) for mine, theirs in zip(answers, directly(transformers), strict=True)
    )
    first.close()
    second.close()


def test_separate_vocabularies_count_unknown_pieces_by_the_source(make: Make) -> None:
    _, backend = served(make("opus-mt-en-pt", Recipe(joint=False)))

    known, unknown = backend.tokenize(["The red box", "☃"], LanguagePair("en", "pt"))

    assert known.unknown == 0
    assert unknown.unknown == 1
    backend.close()


def test_a_wider_beam_is_an_option_of_the_engine(make: Make) -> None:
    folder = make("opus-mt-en-pt", Recipe())
    card = installed(folder.parent).card("opus-mt-en-pt")
    assert card is not None

    backend = load(card, EngineOptions(beam_size=3))

    assert all(each.tokens for each in backend.translate(backend.tokenize(TEXTS, card.pairs[0])))
    backend.close()


@pytest.mark.parametrize("lost", ["model.bin", "source.spm", "config.json"])
def test_a_missing_file_makes_a_model_unavailable_by_name(make: Make, lost: str) -> None:
    folder = make("opus-mt-en-pt", Recipe())
    card = installed(folder.parent).card("opus-mt-en-pt")
    assert card is not None
    (folder / lost).unlink()

    with pytest.raises(ModelUnavailable, match="opus-mt-en-pt"):
        load(card, EngineOptions())


def test_a_compute_type_the_machine_lacks_makes_a_model_unavailable(make: Make) -> None:
    folder = make("opus-mt-en-pt", Recipe())
    card = installed(folder.parent).card("opus-mt-en-pt")
    assert card is not None

    with pytest.raises(ModelUnavailable, match="opus-mt-en-pt"):
        load(card, EngineOptions(compute_type="nonsense"))


@pytest.mark.parametrize(
    ("name", "kind", "answer"), [("reverse", ReverseBackend, "oh"), ("identity", IdentityBackend, "ho")]
)
def test_a_card_may_name_a_backend_without_weights(
    tmp_path: Path, name: str, kind: type[ReverseBackend], answer: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    pairs = [{"source": "en", "target": "qaa"}]
    (folder / "card.json").write_text(json.dumps({"id": name, "architecture": name, "pairs": pairs}))

    card, backend = served(folder)

    assert isinstance(backend, kind)
    assert translate(backend, ["ho"], card.pairs[0]) == [answer]
    backend.close()
