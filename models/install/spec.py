"""A Hugging Face MarianMT checkpoint as CTranslate2's own description of a model.

What CTranslate2's TransformersConverter does by way of torch, from numpy arrays; and, unlike it, for models with a
vocabulary a side. The padding piece, which Transformers adds to start from a zero vector, is left out: the engine has
an option for that, and then no model can write it.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from ctranslate2.converters import utils
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from models.contracts import InstallError
from models.install.checkpoint import PAD, Checkpoint, Weights
from models.tokenizer import END

_ACTIVATIONS = {
    "gelu": common_spec.Activation.GELU,
    "relu": common_spec.Activation.RELU,
    "silu": common_spec.Activation.SWISH,
    "swish": common_spec.Activation.SWISH,
}
_SHARED = "model.shared.weight"
_NEVER = np.float32(-1e9)
"""A logit that no other piece's falls short of."""

Array = NDArray[np.float32]


def build_spec(checkpoint: Checkpoint) -> Any:
    """A `TransformerSpec`. Raises InstallError that names what is missing or of another shape."""
    config = checkpoint.config
    activation = _ACTIVATIONS.get(str(config.get("activation_function")))
    if activation is None or config.get("normalize_before") or config.get("normalize_embedding"):
        raise InstallError("It is no MarianMT model of the usual kind (post-norm; relu, gelu or swish).")
    try:
        spec = transformer_spec.TransformerSpec.from_config(
            (int(config["encoder_layers"]), int(config["decoder_layers"])),
            _heads(config),
            pre_norm=False,
            activation=activation,
        )
        _fill(spec, checkpoint)
    except KeyError as error:
        raise InstallError(f"The checkpoint lacks {error.args[0]}.") from error
    return spec


def _heads(config: Any) -> int:
    encoder, decoder = int(config["encoder_attention_heads"]), int(config["decoder_attention_heads"])
    if encoder != decoder:
        raise InstallError("Its encoder and decoder have different numbers of attention heads.")
    return encoder


def _fill(spec: Any, checkpoint: Checkpoint) -> None:
    weights, config = checkpoint.weights, checkpoint.config
    source, target = _embeddings(checkpoint)
    projection = target if config.get("tie_word_embeddings", True) else weights["lm_head.weight"]
    _side(spec.encoder, weights, "model.encoder", embedding=_rows(source, checkpoint.source), config=config)
    spec.decoder.start_from_zero_embedding = True
    kept = _rows(target, checkpoint.target)
    _side(spec.decoder, weights, "model.decoder", embedding=kept, config=config)
    spec.decoder.projection.weight = kept if projection is target else _rows(projection, checkpoint.target)
    bias = _bias(weights.get("final_logits_bias"), checkpoint.target)
    if bias is not None:
        spec.decoder.projection.bias = bias
    spec.register_source_vocabulary(list(_pieces(checkpoint.source)))
    spec.register_target_vocabulary(list(_pieces(checkpoint.target)))
    # As CTranslate2's Marian converter sets it: the engine appends the end marker itself.
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = END


def _embeddings(checkpoint: Checkpoint) -> tuple[Array, Array]:
    """Of the source and of the target. Files leave out all but one of the names of a shared matrix."""
    weights = checkpoint.weights
    encoder, decoder = "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"
    if checkpoint.config.get("share_encoder_decoder_embeddings", True):
        names = (_SHARED, encoder, decoder, "lm_head.weight")
        shared = next((weights[name] for name in names if name in weights), None)
        if shared is None:
            raise KeyError(_SHARED)
        return shared, shared
    if decoder not in weights and checkpoint.config.get("tie_word_embeddings", True):
        return weights[encoder], weights["lm_head.weight"]
    return weights[encoder], weights[decoder]


def _rows(matrix: Array, pieces: Sequence[str]) -> Array:
    """Without the row of a padding piece at the end."""
    if len(matrix) != len(pieces):
        raise InstallError(f"Its vocabulary has {len(pieces)} pieces and its weights {len(matrix)}.")
    return np.ascontiguousarray(matrix[: len(_pieces(pieces))])


def _pieces(pieces: Sequence[str]) -> Sequence[str]:
    return pieces[:-1] if pieces[-1] == PAD else pieces


def _bias(stored: Array | None, pieces: Sequence[str]) -> Array | None:
    """A padding piece in the midst of a vocabulary keeps its number and can never be written."""
    kept = _pieces(pieces)
    bias = np.zeros(len(kept), np.float32) if stored is None else np.array(stored).reshape(-1)[: len(kept)]
    if PAD in kept:
        bias[kept.index(PAD)] = _NEVER
    return bias if bias.any() else None


def _side(spec: Any, weights: Weights, scope: str, *, embedding: Array, config: Any) -> None:
    """The encoder or the decoder."""
    width = embedding.shape[1]
    spec.scale_embeddings = math.sqrt(width) if config.get("scale_embedding", False) else 1.0
    embeddings = spec.embeddings[0] if isinstance(spec.embeddings, list) else spec.embeddings
    embeddings.weight = embedding
    positions = weights.get(f"{scope}.embed_positions.weight")
    count = int(config.get("max_position_embeddings", 512))
    spec.position_encodings.encodings = _sinusoids(count, width) if positions is None else positions
    for index, layer in enumerate(spec.layer):
        _layer(layer, weights, f"{scope}.layers.{index}")


def _layer(spec: Any, weights: Weights, scope: str) -> None:
    _attention(spec.self_attention, weights, f"{scope}.self_attn")
    _norm(spec.self_attention.layer_norm, weights, f"{scope}.self_attn_layer_norm")
    if hasattr(spec, "attention"):
        _attention(spec.attention, weights, f"{scope}.encoder_attn")
        _norm(spec.attention.layer_norm, weights, f"{scope}.encoder_attn_layer_norm")
    _linear(spec.ffn.linear_0, weights, f"{scope}.fc1")
    _linear(spec.ffn.linear_1, weights, f"{scope}.fc2")
    _norm(spec.ffn.layer_norm, weights, f"{scope}.final_layer_norm")


def _attention(spec: Any, weights: Weights, scope: str) -> None:
    """Self-attention has queries, keys and values in one matrix, attention to the source has the queries apart."""
    parts = [common_spec.LinearSpec() for _ in range(3)]
    for part, name in zip(parts, "qkv", strict=True):
        _linear(part, weights, f"{scope}.{name}_proj")
    apart = len(spec.linear) - 2
    if apart:
        utils.fuse_linear(spec.linear[0], parts[:1])
    utils.fuse_linear(spec.linear[apart], parts[apart:])
    _linear(spec.linear[-1], weights, f"{scope}.out_proj")


def _linear(spec: Any, weights: Weights, scope: str) -> None:
    spec.weight, spec.bias = weights[f"{scope}.weight"], weights[f"{scope}.bias"]


def _norm(spec: Any, weights: Weights, scope: str) -> None:
    spec.gamma, spec.beta = weights[f"{scope}.weight"], weights[f"{scope}.bias"]


def _sinusoids(count: int, width: int) -> Array:
    """Sines in the left half, cosines in the right, as Marian has them."""
    angles = np.arange(count)[:, None] / np.power(10000, 2 * (np.arange(width) // 2) / width)
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)
