"""Weights that PyTorch saved, read without PyTorch and without running anything they bring.

A pickle is a program. This reader knows the few calls that rebuild tensors and refuses every other name, so that a file
that wants more is refused, not obeyed. Both of PyTorch's forms are read: the zip since 1.6, and the stream before.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from models.contracts import InstallError, Untrusted

_MAGIC = 0x1950A86A20F9469CFC6C
_BRAIN_FLOAT = np.dtype([("bits", "<u2")])
"""bfloat16, the upper half of a float32, which numpy has no type for."""
_DTYPES = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "BFloat16Storage": _BRAIN_FLOAT,
}


@dataclass(frozen=True, slots=True)
class _Storage:
    dtype: "np.dtype[Any]"
    key: str
    size: int
    """Elements."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements."""


def read_pickle(file: Path) -> dict[str, NDArray[np.float32]]:
    """Raises Untrusted for a name that no tensor needs, InstallError for a file that is none of PyTorch's."""
    try:
        read = _read_zip if zipfile.is_zipfile(file) else _read_stream
        return read(file)
    except (
        pickle.UnpicklingError,
        EOFError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        zipfile.BadZipFile,
    ) as error:
        raise InstallError(f"{file.name} is not a file of weights as PyTorch saves them.") from error


def _read_zip(file: Path) -> dict[str, NDArray[np.float32]]:
    with zipfile.ZipFile(file) as archive:
        program = next((name for name in archive.namelist() if name.endswith("data.pkl")), "data.pkl")
        root = program.removesuffix("data.pkl")
        tensors = _tensors(_Unpickler(io.BytesIO(archive.read(program))).load())
        return _filled(tensors, lambda storage: archive.read(f"{root}data/{storage.key}"))


def _read_stream(file: Path) -> dict[str, NDArray[np.float32]]:
    with file.open("rb") as stream:
        magic, _protocol, _system = (_Unpickler(stream).load() for _ in range(3))
        if magic != _MAGIC:
            raise InstallError(f"{file.name} is not a file of weights as PyTorch saves them.")
        tensors = _tensors(_Unpickler(stream).load())
        sizes = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        found = {key: _next(stream, sizes.get(key)) for key in _Unpickler(stream).load()}
    return _filled(tensors, lambda storage: found[storage.key])


def _next(stream: BinaryIO, storage: _Storage | None) -> bytes:
    """One storage: its number of elements, then the elements. One that nobody refers to has no size we know."""
    count = int.from_bytes(stream.read(8), "little", signed=True)
    if storage is None or count != storage.size:
        raise ValueError("a storage of another size")
    return stream.read(count * storage.dtype.itemsize)


def _tensors(program: object) -> dict[str, _Tensor]:
    if not isinstance(program, Mapping):
        raise TypeError("not a state dict")
    return {str(name): value for name, value in program.items() if isinstance(value, _Tensor)}


def _filled(
    tensors: Mapping[str, _Tensor], content: Callable[[_Storage], bytes]
) -> dict[str, NDArray[np.float32]]:
    """Tensors that share a storage stay equal, whatever their names."""
    arrays: dict[str, NDArray[Any]] = {}
    filled: dict[str, NDArray[np.float32]] = {}
    for name, tensor in tensors.items():
        key = tensor.storage.key
        if key not in arrays:
            arrays[key] = np.frombuffer(content(tensor.storage), dtype=tensor.storage.dtype)
        filled[name] = _view(arrays[key], tensor)
    return filled


def _view(flat: NDArray[Any], tensor: _Tensor) -> NDArray[np.float32]:
    last = sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True))
    empty = 0 in tensor.shape
    if min((tensor.offset, *tensor.shape, *tensor.strides)) < 0 or (
        not empty and tensor.offset + last >= flat.size
    ):
        raise ValueError("a tensor outside its storage")
    if empty:
        return np.zeros(tensor.shape, np.float32)
    strides = [step * flat.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides, writeable=False)
    return widened(view["bits"]) if view.dtype == _BRAIN_FLOAT else np.array(view, dtype=np.float32)


def widened(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """bfloat16 as float32: the same numbers, to the last."""
    return (bits.astype("<u4") << 16).view("<f4")


def _rebuild(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _parameter(tensor: _Tensor, *_: object) -> _Tensor:
    return tensor


_CALLS: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    **{("torch", name): dtype for name, dtype in _DTYPES.items()},
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _CALLS[module, name]
        except KeyError:
            raise Untrusted(
                f"The pickle asks for {f'{module}.{name}'[:80]!a}, which no weights need. "
                f"It is refused; do not use this file."
            ) from None

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, size, *_ = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError("not a storage")
        return _Storage(dtype, str(key), int(size))
