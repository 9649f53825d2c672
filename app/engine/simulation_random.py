"""Production's random draws for many sittings at once.

A sitting draws its next item's place with ``numpy.random.default_rng([seed, step]).integers(count)``: a generator made
for one number. Making it for every simulated student and step would cost more than the test itself, so the same
arithmetic is done here on arrays: the seed sequence's hash (O'Neill 2015, randutils; numpy, SeedSequence), the first
output of PCG64 (O'Neill 2014), and Lemire's (2019) reduction of 32 bits to a range. The results are equal bit for bit.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.engine.grid import Ints

Words = NDArray[np.uint32]
Longs = NDArray[np.uint64]

_POOL: Final = 4
_SHIFT: Final = np.uint32(16)
_INIT_A, _MULT_A = 0x43B0D7E5, 0x931E8875
_INIT_B, _MULT_B = 0x8B51F9DD, 0x58F38DED
_MIX_L, _MIX_R = np.uint32(0xCA01F9DD), np.uint32(0x4973F715)
_WORD: Final = 0xFFFFFFFF
_LOW: Final = np.uint64(_WORD)
_HALF: Final = np.uint64(32)
_PCG_HIGH, _PCG_LOW = np.uint64(0x2360ED051FC65DA4), np.uint64(0x4385DF649FCCF645)


def drawn_places(seeds: Longs, step: int, counts: Ints) -> Ints:
    """``default_rng([seed, step]).integers(count)`` for every sitting.

    Parameters
    ----------
    seeds : shape (B,), unsigned 64-bit integers.
    step : from 0 to 2^32 - 1, the same for all.
    counts : shape (B,), from 1 to 2^32 - 1: how many there are to choose from.

    Returns
    -------
    shape (B,), from 0 to ``counts`` - 1.

    Raises
    ------
    ValueError
        If a count is outside its range.
    """
    return Draws.of(seeds, step).places(counts)


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What the generators ``default_rng([seed, step])`` draw first.

    Attributes
    ----------
    seeds, bits : shape (B,), the seeds, and the first 64 bits of their generators.
    """

    seeds: Longs
    step: int
    bits: Longs

    @classmethod
    def of(cls, seeds: Longs, step: int) -> "Draws":
        return cls(seeds, step, _first_output(seeds, step))

    def select(self, rows: Ints) -> "Draws":
        """These sittings only."""
        return Draws(self.seeds[rows], self.step, self.bits[rows])

    def places(self, counts: Ints) -> Ints:
        """As ``drawn_places``."""
        if np.any((counts < 1) | (counts > _WORD)):
            raise ValueError(f"counts must be from 1 to {_WORD}, got {counts.min()} … {counts.max()}")
        size = counts.astype(np.uint64)
        product = (self.bits & _LOW) * size
        places = (product >> _HALF).astype(np.intp)
        # Lemire's method draws again where the low half is too small, which is rare: those generators are made.
        for index in np.flatnonzero((product & _LOW) < size):
            rng = np.random.default_rng([int(self.seeds[index]), self.step])
            places[index] = rng.integers(int(counts[index]))
        return places


def _first_output(seeds: Longs, step: int) -> Longs:
    """First 64 bits of the PCG64 generators seeded with (seed, step)."""
    words = _generated(_mixed(seeds, step))
    start = (words[0], words[1])
    odd = ((words[2] << np.uint64(1)) | (words[3] >> np.uint64(63)), (words[3] << np.uint64(1)) | np.uint64(1))
    state = _advanced(_sum(odd, start), odd)
    high, low = _advanced(state, odd)
    turn, bits = high >> np.uint64(58), high ^ low
    rotated: Longs = np.bitwise_or(bits >> turn, bits << ((np.uint64(64) - turn) & np.uint64(63)))
    return rotated


def _mixed(seeds: Longs, step: int) -> list[Words]:
    """The seed sequence's pool of four words; a seed below 2^32 is one word of entropy, others are two."""
    low, high = (seeds & _LOW).astype(np.uint32), (seeds >> _HALF).astype(np.uint32)
    number, nothing = np.full_like(low, step), np.zeros_like(low)
    short = high == 0
    entropy = [low, np.where(short, number, high), np.where(short, nothing, number), nothing]
    constants = _constants(_INIT_A, _MULT_A, _POOL * _POOL)
    pool = [_hashed(entropy[place], *constants[place]) for place in range(_POOL)]
    turn = _POOL
    for source in range(_POOL):
        for target in range(_POOL):
            if source != target:
                mixed = _MIX_L * pool[target] - _MIX_R * _hashed(pool[source], *constants[turn])
                pool[target] = mixed ^ (mixed >> _SHIFT)
                turn += 1
    return pool


def _generated(pool: list[Words]) -> list[Longs]:
    """Four 64-bit words of state from the pool."""
    constants = _constants(_INIT_B, _MULT_B, 2 * _POOL)
    words = [_hashed(pool[place % _POOL], *constants[place]).astype(np.uint64) for place in range(2 * _POOL)]
    return [words[2 * place] | (words[2 * place + 1] << _HALF) for place in range(_POOL)]


@cache
def _constants(start: int, factor: int, count: int) -> list[tuple[np.uint32, np.uint32]]:
    """The hash's running constant before and after each of ``count`` uses."""
    values = [start]
    for _ in range(count):
        values.append(values[-1] * factor & _WORD)
    return [(np.uint32(before), np.uint32(after)) for before, after in pairwise(values)]


def _hashed(value: Words, before: np.uint32, after: np.uint32) -> Words:
    mixed = (value ^ before) * after
    return mixed ^ (mixed >> _SHIFT)


def _advanced(state: tuple[Longs, Longs], odd: tuple[Longs, Longs]) -> tuple[Longs, Longs]:
    """One step of the 128-bit linear congruence, as (high, low) halves."""
    high, low = state
    product_high = _upper_half(low) + high * _PCG_LOW + low * _PCG_HIGH
    return _sum((product_high, low * _PCG_LOW), odd)


def _upper_half(low: Longs) -> Longs:
    """Upper 64 bits of the product with the multiplier's lower half."""
    a, b = low & _LOW, low >> _HALF
    c, d = _PCG_LOW & _LOW, _PCG_LOW >> _HALF
    middle = ((a * c) >> _HALF) + (b * c & _LOW) + (a * d & _LOW)
    upper: Longs = b * d + (b * c >> _HALF) + (a * d >> _HALF) + (middle >> _HALF)
    return upper


def _sum(one: tuple[Longs, Longs], other: tuple[Longs, Longs]) -> tuple[Longs, Longs]:
    low = one[1] + other[1]
    return one[0] + other[0] + (low < one[1]), low
