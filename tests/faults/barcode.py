"""A frame's number as a bar code that compression does not wash out. Plain bytes: the system's Python draws it too."""

from __future__ import annotations

import random
import zlib

# 24 bits of number and 16 of its checksum, in 8 x 5 cells over the upper half of the picture.
COLUMNS, ROWS = 8, 5
DARK, LIGHT, GREY = 24, 224, 110
BITS = 24


def bits_of(number: int) -> int:
    """The 40 bits of the code, the number in the lower 24."""
    return number & 0xFFFFFF | (zlib.crc32((number & 0xFFFFFF).to_bytes(3, "big")) & 0xFFFF) << BITS


def number_in(bits: int) -> int | None:
    """The number that 40 bits carry; None if they are no code."""
    number = bits & 0xFFFFFF
    return number if bits_of(number) == bits else None


def picture(number: int, width: int, height: int, noise: bytes = b"") -> bytes:
    """A frame as I420: the code above; below it grey, or a piece of `noise` that is another one in each frame."""
    bits, tall, rows = bits_of(number), height // 2 // ROWS, []
    for row in range(ROWS):
        line = bytearray(bytes([GREY]) * width)
        for column in range(COLUMNS):
            left, right = column * width // COLUMNS, (column + 1) * width // COLUMNS
            line[left:right] = bytes([LIGHT if bits >> (row * COLUMNS + column) & 1 else DARK]) * (right - left)
        rows.append(bytes(line) * tall)
    rest = width * (height - tall * ROWS)
    if noise:
        begin = random.randrange(len(noise) - rest)
        rows.append(noise[begin : begin + rest])
    else:
        rows.append(bytes([GREY]) * rest)
    return b"".join(rows) + bytes([128]) * (2 * (width // 2) * (height // 2))


def cells(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """The inner part of every cell, by bit: left, top, right, bottom in pixels."""
    tall = height // 2 // ROWS
    boxes = []
    for bit in range(ROWS * COLUMNS):
        row, column = divmod(bit, COLUMNS)
        left, right = column * width // COLUMNS, (column + 1) * width // COLUMNS
        inset_x, inset_y = (right - left) // 4, tall // 4
        boxes.append((left + inset_x, row * tall + inset_y, right - inset_x, (row + 1) * tall - inset_y))
    return boxes
