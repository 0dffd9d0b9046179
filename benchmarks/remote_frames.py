"""The pictures of the remote view's benchmark, their numbers, and how like the original a picture is.

It needs numpy alone, so that the peers' programs can use it in environments of their own.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import time
from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 1280, 720
RATE_HZ = 29.7  # not that of any screen or timer, so that all phases come up
COUNT = 60  # pictures of the sequence; it is played there and back
LIFE_S = 0.1  # between two pictures of the flight that they are taken from
# The strip along the upper edge: white, black, 20 bits of the number and 8 of its check, black, white.
BLOCK = 40  # pixels, square, so that the blocks outlive JPEG and a picture of half the size
NUMBER_BITS, CHECK_BITS = 20, 8
BLOCKS = NUMBER_BITS + CHECK_BITS + 4
WHITE, BLACK = 235, 20
NOT_YET = 0


def check_of(number: int) -> int:
    """Eight bits that another number hardly has as well; the script in the browser does the same."""
    return (number * 167 + (number >> 7) * 59 + (number >> 13) * 101 + 91) & 0xFF


def strip(number: int) -> np.ndarray:
    """The brightness of the blocks of a number."""
    value = number << CHECK_BITS | check_of(number)
    bits = [value >> place & 1 for place in reversed(range(NUMBER_BITS + CHECK_BITS))]
    return np.where(np.array([1, 0, *bits, 0, 1], bool), WHITE, BLACK).astype(np.uint8)


def stamp(image: np.ndarray, number: int) -> None:
    """Write the number into the upper edge of a picture of full size."""
    image[:BLOCK] = np.repeat(strip(number), BLOCK)[None, :, None]


def stamped(image: np.ndarray) -> int | None:
    """Return the number in a picture of any size; None if there is none that can be trusted."""
    return _number_in(image[int(image.shape[0] * BLOCK / HEIGHT / 2)])


def stamped_everywhere(image: np.ndarray) -> set[int | None]:
    """Return the numbers in all rows of blocks of a picture that has nothing else, of any size."""
    rows = HEIGHT // BLOCK
    return {_number_in(image[int((row + 0.5) * image.shape[0] / rows)]) for row in range(rows)}


def _number_in(line: np.ndarray) -> int | None:
    width = line.shape[0]
    places = ((np.arange(BLOCKS) + 0.5) * width / BLOCKS).astype(int)
    bright = line[places].reshape(BLOCKS, -1)[:, :3].mean(axis=1) > (WHITE + BLACK) / 2
    if not (bright[0] and bright[-1]) or bright[1] or bright[-2]:
        return None
    value = int("".join("1" if bit else "0" for bit in bright[2:-2]), 2)
    number = value >> CHECK_BITS
    return number if value & 0xFF == check_of(number) else None


def turn_of(number: int) -> int:
    """Which picture of the sequence has this number: there and back, so that no two neighbours differ by a jump."""
    place = number % (2 * COUNT - 2)
    return place if place < COUNT else 2 * COUNT - 2 - place


def cache() -> Path:
    """Where pictures and environments are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "lorgnette" / "benchmarks"


def prepare(directory: Path) -> Path:
    """Render the sequence with the demonstration's renderer, if it is not there yet; return its file."""
    path = directory / f"flight_{WIDTH}x{HEIGHT}_{COUNT}.npy"
    if path.exists():
        return path
    from lorgnette.demo.renderer import Scene

    directory.mkdir(parents=True, exist_ok=True)
    scene = Scene(WIDTH, HEIGHT)
    pictures = np.empty((COUNT, HEIGHT, WIDTH, 3), np.uint8)
    for turn in range(COUNT):
        scene.load(turn * LIFE_S)
        pictures[turn] = scene.draw(turn * LIFE_S)
    with tempfile.NamedTemporaryFile(dir=directory, suffix=".npy", delete=False) as file:
        np.save(file, pictures)
    Path(file.name).replace(path)
    return path


class Sequence:
    """The pictures in memory, each drawn and stamped into a buffer when it is asked for.

    Args:
        path: of the file that `prepare` made.
        buffers: how many go round; a picture stays whole until so many others were asked for.
    """

    def __init__(self, path: Path, buffers: int = 8) -> None:
        self._pictures = np.load(path)
        self._buffers = np.empty((buffers, HEIGHT, WIDTH, 3), np.uint8)

    def original(self, number: int) -> np.ndarray:
        """The picture with a number, without the number."""
        return self._pictures[turn_of(number)]

    def picture(self, number: int) -> np.ndarray:
        """The picture with a number, stamped."""
        image = self._buffers[number % len(self._buffers)]
        np.copyto(image, self._pictures[turn_of(number)])
        stamp(image, number)
        return image


class Times:
    """When each picture was published, in Unix milliseconds: written by the program, read by whoever measures.

    Args:
        path: of the file, made if it is not there.
        numbers: for how many pictures.
    """

    def __init__(self, path: Path, numbers: int = 1 << 16) -> None:
        if not path.exists():
            path.write_bytes(bytes(8 * numbers))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)
        self.ms = np.frombuffer(self._memory, np.float64)

    def note(self, number: int) -> None:
        """Picture `number` is published now."""
        self.ms[number % len(self.ms)] = time.time_ns() / 1e6

    def newest(self) -> int:
        """The number of the last picture that was published."""
        return int(np.argmax(self.ms))


def luminance(image: np.ndarray) -> np.ndarray:
    """Brightness as BT.601 has it, 0 to 255, without the strip with the number."""
    return (image[BLOCK:, :, :3] @ np.array([0.299, 0.587, 0.114])).astype(np.float64)


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Mean structural similarity (SSIM) of the brightness of two pictures of full size, 1 for equal ones.

    After Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, "Image quality assessment: from error visibility to
    structural similarity", IEEE Transactions on Image Processing 13(4), 2004: an 11 x 11 Gaussian window of 1.5 pixels,
    K1 = 0.01, K2 = 0.03, L = 255, the mean over all places where the window lies inside; no reduction beforehand.

    Raises:
        ValueError: they differ in size.
    """
    if one.shape[:2] != other.shape[:2]:
        raise ValueError(f"Pictures of {one.shape[:2]} and {other.shape[:2]} cannot be compared; enlarge one first.")
    x, y = luminance(one), luminance(other)
    offsets = np.arange(-5, 6)
    window = np.exp(-(offsets**2) / (2 * 1.5**2))
    window /= window.sum()

    def blurred(values: np.ndarray) -> np.ndarray:
        for axis in (0, 1):
            values = np.moveaxis(values, axis, -1)
            length = values.shape[-1] - len(window) + 1
            values = sum(weight * values[..., start : start + length] for start, weight in enumerate(window))
            values = np.moveaxis(values, -1, axis)
        return values

    mean_x, mean_y = blurred(x), blurred(y)
    variance_x = blurred(x * x) - mean_x**2
    variance_y = blurred(y * y) - mean_y**2
    covariance = blurred(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    quality = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    quality /= (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    return float(quality.mean())
