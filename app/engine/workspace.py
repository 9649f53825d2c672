"""Arrays that a thread uses again and again.

The system hands out fresh memory page by page, and for arrays of a megabyte that costs as much as a matrix product in
them. What is needed for every chunk of persons is therefore asked for here.
"""

from math import prod
from threading import local
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class _Kept(local):
    def __init__(self) -> None:
        self.arrays: dict[tuple[str, str], NDArray[Any]] = {}


_kept = _Kept()


def workspace(purpose: str, shape: tuple[int, ...], dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """An array of this shape with anything in it, until the same thread asks again for the same purpose and type."""
    size, key = prod(shape), (purpose, np.dtype(dtype).str)
    found = _kept.arrays.get(key)
    if found is None or found.size < size:
        found = _kept.arrays[key] = np.empty(size, dtype=dtype)
    return found[:size].reshape(shape)
