"""Hugging Face checkpoints, converted without torch, answer as transformers does.

transformers.json holds what transformers 5.23 answered to the same checkpoints (benchmarks/conversion.py).
"""

import json
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.contracts import InstallError, Untrusted
from models.install.checkpoint import read_checkpoint
from models.install.convert import convert
from models.install.layout import Layout
from models.install.pickles import read_pickle, widened
from models.tokenizer import MarianTokenizer
from tests.models.install import torch_pickles
from tests.models.install.checkpoints import LONG, RECIPES, write

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "transformers.json").read_text(encoding="utf-8")
)
STEPS = 24


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / "opus-mt-en-pt"
    write(folder, RECIPES["single"])
    return folder


def edit(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


@pytest.mark.parametrize("kind", RECIPES)
def test_the_answers_are_those_of_transformers_to_the_last_piece(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "files", RECIPES[kind])
    model = tmp_path / "model"

    assert convert(tmp_path / "files", model, quantization="float32") is Layout.TRANSFORMERS

    engine = ctranslate2.Translator(str(model), device="cpu", compute_type="float32")
    for known in RECORDED["models"][kind]:
        found = engine.translate_batch(
            [known["source"]], beam_size=1, max_decoding_length=STEPS, disable_unk=True
        )
        pieces = found[0].hypotheses[0]
        assert pieces == known["pieces"]
        chances = engine.score_batch([known["source"]], [pieces])[0].log_probs[: min(STEPS, len(pieces) + 1)]
        assert sum(chances) == pytest.approx(known["score"], abs=1e-3)


@pytest.mark.parametrize("kind", ["single", "multi"])
def test_our_tokenizer_gives_the_pieces_of_theirs(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "files", RECIPES[kind])
    pieces = list(json.loads((tmp_path / "files" / "vocab.json").read_text(encoding="utf-8")))
    ours = MarianTokenizer(tmp_path / "files", vocabulary=pieces, append_end=False)
    for known in RECORDED["models"][kind]:
        token, _, text = known["text"].rpartition("<< ")
        (found,) = ours.encode([text], prefix=f"{token}<<" if token else None)
        assert list(found.tokens) == known["source"]


def test_int8_is_about_what_float32_is(checkpoint: Path, tmp_path: Path) -> None:
    for kind in ("int8", "float32"):
        convert(checkpoint, tmp_path / kind, quantization=kind)

    small, large = ((tmp_path / kind / "model.bin").stat().st_size for kind in ("int8", "float32"))
    assert small < large
    scores = []
    for kind in ("int8", "float32"):
        engine = ctranslate2.Translator(str(tmp_path / kind), device="cpu", compute_type=kind)
        known = RECORDED["models"]["single"][0]
        scores.append(sum(engine.score_batch([known["source"]], [known["pieces"]])[0].log_probs[:STEPS]))
    assert scores[0] == pytest.approx(scores[1], rel=0.05)


def test_the_padding_piece_is_left_out_and_one_in_the_midst_is_never_written(
    checkpoint: Path, tmp_path: Path
) -> None:
    convert(checkpoint, tmp_path / "last")
    assert "<pad>" not in json.loads(
        (tmp_path / "last" / "shared_vocabulary.json").read_text(encoding="utf-8")
    )
    pieces = list(json.loads((checkpoint / "vocab.json").read_text(encoding="utf-8")))
    moved = [*pieces[:5], "<pad>", *pieces[5:-1]]
    (checkpoint / "vocab.json").write_text(
        json.dumps({piece: at for at, piece in enumerate(moved)}), encoding="utf-8"
    )
    weights = load_file(checkpoint / "model.safetensors")
    weights["final_logits_bias"][0, 5] = 1e6
    save_file(weights, checkpoint / "model.safetensors")

    convert(checkpoint, tmp_path / "midst", quantization="float32")

    engine = ctranslate2.Translator(str(tmp_path / "midst"), device="cpu")
    (found,) = engine.translate_batch([["▁", "T", "h", "e"]], beam_size=1, max_decoding_length=STEPS)
    assert "<pad>" not in found.hypotheses[0]


def test_weights_in_pieces_are_put_together(checkpoint: Path, tmp_path: Path) -> None:
    convert(checkpoint, tmp_path / "whole")
    weights = load_file(checkpoint / "model.safetensors")
    (checkpoint / "model.safetensors").unlink()
    names = sorted(weights)
    index: dict[str, str] = {}
    for number, part in enumerate((names[:9], names[9:]), start=1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in part}, checkpoint / file)
        index |= dict.fromkeys(part, file)
    (checkpoint / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": index}), encoding="utf-8"
    )

    convert(checkpoint, tmp_path / "parts")

    assert (tmp_path / "parts" / "model.bin").read_bytes() == (tmp_path / "whole" / "model.bin").read_bytes()
    edit(checkpoint / "model.safetensors.index.json", weight_map={"a": "../elsewhere.safetensors"})
    with pytest.raises(Untrusted, match="outside"):
        convert(checkpoint, tmp_path / "outside")


@pytest.mark.parametrize("form", ["safetensors", "zip", "stream"])
def test_brain_floats_are_widened_to_the_very_numbers(checkpoint: Path, tmp_path: Path, form: str) -> None:
    """What is stored as bfloat16 makes the model that its numbers make when stored as float32."""
    file = checkpoint / "model.safetensors"
    bits = {name: (each.view("<u4") >> 16).astype("<u2") for name, each in load_file(file).items()}
    save_file({name: (each.astype("<u4") << 16).view("<f4") for name, each in bits.items()}, file)
    convert(checkpoint, tmp_path / "wide", quantization="float32")
    file.unlink()
    if form == "safetensors":
        _save(file, {name: ("BF16", each.shape, each.tobytes()) for name, each in bits.items()})
    else:
        torch_pickles.save(bits, checkpoint / "pytorch_model.bin", modern=form == "zip")

    convert(checkpoint, tmp_path / "brain", quantization="float32", allow_pickle=True)

    assert (tmp_path / "brain" / "model.bin").read_bytes() == (tmp_path / "wide" / "model.bin").read_bytes()


def _save(file: Path, parts: dict[str, tuple[str, tuple[int, ...], bytes]]) -> None:
    """As safetensors writes, whose writer for numpy knows numpy's types alone."""
    header: dict[str, object] = {}
    end = 0
    for name, (kind, shape, data) in parts.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [end, end + len(data)]}
        end += len(data)
    text = json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(data for *_, data in parts.values()))


@pytest.mark.parametrize("bits", [0x0000, 0x8000, 0x3F80, 0x7F7F, 0x0001, 0xC2F7, 0x7F80])
def test_a_brain_float_is_the_upper_half_of_a_float(bits: int) -> None:
    (found,) = widened(np.array([bits], "<u2"))
    assert found.tobytes() == struct.pack("<I", bits << 16)


def test_numbers_of_another_kind_are_refused_by_name(checkpoint: Path, tmp_path: Path) -> None:
    file = checkpoint / "model.safetensors"
    weights = load_file(file)
    parts = {name: ("F32", each.shape, each.tobytes()) for name, each in weights.items()}
    shared = weights["model.shared.weight"]
    _save(file, parts | {"model.shared.weight": ("F8_E4M3", shared.shape, bytes(shared.size))})

    with pytest.raises(InstallError, match=r"model\.shared\.weight is stored as F8_E4M3"):
        convert(checkpoint, tmp_path / "model")


@pytest.mark.parametrize("modern", [True, False], ids=["zip", "stream"])
def test_pickled_weights_are_read_only_when_allowed_and_are_the_same(
    checkpoint: Path, tmp_path: Path, *, modern: bool
) -> None:
    convert(checkpoint, tmp_path / "safe")
    weights = load_file(checkpoint / "model.safetensors")
    (checkpoint / "model.safetensors").unlink()
    torch_pickles.save(weights, checkpoint / "pytorch_model.bin", modern=modern)

    with pytest.raises(Untrusted, match="--allow-pickle"):
        convert(checkpoint, tmp_path / "refused")
    convert(checkpoint, tmp_path / "allowed", allow_pickle=True)

    assert (tmp_path / "allowed" / "model.bin").read_bytes() == (tmp_path / "safe" / "model.bin").read_bytes()


def test_a_pickle_that_wants_to_run_something_is_refused_even_when_allowed(
    checkpoint: Path, tmp_path: Path
) -> None:
    (checkpoint / "model.safetensors").unlink()
    mark = tmp_path / "ran"
    torch_pickles.save_call(checkpoint / "pytorch_model.bin", os.mkdir, str(mark))

    with pytest.raises(Untrusted, match="mkdir"):
        convert(checkpoint, tmp_path / "model", allow_pickle=True)

    assert not mark.exists()


@pytest.mark.parametrize(
    ("program", "error"),
    [
        (b"ctorch\nBFloat16Storage\n(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb", Untrusted),
        (b"ctorch\nBFloat16Storage\nq\x00NbX\x01\x00\x00\x00w", Untrusted),
        (b"}q\x01X\x01\x00\x00\x00w(ccollections\nOrderedDict\n)\x81tu", Untrusted),
        (b"(itorch\nFloatStorage\n", Untrusted),
        (b"ctorch\nFloatStorage\n)R", InstallError),
    ],
    ids=["dtype", "build", "newobj", "inst", "call"],
)
def test_a_pickle_that_takes_other_steps_than_weights_need_is_refused(
    tmp_path: Path, program: bytes, error: type[InstallError]
) -> None:
    file = tmp_path / "pytorch_model.bin"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02" + program + b".")

    with pytest.raises(error):
        read_pickle(file)


@pytest.mark.parametrize(
    ("offset", "shape", "strides", "size"),
    [
        (4000, (2, 2), (2, 1), 4),
        (-100, (2, 2), (2, 1), 4),
        (1, (2, 2), (2, 1), 4),
        (0, (2, 2), (3, 1), 4),
        (0, (2, 2), (-2, 1), 4),
        (0, (1 << 40,), (0,), 4),
        (0, (2, 2), (2,), 4),
        (0, (2, 2), (2, 1), 1000),
        (0, (2, 2), (2, 1), -4),
    ],
)
@pytest.mark.parametrize("kind", ["FloatStorage", "BFloat16Storage"])
def test_a_tensor_outside_its_storage_is_refused(
    tmp_path: Path, kind: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], size: int
) -> None:
    file = tmp_path / "pytorch_model.bin"
    torch_pickles.save_tensor(file, kind, size=size, offset=offset, shape=shape, strides=strides)

    with pytest.raises(InstallError, match=r"pytorch_model\.bin is not a file of weights"):
        read_pickle(file)


def test_what_pytorch_adds_to_a_state_dict_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.bin"
    torch_pickles.save_tensor(file, "FloatStorage", size=4, offset=1, shape=(3,), strides=(1,), metadata=True)

    assert [*read_pickle(file)["w"]] == [1.0, 2.0, 3.0]


def test_a_member_that_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "pytorch_model.bin"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", bytes(65 << 20))

    with pytest.raises(InstallError):
        read_pickle(file)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"\x80\x02K\x05.", b"no weights at all"])
def test_a_file_that_is_no_pickle_of_weights_is_refused(
    checkpoint: Path, tmp_path: Path, content: bytes
) -> None:
    (checkpoint / "model.safetensors").unlink()
    (checkpoint / "pytorch_model.bin").write_bytes(content)

    with pytest.raises(InstallError, match=r"pytorch_model\.bin"):
        convert(checkpoint, tmp_path / "model", allow_pickle=True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_type": "t5"}, "t5"),
        ({"normalize_before": True}, "post-norm"),
        ({"activation_function": "quick_gelu"}, "gelu"),
        ({"decoder_attention_heads": 4}, "heads"),
        ({"decoder_layers": 9}, "layers.1.self_attn.q_proj.weight"),
    ],
)
def test_what_is_no_usual_marian_model_is_refused_with_the_reason(
    checkpoint: Path, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    edit(checkpoint / "config.json", **changes)

    with pytest.raises(InstallError, match=reason):
        convert(checkpoint, tmp_path / "model")


def test_a_vocabulary_that_is_not_the_weights_own_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    pieces = json.loads((checkpoint / "vocab.json").read_text(encoding="utf-8"))
    edit(checkpoint / "vocab.json", extra=len(pieces))
    with pytest.raises(InstallError, match="pieces and its weights"):
        convert(checkpoint, tmp_path / "longer")
    edit(checkpoint / "vocab.json", extra=len(pieces) + 7)
    with pytest.raises(InstallError, match="without gaps"):
        convert(checkpoint, tmp_path / "gap")


def test_half_precision_is_read_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["tc-big"])

    found = read_checkpoint(tmp_path / "files")

    stored = load_file(tmp_path / "files" / "model.safetensors")
    assert stored["model.shared.weight"].dtype == np.float16
    assert found.weights["model.shared.weight"].dtype == np.float32
    assert (found.weights["model.shared.weight"] == stored["model.shared.weight"]).all()
    assert found.config["max_position_embeddings"] == LONG
