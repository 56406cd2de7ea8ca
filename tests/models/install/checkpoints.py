"""MarianMT checkpoints in Hugging Face's layout: small ones with random weights, and the starter models' own weights.

Deterministic to the bit, so that what transformers answers to them can be kept (transformers.json).
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from numpy.typing import NDArray
from safetensors.numpy import save_file

from models.install.installer import Choices
from tests.models.small_marian import ENGLISH, PORTUGUESE, train

Weights = dict[str, NDArray[Any]]
UNTRIED = Choices(self_test=False)
"""Random weights say nothing that a self-test would let pass."""
PAD = "<pad>"
_DTYPES = ("<f4", "i1", "<i2", "<i4", "<f2")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One kind of checkpoint that is on the hub."""

    separate: bool = False
    """A vocabulary, a SentencePiece model and an embedding a side."""
    tied: bool = True
    """The output layer is the target embedding."""
    targets: tuple[str, ...] = ()
    activation: str = "swish"
    width: int = 16
    heads: int = 2
    layers: tuple[int, int] = (2, 1)
    dtype: str = "float32"
    seed: int = 11


RECIPES = {
    "single": Recipe(),
    "multi": Recipe(targets=(">>fra<<", ">>por<<")),
    "separate": Recipe(separate=True),
    "untied": Recipe(separate=True, tied=False, activation="gelu"),
    # 16 heads, wider inner layers, twice the positions, relu: what tc-big models differ by.
    "tc-big": Recipe(activation="relu", width=64, heads=16, layers=(3, 3), dtype="float16"),
}
LONG = 1024


def write(folder: Path, recipe: Recipe) -> None:
    """`folder` as `save_pretrained` leaves it, with a model page as Helsinki-NLP's."""
    folder.mkdir(parents=True)
    source = train(ENGLISH if recipe.separate else ENGLISH + PORTUGUESE)
    target = train(PORTUGUESE) if recipe.separate else source
    (folder / "source.spm").write_bytes(source)
    (folder / "target.spm").write_bytes(target)
    pieces = [_vocabulary(source, recipe.targets)] + ([_vocabulary(target, ())] if recipe.separate else [])
    # Transformers knows one number for the padding piece, the last of both sides.
    size = max(map(len, pieces))
    vocabularies = [[*each, *(f"<rare{index}>" for index in range(len(each), size)), PAD] for each in pieces]
    _write_texts(folder, recipe, vocabularies)
    weights = {
        name: each.astype(recipe.dtype)
        for name, each in _weights(recipe, list(map(len, vocabularies))).items()
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def write_starter(folder: Path, model: Path) -> None:
    """An embedded model, its int8 weights multiplied out, as the checkpoint that it could have been made from."""
    folder.mkdir(parents=True)
    pieces = json.loads((model / "shared_vocabulary.json").read_text(encoding="utf-8"))
    (folder / "source.spm").write_bytes((model / "source.spm").read_bytes())
    (folder / "target.spm").write_bytes((model / "source.spm").read_bytes())
    stored = _read_engine(model / "model.bin")
    recipe = Recipe(activation="relu", width=256, heads=8, layers=(6, 2))
    _write_texts(folder, recipe, [[*pieces, PAD]], inner=stored["encoder/layer_0/ffn/linear_0/bias"].shape[0])
    save_file(dict(_renamed(stored, recipe)), folder / "model.safetensors", metadata={"format": "pt"})


def _vocabulary(model: bytes, targets: Sequence[str]) -> list[str]:
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
    known = [pieces.id_to_piece(index) for index in range(pieces.get_piece_size())]
    return ["</s>", "<unk>", *(piece for piece in known if not piece.startswith("<")), *targets]


def _write_texts(
    folder: Path, recipe: Recipe, vocabularies: Sequence[Sequence[str]], *, inner: int = 0
) -> None:
    for name, vocabulary in zip(("vocab.json", "target_vocab.json"), vocabularies, strict=False):
        _json(folder / name, {piece: index for index, piece in enumerate(vocabulary)})
    pad = len(vocabularies[-1]) - 1
    _json(
        folder / "config.json", _config(recipe, list(map(len, vocabularies)), pad, inner or 2 * recipe.width)
    )
    _json(
        folder / "generation_config.json",
        {"bad_words_ids": [[pad]], "decoder_start_token_id": pad, "eos_token_id": 0, "pad_token_id": pad},
    )
    _json(
        folder / "tokenizer_config.json",
        {"source_lang": "eng", "target_lang": "por", "separate_vocabs": recipe.separate, "model_max_length": 512,
         "tokenizer_class": "MarianTokenizer", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": PAD},
    )  # fmt: skip
    page = "---\nlanguage:\n- en\n- pt\nlicense: cc-by-4.0\n---\n\n### Benchmarks\n\n| testset | BLEU | chr-F |\n"
    page += "|---|---|---|\n| Tatoeba-test.eng.por | 41.4 | 0.643 |\n"
    (folder / "README.md").write_text(page, encoding="utf-8")


def _config(recipe: Recipe, sizes: Sequence[int], pad: int, inner: int) -> dict[str, Any]:
    sides = {
        f"{side}_{name}": value
        for side, layers in zip(("encoder", "decoder"), recipe.layers, strict=True)
        for name, value in (("layers", layers), ("attention_heads", recipe.heads), ("ffn_dim", inner))
    }
    return {
        **sides, "architectures": ["MarianMTModel"], "model_type": "marian", "d_model": recipe.width,
        "activation_function": recipe.activation, "vocab_size": sizes[0], "decoder_vocab_size": sizes[-1],
        "share_encoder_decoder_embeddings": not recipe.separate, "tie_word_embeddings": recipe.tied,
        "pad_token_id": pad, "decoder_start_token_id": pad, "eos_token_id": 0, "forced_eos_token_id": None,
        "scale_embedding": True, "static_position_embeddings": True, "normalize_before": False,
        "normalize_embedding": False, "dropout": 0.0,
        "max_position_embeddings": LONG if recipe.heads > 8 else 512,
    }  # fmt: skip


def _weights(recipe: Recipe, sizes: Sequence[int]) -> dict[str, NDArray[np.float32]]:  # noqa: C901  one walk
    random = np.random.default_rng(recipe.seed)
    width, inner = recipe.width, 2 * recipe.width
    weights: dict[str, NDArray[np.float32]] = {}

    def matrix(name: str, *shape: int) -> None:
        weights[name] = random.normal(0, 1.2 / np.sqrt(shape[-1]), shape).astype(np.float32)

    def linear(name: str, rows: int, columns: int) -> None:
        matrix(f"{name}.weight", rows, columns)
        weights[f"{name}.bias"] = random.normal(0, 0.1, rows).astype(np.float32)

    def norm(name: str) -> None:
        weights[f"{name}.weight"] = random.normal(1, 0.05, width).astype(np.float32)
        weights[f"{name}.bias"] = random.normal(0, 0.05, width).astype(np.float32)

    def attention(name: str) -> None:
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            linear(f"{name}.{part}", width, width)
        norm(f"{name}_layer_norm")

    if recipe.separate:
        matrix("model.encoder.embed_tokens.weight", sizes[0], width)
        matrix("model.decoder.embed_tokens.weight", sizes[1], width)
    else:
        matrix("model.shared.weight", sizes[0], width)
    if not recipe.tied:
        matrix("lm_head.weight", sizes[-1], width)
    for side, layers in zip(("encoder", "decoder"), recipe.layers, strict=True):
        for index in range(layers):
            scope = f"model.{side}.layers.{index}"
            attention(f"{scope}.self_attn")
            if side == "decoder":
                attention(f"{scope}.encoder_attn")
            linear(f"{scope}.fc1", inner, width)
            linear(f"{scope}.fc2", width, inner)
            norm(f"{scope}.final_layer_norm")
    weights["final_logits_bias"] = random.normal(0, 0.2, (1, sizes[-1])).astype(np.float32)
    for name in (
        "model.shared.weight",
        "model.encoder.embed_tokens.weight",
        "model.decoder.embed_tokens.weight",
    ):
        if name in weights:
            weights[name][-1] = 0  # the padding piece, from which Transformers starts
    return weights


def _read_engine(file: Path) -> Weights:
    """The variables of a model.bin, int8 ones multiplied out. The format is `ModelSpec._serialize`'s."""
    data, at = file.read_bytes(), 0

    def number(form: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(f"<{form}", data, at)
        at += struct.calcsize(form)
        return int(value)

    def string() -> str:
        nonlocal at
        size = number("H")
        at += size
        return data[at - size : at - 1].decode()

    number("I"), string(), number("I")
    found: Weights = {}
    for _ in range(number("I")):
        name = string()
        shape = [number("I") for _ in range(number("B"))]
        dtype = np.dtype(_DTYPES[number("B")])
        size = number("I")
        found[name] = np.frombuffer(data, dtype, size // dtype.itemsize, at).reshape(shape)
        at += size
    aliases = [(string(), string()) for _ in range(number("I"))]
    whole = {
        name: each.astype(np.float32) / found[f"{name}_scale"][:, None]
        if each.dtype == np.int8 and each.ndim == 2
        else each
        for name, each in found.items()
    }
    return whole | {alias: whole[name] for alias, name in aliases}


def _renamed(stored: Weights, recipe: Recipe) -> Iterator[tuple[str, NDArray[Any]]]:
    """The engine's names and joined matrices as Hugging Face's."""
    yield "model.shared.weight", _padded(stored["decoder/embeddings/weight"])
    yield "final_logits_bias", _padded(stored["decoder/projection/bias"])[None]
    for side, layers in zip(("encoder", "decoder"), recipe.layers, strict=True):
        for index in range(layers):
            old, new = f"{side}/layer_{index}", f"model.{side}.layers.{index}"
            yield from _attention(stored, f"{old}/self_attention", f"{new}.self_attn", joined=3)
            if side == "decoder":
                yield from _attention(stored, f"{old}/attention", f"{new}.encoder_attn", joined=2)
            for mine, theirs in (("linear_0", "fc1"), ("linear_1", "fc2")):
                yield from _pair(stored, f"{old}/ffn/{mine}", f"{new}.{theirs}")
            yield from _norm(stored, f"{old}/ffn/layer_norm", f"{new}.final_layer_norm")


def _attention(stored: Weights, old: str, new: str, *, joined: int) -> Iterator[tuple[str, NDArray[Any]]]:
    names = ["q_proj", "k_proj", "v_proj"]
    if joined == 2:
        yield from _pair(stored, f"{old}/linear_0", f"{new}.{names.pop(0)}")
    last = 4 - joined
    for kind in ("weight", "bias"):
        parts = np.split(stored[f"{old}/linear_{last - 1}/{kind}"], joined)
        yield from ((f"{new}.{name}.{kind}", part.copy()) for name, part in zip(names, parts, strict=True))
    yield from _pair(stored, f"{old}/linear_{last}", f"{new}.out_proj")
    yield from _norm(stored, f"{old}/layer_norm", f"{new}_layer_norm")


def _pair(stored: Weights, old: str, new: str) -> Iterator[tuple[str, NDArray[Any]]]:
    yield f"{new}.weight", stored[f"{old}/weight"]
    yield f"{new}.bias", stored[f"{old}/bias"]


def _norm(stored: Weights, old: str, new: str) -> Iterator[tuple[str, NDArray[Any]]]:
    yield f"{new}.weight", stored[f"{old}/gamma"]
    yield f"{new}.bias", stored[f"{old}/beta"]


def _padded(rows: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([rows, np.zeros((1, *rows.shape[1:]), rows.dtype)])


def _json(file: Path, body: object) -> None:
    file.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
