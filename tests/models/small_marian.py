"""Marian models with random weights, small enough to make in a test, in the files that OPUS-MT publishes.

What Marian writes as YAML is written as JSON here, which is YAML too.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.converters import OpusMTConverter

ENGLISH = (
    "The train arrives late again and nobody knows why.",
    "She keeps three keys in a small red box by the door.",
    "We counted nine boats before the rain came over the hill.",
    "Please bring your own cup when you visit the old harbour.",
    "A quick note was left under the window of the green house.",
)
PORTUGUESE = (
    "O comboio chega tarde outra vez e ninguém sabe porquê.",
    "Ela guarda três chaves numa pequena caixa vermelha junto à porta.",
    "Contámos nove barcos antes de a chuva passar o monte.",
    "Traga a sua própria chávena quando visitar o porto antigo.",
    "Um recado ficou debaixo da janela da casa verde.",
)
_WIDTH = 16
_INNER = 32
_CONFIG = {
    "type": "transformer",
    "enc-depth": 1,
    "dec-depth": 1,
    "transformer-heads": 2,
    "transformer-decoder-autoreg": "self-attention",
    "transformer-no-projection": False,
    "transformer-ffn-activation": "relu",
    "transformer-preprocess": "",
    "transformer-postprocess": "dan",
    "transformer-postprocess-emb": "d",
    "transformer-guided-alignment-layer": "last",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What kind of OPUS-MT model to make."""

    joint: bool = True
    """One vocabulary and one SentencePiece model for both sides."""
    targets: tuple[str, ...] = ()
    """The `>>xx<<` tokens of a multi-target model."""
    quantization: str | None = "int8"
    seed: int = 7


def build(folder: Path, recipe: Recipe, *, work: Path) -> None:
    """A model in `folder`, as CTranslate2's own OPUS-MT converter makes it, with its SentencePiece models."""
    release = work / f"{folder.name}-release"
    write_release(release, recipe)
    OpusMTConverter(str(release)).convert(str(folder), quantization=recipe.quantization)
    for name in ("source.spm", "target.spm")[: 1 if recipe.joint else 2]:
        (folder / name).write_bytes((release / name).read_bytes())


def write_release(release: Path, recipe: Recipe) -> None:
    """What is in an OPUS-MT zip."""
    release.mkdir(parents=True)
    source = train(ENGLISH + PORTUGUESE if recipe.joint else ENGLISH)
    target = source if recipe.joint else train(PORTUGUESE)
    vocabularies = [_vocabulary(source, recipe.targets)]
    if not recipe.joint:
        vocabularies.append(_vocabulary(target, ()))
    _write_weights(release, vocabularies, seed=recipe.seed)
    (release / "source.spm").write_bytes(source)
    (release / "target.spm").write_bytes(target)


def like_transformers(folder: Path) -> None:
    """Leaves the end marker to the caller, as models from the Transformers converter do."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps(config | {"add_source_eos": False}))


@cache
def train(sentences: tuple[str, ...]) -> bytes:
    """A SentencePiece model of these."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        vocab_size=80,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def _vocabulary(model: bytes, targets: Sequence[str]) -> list[str]:
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    known = [pieces.id_to_piece(index) for index in range(pieces.get_piece_size())]
    return ["</s>", "<unk>", *(piece for piece in known if not piece.startswith("<")), *targets]


def _write_weights(folder: Path, vocabularies: Sequence[Sequence[str]], *, seed: int) -> None:
    names = [f"vocab{index}.yml" for index in range(len(vocabularies))]
    for name, vocabulary in zip(names, vocabularies, strict=True):
        lines = (
            f"{json.dumps(piece, ensure_ascii=False)}: {index}" for index, piece in enumerate(vocabulary)
        )
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.savez(folder / "model.npz", **_weights([len(vocabulary) for vocabulary in vocabularies], seed=seed))
    decoder = {"models": ["model.npz"], "vocabs": names}
    (folder / "decoder.yml").write_text(json.dumps(decoder), encoding="utf-8")


def _weights(sizes: Sequence[int], *, seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    weights: dict[str, Any] = {}

    def matrix(name: str, rows: int, columns: int) -> None:
        weights[name] = random.normal(0, 0.5, (rows, columns)).astype(np.float32)

    def attention(scope: str) -> None:
        for part in "qkvo":
            matrix(f"{scope}_W{part}", _WIDTH, _WIDTH)
            matrix(f"{scope}_b{part}", 1, _WIDTH)
        norm(f"{scope}_Wo")

    def norm(scope: str) -> None:
        weights[f"{scope}_ln_scale"] = np.ones((1, _WIDTH), np.float32)
        weights[f"{scope}_ln_bias"] = np.zeros((1, _WIDTH), np.float32)

    def feed_forward(scope: str) -> None:
        matrix(f"{scope}_W1", _WIDTH, _INNER)
        matrix(f"{scope}_b1", 1, _INNER)
        matrix(f"{scope}_W2", _INNER, _WIDTH)
        matrix(f"{scope}_b2", 1, _WIDTH)
        norm(f"{scope}_ffn")

    if len(sizes) == 1:
        matrix("Wemb", sizes[0], _WIDTH)
    else:
        matrix("encoder_Wemb", sizes[0], _WIDTH)
        matrix("decoder_Wemb", sizes[1], _WIDTH)
    attention("encoder_l1_self")
    feed_forward("encoder_l1_ffn")
    attention("decoder_l1_self")
    attention("decoder_l1_context")
    feed_forward("decoder_l1_ffn")
    matrix("decoder_ff_logit_out_b", 1, sizes[-1])
    config = json.dumps(_CONFIG).encode() + b"\0"
    weights["special:model.yml"] = np.frombuffer(config, dtype=np.int8)
    return weights
