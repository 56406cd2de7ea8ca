"""Lines of FLORES-101 and slices of them, drawn with a fixed seed, and the language each is in."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.detection.codes import base_code
from app.detection.evidence import Evidence

DATE = "2026-11-22"
BUCKETS = ("1-3", "4-8", "9+")
WORDS = {"1-3": (1, 3), "4-8": (4, 8)}
SIGNS = {"1-3": (2, 6), "4-8": (7, 20)}
WITHOUT_SPACES = frozenset(["cmn_Hans", "cmn_Hant", "jpn", "khm", "lao", "mya", "tha"])
# FLORES-101 names its files by ISO 639-3: file, then BCP 47.
_FILES = """
    afr:af amh:am ara:ar asm:as ast:ast azj:az bel:be ben:bn bos:bs bul:bg cat:ca ceb:ceb ces:cs
    ckb:ckb cmn_Hans:zh cmn_Hant:zh cym:cy dan:da deu:de ell:el eng:en est:et fas:fa fin:fi fra:fr
    ful:ff gle:ga glg:gl guj:gu hau:ha heb:he hin:hi hrv:hr hun:hu hye:hy ibo:ig ind:id isl:is
    ita:it jav:jv jpn:ja kam:kam kan:kn kat:ka kaz:kk kea:kea khm:km kir:ky kor:ko lao:lo lav:lv
    lin:ln lit:lt ltz:lb lug:lg luo:luo mal:ml mar:mr mkd:mk mlt:mt mon:mn mri:mi msa:ms mya:my
    nld:nl nob:nb npi:ne nso:nso nya:ny oci:oc orm:om ory:or pan:pa pol:pl por:pt pus:ps ron:ro
    rus:ru slk:sk slv:sl sna:sn snd:sd som:so spa:es srp:sr swe:sv swh:sw tam:ta tel:te tgk:tg
    tgl:fil tha:th tur:tr ukr:uk umb:umb urd:ur uzb:uz vie:vi wol:wo xho:xh yor:yo zul:zu
"""
BCP_47 = dict(pair.split(":") for pair in _FILES.split())


@dataclass(frozen=True, slots=True)
class Sample:
    text: str
    language: str
    bucket: str


def samples(folder: Path, *, odd: bool, per_bucket: int) -> list[Sample]:
    return [
        sample
        for path in sorted(folder.glob("*.txt"))
        if path.stem in BCP_47
        for sample in _samples_of(path, odd=odd, per_bucket=per_bucket)
    ]


def _samples_of(path: Path, *, odd: bool, per_bucket: int) -> Iterator[Sample]:
    dice = random.Random(f"{path.stem} {odd}")  # noqa: S311 - reproducible, not secret
    lines = path.read_text(encoding="utf-8").splitlines()[0 if odd else 1 :: 2]
    for bucket in BUCKETS:
        for line in dice.sample(lines, min(per_bucket, len(lines))):
            text = part(line, bucket, dice, signs=path.stem in WITHOUT_SPACES)
            if Evidence.of(text):
                yield Sample(text, base_code(BCP_47[path.stem]), bucket)


def part(line: str, bucket: str, dice: random.Random, *, signs: bool) -> str:
    if bucket == "9+":
        return line
    units = list(line) if signs else line.split()
    low, high = (SIGNS if signs else WORDS)[bucket]
    count = dice.randint(low, high)
    start = dice.randint(0, max(0, len(units) - count))
    return ("" if signs else " ").join(units[start : start + count])
