"""Tests of reading numbers where they lie in a file: any plane and step, and files that are cut off meanwhile."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data_sources.images import mapped
from data_sources.images.mapped import ALL, Mapped
from data_sources.images.stamp import Held

HOME = Path(__file__).parents[2]
CUBE = np.random.default_rng(1).integers(-30_000, 30_000, (3, 41, 1100, 5)).astype(">i2")
AREAS = (((0, 41), (0, 1100), 1), ((3, 40), (1, 1099), 3), ((40, 41), (1099, 1100), 1), ((0, 41), (7, 8), 7))


@pytest.fixture(params=[True, False], ids=["copied", "by position"])
def _way(request, monkeypatch):
    monkeypatch.setattr(mapped, "CAN_COPY", request.param and mapped.CAN_COPY)


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("bottom_up", [True, False])
@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("pick", [(2, ALL, ALL, 3), (ALL, ALL, 77, 0), (1, 40, ALL, ALL), (ALL, 0, ALL, 4)])
def test_any_plane_is_what_numpy_finds(pick, area, bottom_up, tmp_path):
    path = tmp_path / "a.raw"
    path.write_bytes(b"x" * 4099 + CUBE.tobytes())  # nothing is aligned
    plane = CUBE[pick][::-1] if bottom_up else CUBE[pick]
    rows, columns = (
        (min(span[0], size - 1), min(span[1], size)) for span, size in zip(area[:2], plane.shape, strict=True)
    )
    array = Mapped(Held(path), 4099, CUBE.shape, CUBE.dtype, bottom_up=bottom_up)
    found = array.read(pick, rows, columns, area[2])
    assert np.array_equal(found, plane[slice(*rows, area[2]), slice(*columns, area[2])])
    assert found.dtype == np.dtype("=i2")
    assert found.flags.writeable


CUT = """
import os, sys
import numpy as np
from pathlib import Path
from data_sources.images.mapped import ALL, Mapped
from data_sources.images.stamp import Held, ImageFileError

class Cut(Held):
    now = False
    def check(self, end):
        super().check(end)
        if self.now:  # somebody copies another file over this one, just after its size was looked at
            os.truncate(self.path, 100_000)

path = Path(sys.argv[1])
for columns, step in ((100, 1), (100, 7), (4000, 1), (4000, 1500)):
    path.write_bytes(bytes(4 * 4000 * 500))
    file = Cut(path)
    array = Mapped(file, 0, (500, 4000), np.dtype(">f4"), bottom_up=True)
    file.now = True
    for _ in range(2):
        try:
            array.read((ALL, ALL), (0, 100), (0, columns), step).sum()
        except ImageFileError as error:
            said = error.what
    assert "cut off" in said, said
print("alive")
"""


def test_a_file_that_is_cut_off_while_it_is_read_does_not_end_the_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CUT, str(tmp_path / "a.raw")], cwd=HOME, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr
