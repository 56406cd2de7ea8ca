"""Give a converted model a smaller, fixed target vocabulary: a cheaper output layer that no neighbour can widen.

    python scripts/slim_vocabulary.py MODEL OUT --texts a.txt [--shortlist vmap.txt --listed 5] --check b.txt

MODEL is a CTranslate2 folder with one joint vocabulary. OUT gets the same model with `source_vocabulary.json` as it
was and a `target_vocabulary.json` of the pieces that are kept: those MODEL writes when it translates the texts, those
that a lexical shortlist lists for at least so many source pieces, single signs, and the special pieces. Rows of the
target embeddings, the output layer and its bias are taken over to the bit, int8 rows with their scales.

What MODEL would say in kept pieces alone, OUT says too; where it would use a dropped piece, OUT says something else,
often a wrong name: `--check` counts how often, on texts of one line each. docs/benchmarks.md has the gain and the
loss measured. The result has its own checksums, so it needs a card of its own.
"""

import argparse
import json
import shutil
import struct
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import ctranslate2
import numpy as np
import sentencepiece
from numpy.typing import NDArray

Array = NDArray[Any]

VERSION = 6
"""Of model.bin, as CTranslate2 4 writes it."""

DTYPES = ("float32", "int8", "int16", "int32", "float16")
JOINT, SOURCE, TARGET = "shared_vocabulary.json", "source_vocabulary.json", "target_vocabulary.json"
TARGET_TABLES = ("decoder/embeddings/weight", "decoder/projection/weight", "decoder/projection/bias")
SOURCE_TABLE = "encoder/embeddings_0/weight"
SCALE = "_scale"


@dataclass(frozen=True, slots=True)
class Weights:
    """The content of a model.bin."""

    spec: str
    revision: int
    variables: dict[str, Array]
    aliases: dict[str, str]
    """Name to the variable it shares; an alias of a quantised weight shares its scale as well."""


def slim(model: Path, out: Path, keep: Collection[str]) -> int:
    """Writes OUT, which must not exist, and returns its number of target pieces."""
    pieces: list[str] = json.loads((model / JOINT).read_text(encoding="utf-8"))
    rows = [row for row, piece in enumerate(pieces) if piece in keep]
    with (model / "model.bin").open("rb") as stream:
        weights = read(stream)
    out.mkdir(parents=True)
    with (out / "model.bin").open("wb") as stream:
        write(stream, sliced(weights, rows, size=len(pieces)))
    shutil.copyfile(model / JOINT, out / SOURCE)
    _write_json(out / TARGET, [pieces[row] for row in rows])
    for name in ("config.json", "source.spm", "target.spm"):
        if (model / name).exists():
            shutil.copyfile(model / name, out / name)
    return len(rows)


def sliced(weights: Weights, rows: Sequence[int], *, size: int) -> Weights:
    """The target tables cut to `rows`; the source table, where it was shared, becomes a variable of its own."""
    variables, aliases = dict(weights.variables), dict(weights.aliases)
    for name in (SOURCE_TABLE, *TARGET_TABLES):
        shared = aliases.pop(name, None)
        if shared is None:
            continue
        for end in ("", SCALE):
            if shared + end in weights.variables:
                variables[name + end] = weights.variables[shared + end]
    for name in (*TARGET_TABLES, *(table + SCALE for table in TARGET_TABLES)):
        if name in variables and variables[name].ndim:
            if len(variables[name]) != size:
                raise SystemExit(
                    f"{name} has {len(variables[name])} rows, the joint vocabulary {size} pieces."
                )
            variables[name] = variables[name][list(rows)]
    embeddings, projection = TARGET_TABLES[:2]
    if np.array_equal(variables[embeddings], variables[projection]):
        del variables[projection]
        variables.pop(projection + SCALE, None)
        aliases[projection] = embeddings
    return Weights(weights.spec, weights.revision, variables, aliases)


def read(stream: BinaryIO) -> Weights:
    """The layout is ModelSpec._serialize's in ctranslate2/specs/model_spec.py."""
    version = _number(stream, "I")
    if version != VERSION:
        raise SystemExit(f"model.bin has version {version}; this script knows {VERSION}.")
    spec, revision = _string(stream), _number(stream, "I")
    variables = dict(_variable(stream) for _ in range(_number(stream, "I")))
    aliases = {_string(stream): _string(stream) for _ in range(_number(stream, "I"))}
    return Weights(spec, revision, variables, aliases)


def write(stream: BinaryIO, weights: Weights) -> None:
    stream.write(struct.pack("<I", VERSION) + _packed(weights.spec))
    stream.write(struct.pack("<II", weights.revision, len(weights.variables)))
    for name, value in sorted(weights.variables.items()):
        shape = struct.pack(f"<B{value.ndim}I", value.ndim, *value.shape)
        kind = struct.pack("<BI", DTYPES.index(value.dtype.name), value.nbytes)
        stream.write(_packed(name) + shape + kind + value.tobytes())
    stream.write(struct.pack("<I", len(weights.aliases)))
    for name, shared in sorted(weights.aliases.items()):
        stream.write(_packed(name) + _packed(shared))


def _variable(stream: BinaryIO) -> tuple[str, Array]:
    name = _string(stream)
    shape = [_number(stream, "I") for _ in range(_number(stream, "B"))]
    dtype = DTYPES[_number(stream, "B")]
    data = stream.read(_number(stream, "I"))
    return name, np.frombuffer(data, dtype).reshape(shape)


def _string(stream: BinaryIO) -> str:
    return stream.read(_number(stream, "H"))[:-1].decode()


def _number(stream: BinaryIO, code: str) -> int:
    return int(struct.unpack(f"<{code}", stream.read(struct.calcsize(code)))[0])


def _packed(text: str) -> bytes:
    return struct.pack("<H", len(text.encode()) + 1) + text.encode() + b"\0"


# --- which pieces -----------------------------------------------------------------------------------------


def special(model: Path) -> set[str]:
    """Special pieces and single signs, so that whatever can be spelled still can."""
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    named = {value for key, value in config.items() if key.endswith("_token") and value}
    pieces = json.loads((model / JOINT).read_text(encoding="utf-8"))
    return named | {piece for piece in pieces if len(piece.lstrip("▁")) <= 1 or piece.startswith(("<", ">>"))}


def written(model: Path, texts: Sequence[str]) -> set[str]:
    return {piece for answer in translate(model, texts) for piece in answer}


def listed(shortlist: Path, *, least: int) -> set[str]:
    """Pieces on at least that many lines; those of the line without a source piece are in every sentence's choice."""
    always: set[str] = set()
    counts: Counter[str] = Counter()
    for line in shortlist.read_text(encoding="utf-8").splitlines():
        source, _, targets = line.partition("\t")
        if source:
            counts.update(targets.split(" "))
        else:
            always.update(targets.split(" "))
    return always | {piece for piece, count in counts.items() if count >= least}


def translate(model: Path, texts: Sequence[str]) -> list[list[str]]:
    """Target pieces at beam 1, with the engine call of models/marian.py."""
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(model / "source.spm"))
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    tail = [] if config.get("add_source_eos") else ["</s>"]
    engine = ctranslate2.Translator(str(model), intra_threads=1)
    results = engine.translate_batch(
        [[*pieces, *tail] for pieces in tokenizer.encode(list(texts), out_type=str)],
        beam_size=1,
        batch_type="tokens",
        max_batch_size=2048,
        max_input_length=500,
        disable_unk=True,
    )
    return [result.hypotheses[0] for result in results]


def check(model: Path, out: Path, texts: Sequence[str]) -> str:
    """Raises SystemExit where an answer changed although all its pieces were kept: then a row went astray.

    One such answer in a thousand is let pass: the engine rounds otherwise for another shape of matrix.
    """
    kept = set(json.loads((out / TARGET).read_text(encoding="utf-8")))
    pairs = list(zip(translate(model, texts), translate(out, texts), strict=True))
    changed = sum(before != after for before, after in pairs)
    astray = sum(before != after and kept.issuperset(before) for before, after in pairs)
    if astray > len(pairs) / 1000 + 1:
        raise SystemExit(f"{astray} of {len(pairs)} answers changed though no piece of theirs was dropped.")
    return f"{changed} of {len(pairs)} answers changed, {astray} of them without a dropped piece"


def _write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _lines(file: Path | None) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()] if file else []


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, help="source texts, one a line, whose pieces are kept")
    parser.add_argument("--shortlist", type=Path, help="vmap.txt")
    parser.add_argument("--listed", type=int, default=5, help="lines of the shortlist a piece must be on")
    parser.add_argument("--check", type=Path, help="source texts, one a line, other than --texts")
    options = parser.parse_args(arguments)
    keep = special(options.model) | written(options.model, _lines(options.texts))
    if options.shortlist:
        keep |= listed(options.shortlist, least=options.listed)
    print(f"{slim(options.model, options.out, keep)} target pieces kept")
    if options.check:
        print(check(options.model, options.out, _lines(options.check)))


if __name__ == "__main__":
    main(sys.argv[1:])
