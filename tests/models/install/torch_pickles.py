"""Files of weights as PyTorch's `torch.save` writes them, both kinds, without PyTorch."""

import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_KINDS = {"<f4": "FloatStorage", "<f2": "HalfStorage", "<u2": "BFloat16Storage"}
"""By numpy's type; the bits of bfloat16, for which it has none, come as integers."""
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


class _Storage:
    def __init__(self, key: str, content: NDArray[Any]) -> None:
        self.key, self.content = key, content


class _Tensor:
    def __init__(self, storage: _Storage) -> None:
        self.storage = storage

    def __reduce__(self) -> tuple[Any, ...]:
        rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
        shape = self.storage.content.shape
        strides = tuple(step // self.storage.content.itemsize for step in self.storage.content.strides)
        return rebuild, (self.storage, 0, shape, strides, False, OrderedDict())


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: object) -> object:
        if not isinstance(obj, _Storage):
            return None
        kind = getattr(sys.modules["torch"], _KINDS[obj.content.dtype.str])
        return ("storage", kind, obj.key, "cpu", obj.content.size)


def save(weights: Mapping[str, NDArray[Any]], file: Path, *, modern: bool) -> None:
    """As a zip (PyTorch 1.6 and later) or as a stream (before; most of Helsinki-NLP's models)."""
    storages = {name: _Storage(str(index), each) for index, (name, each) in enumerate(weights.items())}
    state = OrderedDict((name, _Tensor(storage)) for name, storage in storages.items())
    with _torch():
        program = _pickled(state)
    if modern:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("model/data.pkl", program)
            archive.writestr("model/version", "3\n")
            for storage in storages.values():
                archive.writestr(f"model/data/{storage.key}", storage.content.tobytes())
        return
    with file.open("wb") as stream:
        stream.write(_pickled(_MAGIC) + _pickled(_PROTOCOL) + _pickled({"little_endian": True}) + program)
        stream.write(_pickled([storage.key for storage in storages.values()]))
        for storage in storages.values():
            stream.write(storage.content.size.to_bytes(8, "little") + storage.content.tobytes())


def save_tensor(
    file: Path,
    kind: str,
    *,
    size: int,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    metadata: bool = False,
) -> None:
    """One tensor `w` that says of itself what it is told to; its storage holds 0, 1, 2, 3.

    `metadata`: with what `state_dict()` attaches to its answer.
    """

    class Tensor:
        def __reduce__(self) -> tuple[Any, ...]:
            rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
            return rebuild, (storage, offset, shape, strides, False, OrderedDict())

    class Pickler(_Pickler):
        def persistent_id(self, obj: object) -> object:
            if obj is not storage:
                return None
            return ("storage", getattr(sys.modules["torch"], kind), "0", "cpu", size)

    code = next(code for code, name in _KINDS.items() if name == kind)
    storage = _Storage("0", np.arange(4).astype(code))
    state = OrderedDict(w=Tensor())
    if metadata:
        state._metadata = OrderedDict(version=1)  # type: ignore[attr-defined]
    out = io.BytesIO()
    with _torch():
        Pickler(out, protocol=2).dump(state)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", out.getvalue())
        archive.writestr("model/data/0", storage.content.tobytes())


def save_call(file: Path, call: Callable[..., object], *arguments: object) -> None:
    """A file that calls something of the writer's choice when it is read as a pickle."""

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return call, arguments

    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({"model.shared.weight": Trap()}, protocol=2))


def _pickled(value: object) -> bytes:
    out = io.BytesIO()
    _Pickler(out, protocol=2).dump(value)
    return out.getvalue()


@contextmanager
def _torch() -> Iterator[None]:
    """Names for the pickler to refer to."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2(*_: object) -> None:
        raise NotImplementedError

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    for name in _KINDS.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    torch._utils = utils  # type: ignore[attr-defined]
    held = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules |= {"torch": torch, "torch._utils": utils}
    try:
        yield
    finally:
        for name, module in held.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module
