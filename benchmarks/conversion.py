r"""Our conversion of Hugging Face checkpoints against transformers itself, which needs torch and is not installed here.

    python -m venv /tmp/hf && /tmp/hf/bin/pip install torch==2.13.0 transformers==5.23.0 ctranslate2 sentencepiece \
        safetensors langcodes httpx
    /tmp/hf/bin/python -m benchmarks.conversion              compare, for every kind of checkpoint
    /tmp/hf/bin/python -m benchmarks.conversion ../shared    and for the checkpoint there, on FLORES
    /tmp/hf/bin/python -m benchmarks.conversion --record     write what transformers answers, for the tests

Compared: the pieces that transformers' tokenizer makes, the greedy answer of float32 weights piece by piece, the sum of
its log-probabilities, the weights that CTranslate2's own TransformersConverter writes, both forms of pickled weights,
and bfloat16 in all forms.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import torch
import transformers
from safetensors.torch import save_file

from models.catalogue import STARTER
from models.install.checkpoint import read_checkpoint
from models.install.convert import convert
from models.install.pickles import read_pickle
from tests.models.install.checkpoints import RECIPES, write, write_starter
from tests.models.small_marian import ENGLISH

RECORD = Path(__file__).parents[1] / "tests" / "models" / "install" / "transformers.json"
STEPS = 24


def main() -> None:
    torch.set_num_threads(1)
    recorded: dict[str, Any] = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "models": {},
    }
    with tempfile.TemporaryDirectory() as name:
        for kind, folder in _checkpoints(Path(name)):
            texts = _texts(kind)
            theirs = list(_answers(folder, texts))
            ours = list(_ours(folder, [each["source"] for each in theirs]))
            same = sum(mine["pieces"] == each["pieces"] for mine, each in zip(ours, theirs, strict=True))
            gap = max(abs(mine["score"] - each["score"]) for mine, each in zip(ours, theirs, strict=True))
            print(
                f"{kind}: {same} of {len(texts)} equal, log-probabilities within {gap:.1e}; {_weights(folder)}"
            )
            if kind in RECIPES:
                recorded["models"][kind] = theirs
    if "--record" in sys.argv:
        RECORD.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for folder in sys.argv[1:]:
        if not folder.startswith("-"):
            _flores(Path(folder))


def _checkpoints(folder: Path) -> Iterator[tuple[str, Path]]:
    for kind, recipe in RECIPES.items():
        write(folder / kind, recipe)
        yield kind, folder / kind
    for pair in ("en-pt", "pt-en"):
        write_starter(folder / f"starter-{pair}", STARTER / pair)
        yield f"starter-{pair}", folder / f"starter-{pair}"


def _texts(kind: str) -> list[str]:
    if kind == "multi":
        return [f">>{target}<< {text}" for target in ("fra", "por") for text in ENGLISH]
    return list(ENGLISH)


def _answers(folder: Path, texts: list[str]) -> Iterator[dict[str, Any]]:
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    model = transformers.MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()
    pad = model.config.pad_token_id
    # With two vocabularies its own way from numbers to pieces knows the target's alone.
    names = {number: piece for piece, number in tokenizer.encoder.items()}
    target = {n: p for p, n in tokenizer.target_encoder.items()} if tokenizer.separate_vocabs else names
    for text in texts:
        source = tokenizer(text, return_tensors="pt").input_ids
        written: list[int] = []
        score = 0.0
        with torch.no_grad():
            while len(written) < STEPS:
                prefix = torch.tensor([[pad, *written]])
                logits = model(input_ids=source, decoder_input_ids=prefix).logits[0, -1]
                logits[pad] = -torch.inf
                chances = torch.log_softmax(logits, -1)
                chances[1] = -torch.inf  # the unknown piece, which we never let a model write
                best = int(chances.argmax())
                score += float(chances[best])
                if best == 0:
                    break
                written.append(best)
        yield {
            "text": text,
            "source": [names[each] for each in source[0].tolist()[:-1]],
            "pieces": [target[each] for each in written],
            "score": round(score, 5),
        }


def _ours(folder: Path, sources: list[list[str]]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        convert(folder, Path(name) / "model", quantization="float32")
        engine = ctranslate2.Translator(str(Path(name) / "model"), device="cpu", compute_type="float32")
        for source in sources:
            found = engine.translate_batch(
                [source], beam_size=1, max_decoding_length=STEPS, disable_unk=True
            )[0]
            pieces = found.hypotheses[0]
            scores = engine.score_batch([source], [pieces])[0].log_probs
            yield {"pieces": pieces, "score": sum(scores[: min(STEPS, len(pieces) + 1)])}


def _weights(folder: Path) -> str:
    """Whether the weights are those of CTranslate2's converter, and those of both kinds of pickle."""
    model = transformers.MarianMTModel.from_pretrained(folder, dtype=torch.float32)
    state = model.state_dict()
    for modern in (True, False):
        file = folder / "pytorch_model.bin"
        torch.save(state, file, _use_new_zipfile_serialization=modern)
        read = read_pickle(file)
        file.unlink()
        if read.keys() != state.keys() or not all(
            torch.from_numpy(read[name]).equal(state[name]) for name in state
        ):
            return "pickles are NOT read as they are"
    if json.loads((folder / "config.json").read_text())["max_position_embeddings"] > 512:
        return "pickles equal; CTranslate2's converter rounds half-precision models' positions, we do not"
    if not _brain_floats(folder, state):
        return "bfloat16 is NOT read as it is"
    with tempfile.TemporaryDirectory() as name:
        mine, theirs = Path(name) / "mine", Path(name) / "theirs"
        convert(folder, mine, quantization="int8")
        if (folder / "target_vocab.json").exists():
            return "pickles equal; CTranslate2's converter cannot do two vocabularies"
        ctranslate2.converters.TransformersConverter(str(folder)).convert(str(theirs), quantization="int8")
        equal = (mine / "model.bin").read_bytes() == (theirs / "model.bin").read_bytes()
        return (
            f"pickles equal; model.bin {'is' if equal else 'is NOT'} the very file of CTranslate2's converter"
        )


def _brain_floats(folder: Path, state: dict[str, torch.Tensor]) -> bool:
    """Whether weights stored as bfloat16, in every form, are read as torch reads them."""
    half = {name: each.to(torch.bfloat16).clone() for name, each in state.items()}
    with tempfile.TemporaryDirectory() as name:
        apart = Path(name)
        for file in folder.iterdir():
            if file.suffix == ".json":
                (apart / file.name).write_bytes(file.read_bytes())
        save_file(half, apart / "model.safetensors")
        read = [read_checkpoint(apart).weights]
        for modern in (True, False):
            torch.save(half, apart / "pytorch_model.bin", _use_new_zipfile_serialization=modern)
            read.append(read_pickle(apart / "pytorch_model.bin"))
    return all(
        torch.from_numpy(np.array(weights[name])).equal(each.to(torch.float32))
        for weights in read
        for name, each in half.items()
    )


def _flores(folder: Path) -> None:
    checkpoint = folder / "starter-hf" / "en-pt"
    texts = (folder / "data" / "flores" / "eng.txt").read_text(encoding="utf-8").splitlines()[:50]
    global STEPS  # noqa: PLW0603  real sentences are longer than those of random weights
    STEPS = 120
    theirs = list(_answers(checkpoint, texts))
    ours = list(_ours(checkpoint, [each["source"] for each in theirs]))
    same = sum(mine["pieces"] == each["pieces"] for mine, each in zip(ours, theirs, strict=True))
    print(f"starter-hf/en-pt on FLORES: {same} of {len(texts)} answers equal")
    print(f"by a beam of 4: {_beams(checkpoint, theirs)} of {len(texts)} answers equal")


def _beams(folder: Path, known: list[dict[str, Any]]) -> int:
    """How many answers are those of transformers' own search."""
    tokenizer = transformers.MarianTokenizer.from_pretrained(folder)
    model = transformers.MarianMTModel.from_pretrained(folder, dtype=torch.float32).eval()
    forbidden = [[model.config.pad_token_id], [tokenizer.unk_token_id]]
    written = [
        model.generate(
            tokenizer(each["text"], return_tensors="pt").input_ids,
            num_beams=4, do_sample=False, length_penalty=1.0, early_stopping=True, max_length=400,
            bad_words_ids=forbidden, forced_eos_token_id=None,
        )[0].tolist()[1:-1]
        for each in known
    ]  # fmt: skip
    names = {number: piece for piece, number in tokenizer.encoder.items()}
    with tempfile.TemporaryDirectory() as name:
        convert(folder, Path(name) / "model", quantization="float32")
        engine = ctranslate2.Translator(str(Path(name) / "model"), device="cpu", compute_type="float32")
        found = engine.translate_batch(
            [each["source"] for each in known], beam_size=4, disable_unk=True, max_batch_size=1
        )
    return sum(
        mine.hypotheses[0] == [names[number] for number in theirs]
        for mine, theirs in zip(found, written, strict=True)
    )


if __name__ == "__main__":
    main()
