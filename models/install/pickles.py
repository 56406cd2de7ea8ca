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
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from models.contracts import InstallError, Untrusted

_MAGIC = 0x1950A86A20F9469CFC6C
_BRAIN_FLOAT = "BFloat16Storage"
_MOST_PROGRAM = 64 << 20
"""Bytes; that of a model with 1,000 tensors has 200,000."""
_DTYPES: Mapping[str, "np.dtype[Any]"] = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    _BRAIN_FLOAT: np.dtype("<u2"),
}
"""bfloat16 is the upper half of a float32, which numpy has no type for."""
_OPCODES = (
    pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.POP, pickle.POP_MARK,
    pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.INT, pickle.LONG, pickle.FLOAT,
    pickle.BININT, pickle.BININT1, pickle.BININT2, pickle.LONG1, pickle.LONG4, pickle.BINFLOAT,
    pickle.UNICODE, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINSTRING, pickle.SHORT_BINSTRING,
    pickle.TUPLE, pickle.EMPTY_TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3,
    pickle.LIST, pickle.EMPTY_LIST, pickle.APPEND, pickle.APPENDS,
    pickle.DICT, pickle.EMPTY_DICT, pickle.SETITEM, pickle.SETITEMS,
    pickle.GET, pickle.BINGET, pickle.LONG_BINGET, pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE,
    pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BINPERSID,
)  # fmt: skip
"""What values, names and calls are made of. BUILD, which changes an object from within, see _Unpickler."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """The type of a storage, by name: a program can hand it on, and nothing else."""

    name: str

    @property
    def dtype(self) -> "np.dtype[Any]":
        return _DTYPES[self.name]


@dataclass(frozen=True, slots=True)
class _Storage:
    kind: _Kind
    key: str
    size: int
    """Elements."""

    @property
    def bytes(self) -> int:
        return self.size * self.kind.dtype.itemsize


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
        AttributeError,
        OverflowError,
        RecursionError,
        zipfile.BadZipFile,
    ) as error:
        raise InstallError(f"{file.name} is not a file of weights as PyTorch saves them.") from error


def _read_zip(file: Path) -> dict[str, NDArray[np.float32]]:
    with zipfile.ZipFile(file) as archive:
        program = next((name for name in archive.namelist() if name.endswith("data.pkl")), "data.pkl")
        root = program.removesuffix("data.pkl")
        tensors = _tensors(_Unpickler(io.BytesIO(_member(archive, program, _MOST_PROGRAM))).load())
        return _filled(tensors, lambda storage: _member(archive, f"{root}data/{storage.key}", storage.bytes))


def _member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A few bytes of a zip may become very many."""
    if archive.getinfo(name).file_size > most:
        raise ValueError("a member is larger than what it is said to hold")
    return archive.read(name)


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
    return stream.read(storage.bytes)


def _tensors(program: object) -> dict[str, _Tensor]:
    if not isinstance(program, Mapping):
        raise TypeError("not a state dict")
    return {str(name): value for name, value in program.items() if isinstance(value, _Tensor)}


def _filled(
    tensors: Mapping[str, _Tensor], content: Callable[[_Storage], bytes]
) -> dict[str, NDArray[np.float32]]:
    """Tensors that share a storage stay equal, whatever their names."""
    arrays: dict[_Storage, NDArray[Any]] = {}
    filled: dict[str, NDArray[np.float32]] = {}
    for name, tensor in tensors.items():
        storage = tensor.storage
        if storage not in arrays:
            held = content(storage)
            if len(held) != storage.bytes:
                raise ValueError("a storage of another size")
            arrays[storage] = np.frombuffer(held, dtype=storage.kind.dtype)
        filled[name] = _view(arrays[storage], tensor)
    return filled


def _view(flat: NDArray[Any], tensor: _Tensor) -> NDArray[np.float32]:
    last = sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True))
    count = prod(tensor.shape)
    if (
        min((tensor.offset, *tensor.shape, *tensor.strides)) < 0
        or count > flat.size
        or (count and tensor.offset + last >= flat.size)
    ):
        raise ValueError("a tensor outside its storage")
    if not count:
        return np.zeros(tensor.shape, np.float32)
    strides = [step * flat.itemsize for step in tensor.strides]
    view = np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides, writeable=False)
    if tensor.storage.kind.name == _BRAIN_FLOAT:
        return widened(view)
    return np.array(view, dtype=np.float32)


def widened(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """bfloat16 as float32: the same numbers, to the last."""
    return (bits.astype("<u4") << 16).view("<f4")


def _rebuild(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise TypeError("not a storage")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _parameter(tensor: _Tensor, *_: object) -> _Tensor:
    return tensor


_CALLS: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    **{("torch", name): _Kind(name) for name in _DTYPES},
}


_KNOWN: Mapping[int, Any] = pickle._Unpickler.dispatch  # noqa: SLF001  see _Unpickler


class _Steps(dict[int, Any]):
    def __missing__(self, opcode: int) -> Any:
        if opcode not in _KNOWN:
            raise pickle.UnpicklingError("no opcode")
        raise Untrusted(
            f"The pickle takes a step that no weights need (opcode {chr(opcode)!a}). It is refused; do not use this "
            f"file."
        )


class _Unpickler(pickle._Unpickler):  # noqa: SLF001
    """Python's reader as written in Python: the one in C cannot be told which steps to leave out."""

    stack: list[Any]
    dispatch = _Steps({code[0]: _KNOWN[code[0]] for code in _OPCODES})

    def _load_build(self) -> None:
        """PyTorch adds the versions of a state dict's modules so. They are dropped, and nothing else is built."""
        self.stack.pop()
        if type(self.stack[-1]) is not OrderedDict:
            raise Untrusted("The pickle changes what no weights change. It is refused; do not use this file.")

    dispatch[pickle.BUILD[0]] = _load_build

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _CALLS[module, name]
        except KeyError:
            raise Untrusted(
                f"The pickle asks for {f'{module}.{name}'[:80]!a}, which no weights need. "
                f"It is refused; do not use this file."
            ) from None

    def persistent_load(self, pid: Any) -> _Storage:
        what, kind, key, _device, size, *_ = pid
        if what != "storage" or not isinstance(kind, _Kind) or int(size) < 0:
            raise pickle.UnpicklingError("not a storage")
        return _Storage(kind, str(key), int(size))
