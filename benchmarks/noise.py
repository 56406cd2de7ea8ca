"""Text as people send it, made from sentences: the inputs on which OPUS-MT models are known to fail. Deterministic."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

Noise = Callable[[random.Random, str, str], str]
"""Of chance, a sentence, and the same sentence in the other language."""


def noisy(kind: str, sentences: Sequence[str], others: Sequence[str], *, seed: int = 0) -> list[str]:
    chance = random.Random(seed)  # noqa: S311
    return [KINDS[kind](chance, *pair) for pair in zip(sentences, others, strict=True)]


def _word(chance: random.Random, sentence: str, _other: str) -> str:
    return chance.choice(sentence.split()).strip(".,;:()\"'")


def _fragment(chance: random.Random, sentence: str, _other: str) -> str:
    words = sentence.split()
    size = chance.randrange(2, 5)
    start = chance.randrange(max(1, len(words) - size))
    return " ".join(words[start : start + size])


def _capitals(_chance: random.Random, sentence: str, _other: str) -> str:
    return sentence.upper()


def _half_capitals(_chance: random.Random, sentence: str, _other: str) -> str:
    words = sentence.split()
    half = len(words) // 2
    return " ".join([*(word.upper() for word in words[:half]), *words[half:]])


def _numbers(chance: random.Random, sentence: str, _other: str) -> str:
    words = [word for word in sentence.split()[:8] if word.isalpha()]
    return ", ".join(f"{word} {chance.randrange(1, 5_000)}" for word in words)


def _chat(_chance: random.Random, sentence: str, _other: str) -> str:
    letters = "".join(each for each in sentence.lower() if each.isalnum() or each == " ")
    for written, said in (("you", "u"), ("que", "q"), ("você", "vc"), ("está", "ta"), ("ing ", "in ")):
        letters = letters.replace(written, said)
    return f"{letters} kkkk"


def _run_on(_chance: random.Random, sentence: str, _other: str, *, times: int) -> str:
    return " ".join([sentence.rstrip(".")] * times)


def _two_languages(_chance: random.Random, sentence: str, other: str) -> str:
    return f"{sentence[: len(sentence) // 2]} {other[len(other) // 2 :]}"


KINDS: Mapping[str, Noise] = {
    "clean": lambda _chance, sentence, _other: sentence,
    "one word": _word,
    "fragment": _fragment,
    "capitals": _capitals,
    "half capitals": _half_capitals,
    "list of numbers": _numbers,
    "chat": _chat,
    "said twice": partial(_run_on, times=2),
    "two languages": _two_languages,
}
