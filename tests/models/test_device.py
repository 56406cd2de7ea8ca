"""The choice of a device, on made-up machines: no graphics card was ever met here."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import ctranslate2
import pytest

from app import engineroom
from app.engineroom import engine_options
from app.settings import Settings
from models.catalogue import Catalogue
from models.contracts import DeviceUnavailable
from models.device import Device, ThisMachine, choose
from models.marian import MarianBackend


@dataclass(frozen=True, slots=True)
class MadeUp:
    count: int = 0
    fault: str = ""
    types: frozenset[str] = frozenset({"int8", "int8_float16", "float16", "float32"})

    def cards(self) -> int:
        if self.fault:
            raise RuntimeError(self.fault)
        return self.count

    def compute_types(self, kind: str, index: int) -> AbstractSet[str]:
        assert kind == "cpu" or index < self.count
        return self.types if kind == "cuda" else {"int8", "int16", "float32"}


@pytest.mark.parametrize(
    ("wanted", "indexes", "machine", "found"),
    [
        ("auto", (), MadeUp(), Device("cpu", (0,))),
        ("auto", (), MadeUp(fault="the driver is too old"), Device("cpu", (0,))),
        ("auto", (), MadeUp(2), Device("cuda", (0, 1))),
        ("auto", (1,), MadeUp(2), Device("cuda", (1,))),
        ("cuda", (1, 0, 1), MadeUp(2), Device("cuda", (1, 0))),
        ("cpu", (), MadeUp(2), Device("cpu", (0,))),
        ("cpu", (), MadeUp(fault="not even asked"), Device("cpu", (0,))),
    ],
)
def test_the_choice(wanted: str, indexes: tuple[int, ...], machine: MadeUp, found: Device) -> None:
    assert choose(wanted, indexes, compute_type="default", machine=machine) == found


@pytest.mark.parametrize(
    ("wanted", "indexes", "compute_type", "machine", "says"),
    [
        ("cuda", (), "default", MadeUp(), "shows no CUDA device"),
        ("cuda", (), "default", MadeUp(fault="the driver is too old"), "the driver is too old"),
        ("cuda", (0, 2), "default", MadeUp(2), "names device 2; this machine has 0 to 1"),
        ("auto", (2,), "default", MadeUp(2), "names device 2"),
        ("cuda", (), "bfloat16", MadeUp(1), "cuda:0 does not compute in bfloat16.* float16, float32"),
        ("cpu", (), "float16", MadeUp(1), "cpu:0 does not compute in float16"),
    ],
)
def test_what_is_not_there_is_refused(
    wanted: str, indexes: tuple[int, ...], compute_type: str, machine: MadeUp, says: str
) -> None:
    with pytest.raises(DeviceUnavailable, match=says):
        choose(wanted, indexes, compute_type=compute_type, machine=machine)


def test_this_machine_can_be_asked() -> None:
    assert "float32" in ThisMachine().compute_types("cpu", 0)
    assert choose("cpu", (), compute_type="float32", machine=ThisMachine()) == Device()


def test_settings_reach_the_engine(monkeypatch: pytest.MonkeyPatch, starter_catalogue: Catalogue) -> None:
    given: dict[str, Any] = {}
    engine = ctranslate2.Translator

    def translator(path: str, **options: Any) -> ctranslate2.Translator:
        given.update(options)
        return engine(path, device="cpu")

    monkeypatch.setattr(engineroom, "MACHINE", MadeUp(3))
    monkeypatch.setattr(ctranslate2, "Translator", translator)
    options = engine_options(Settings(device_index="0, 2", compute_type="int8_float16", threads=4))

    MarianBackend(starter_catalogue.cards[0], options).close()

    assert (given["device"], given["device_index"], given["inter_threads"]) == ("cuda", [0, 2], 2)
    assert given["compute_type"] == "int8_float16"
    assert engine_options(Settings()).threads == 3, "one a card"
