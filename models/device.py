"""Where the engine computes: the processor, or graphics cards where there are any."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

import ctranslate2

from models.contracts import DeviceUnavailable

CPU = "cpu"
CUDA = "cuda"
UNNAMED = frozenset({"default", "auto"})
"""Compute types that the engine chooses itself."""


class Machine(Protocol):
    """What devices this machine has."""

    def cards(self) -> int:
        """How many CUDA devices; raises RuntimeError where a driver is there and unfit."""

    def compute_types(self, kind: str, index: int) -> AbstractSet[str]:
        """Those that the device is efficient with."""


class ThisMachine:
    def cards(self) -> int:
        return int(ctranslate2.get_cuda_device_count())

    def compute_types(self, kind: str, index: int) -> AbstractSet[str]:
        return frozenset(ctranslate2.get_supported_compute_types(kind, index))


@dataclass(frozen=True, slots=True)
class Device:
    kind: str = CPU
    indexes: tuple[int, ...] = (0,)
    """Each holds the whole model."""


def choose(wanted: str, indexes: tuple[int, ...], *, compute_type: str, machine: Machine) -> Device:
    """`wanted`: `cpu`, `cuda`, or `auto`, which is CUDA where it can be used. `indexes`: () for all of them.

    Raises DeviceUnavailable that says what is there.
    """
    device = _chosen(wanted, indexes, machine)
    for index in device.indexes:
        known = machine.compute_types(device.kind, index)
        if compute_type not in UNNAMED and compute_type not in known:
            raise DeviceUnavailable(
                f"The device {device.kind}:{index} does not compute in {compute_type}. "
                f"DRAGOMAN_COMPUTE_TYPE may be default, auto, {', '.join(sorted(known))}."
            )
    return device


def _chosen(wanted: str, indexes: tuple[int, ...], machine: Machine) -> Device:
    if wanted == CPU:
        return Device()
    try:
        found = machine.cards()
    except RuntimeError as error:
        if wanted == CUDA:
            raise DeviceUnavailable(f"DRAGOMAN_DEVICE=cuda: CUDA cannot be used here: {error}") from error
        found = 0
    if not found and wanted != CUDA:
        return Device()
    if not found:
        raise DeviceUnavailable("DRAGOMAN_DEVICE=cuda: this machine shows no CUDA device.")
    absent = [index for index in indexes if index >= found]
    if absent:
        raise DeviceUnavailable(
            f"DRAGOMAN_DEVICE_INDEX names device {absent[0]}; this machine has 0 to {found - 1}."
        )
    return Device(CUDA, tuple(dict.fromkeys(indexes)) or tuple(range(found)))
