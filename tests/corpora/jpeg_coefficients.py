"""A JPEG's quantised coefficients, read by the letter of ITU-T T.81 and slowly: a third opinion.

Shares no code with the package. Small pictures only: every bit is a step.
"""

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Jpeg:
    """`planes` maps a component's place to its coefficients, shape (rows, columns, 64), blocks
    outside of the picture left out, which are in `outside`; `factors` holds (across, down) of each;
    `tails` are the bits after the last block of each interval."""

    width: int = 0
    height: int = 0
    progressive: bool = False
    factors: list[tuple[int, int]] = field(default_factory=list)
    planes: list[np.ndarray] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    outside: list[np.ndarray] = field(default_factory=list)


class _Bits:
    def __init__(self, coded: bytes) -> None:
        self.bits = "".join(f"{byte:08b}" for byte in coded.replace(b"\xff\0", b"\xff"))
        self.at = 0

    def number(self, count: int) -> int:
        taken = self.bits[self.at : self.at + count]
        assert len(taken) == count, "the scan is cut"
        self.at += count
        return int(taken, 2) if count else 0

    def symbol(self, codes: dict[str, int]) -> int:
        for length in range(1, 17):
            code = self.bits[self.at : self.at + length]
            if code in codes:
                self.at += length
                return codes[code]
        raise AssertionError("no such code")

    def value(self, size: int) -> int:
        number = self.number(size)
        return number if not size or number >> (size - 1) else number - (1 << size) + 1


def read(data: bytes) -> Jpeg:
    """Every coefficient of a stream; raises AssertionError where it cannot be read."""
    jpeg, names, tables, interval, at = Jpeg(), [], {}, 0, 2
    while data[at + 1] != 0xD9:
        code, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        body, at = data[at + 4 : at + 2 + size], at + 2 + size
        if code == 0xC4:
            _define(body, tables)
        elif code == 0xDD:
            interval = int.from_bytes(body)
        elif code in (0xC0, 0xC1, 0xC2):
            jpeg.progressive = code == 0xC2
            names = _frame(body, jpeg)
        elif code == 0xDA:
            end = at
            while data[end] != 0xFF or data[end + 1] in (0, *range(0xD0, 0xD8)):
                end += 1
            _scan(jpeg, names, tables, interval, body, data[at:end])
            at = end
    return jpeg


def _define(body: bytes, tables: dict[int, dict[str, int]]) -> None:
    while body:
        codes, code, place = {}, 0, 17
        for length in range(1, 17):
            for _ in range(body[length]):
                codes[f"{code:0{length}b}"] = body[place]
                code, place = code + 1, place + 1
            code *= 2
        tables[body[0]], body = codes, body[place:]


def _frame(body: bytes, jpeg: Jpeg) -> list[int]:
    jpeg.height, jpeg.width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    jpeg.factors = [(body[at + 1] >> 4, body[at + 1] & 15) for at in range(6, len(body), 3)]
    if len(jpeg.factors) == 1:
        jpeg.factors = [(1, 1)]
    widest, tallest = (max(pair[n] for pair in jpeg.factors) for n in (0, 1))
    for across, down in jpeg.factors:
        columns = math.ceil(math.ceil(jpeg.width * across / widest) / 8)
        rows = math.ceil(math.ceil(jpeg.height * down / tallest) / 8)
        jpeg.planes.append(np.zeros((rows, columns, 64), int))
    return [body[at] for at in range(6, len(body), 3)]


def _order(jpeg: Jpeg, places: list[int]) -> list[list[tuple[int, int, int]]]:
    """(component, row, column) of every block, MCU by MCU."""
    if len(places) == 1:
        rows, columns = jpeg.planes[places[0]].shape[:2]
        return [[(places[0], row, column)] for row in range(rows) for column in range(columns)]
    widest, tallest = (max(pair[n] for pair in jpeg.factors) for n in (0, 1))
    return [
        [
            (place, y * jpeg.factors[place][1] + v, x * jpeg.factors[place][0] + h)
            for place in places
            for v in range(jpeg.factors[place][1])
            for h in range(jpeg.factors[place][0])
        ]
        for y in range(-(-jpeg.height // (8 * tallest)))
        for x in range(-(-jpeg.width // (8 * widest)))
    ]


def _scan(jpeg, names, tables, interval, body, coded) -> None:
    places = [names.index(name) for name in body[1:-3:2]]
    chosen = dict(zip(places, body[2:-3:2], strict=True))
    first, last, high, low = body[-3], body[-2], body[-1] >> 4, body[-1] & 15
    parts = [coded]
    for number in range(8) if interval else ():
        parts = [piece for part in parts for piece in part.split(bytes((0xFF, 0xD0 + number)))]
    units = _order(jpeg, places)
    step = interval or len(units)
    assert len(parts) >= -(-len(units) // step)
    for part in range(len(parts)):
        bits, state = _Bits(parts[part]), {"run": 0, **dict.fromkeys(places, 0)}
        for place, row, column in [b for u in units[part * step : (part + 1) * step] for b in u]:
            plane, inside = jpeg.planes[place], np.zeros(64, int)
            if row < plane.shape[0] and column < plane.shape[1]:
                inside = plane[row, column]
            else:
                jpeg.outside.append(inside)
            dc, ac = tables.get(chosen[place] >> 4), tables.get(0x10 | chosen[place] & 15)
            if first == 0 and high:
                inside[0] += bits.number(1) << low
            elif first == 0:
                state[place] += bits.value(bits.symbol(dc))
                inside[0] = state[place] << low
            if last and not high:
                _new(bits, ac, inside, max(first, 1), last, low, state)
            elif last:
                _refine(bits, ac, inside, first, last, low, state)
        jpeg.tails.append(bits.bits[bits.at :])


def _new(bits, ac, block, k, last, low, state) -> None:
    if state["run"]:
        state["run"] -= 1
        return
    while k <= last:
        run, size = divmod(bits.symbol(ac), 16)
        if not size and run < 15:
            state["run"] = (1 << run) + bits.number(run) - 1
            return
        k += run
        if size:
            block[k] = bits.value(size) * (1 << low)
        k += 1


def _refine(bits, ac, block, k, last, low, state) -> None:
    def correct(k: int) -> None:
        if bits.number(1):
            block[k] += (1 << low) * (1 if block[k] > 0 else -1)

    while not state["run"] and k <= last:
        run, size = divmod(bits.symbol(ac), 16)
        if not size and run < 15:
            state["run"] = (1 << run) + bits.number(run)
            break
        value = (1 << low) * (1 if bits.number(1) else -1) if size else 0
        while block[k] or run:
            if block[k]:
                correct(k)
            else:
                run -= 1
            k += 1
        block[k] = value
        k += 1
    if state["run"]:
        state["run"] -= 1
        for at in range(k, last + 1):
            if block[at]:
                correct(at)
