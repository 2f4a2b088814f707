"""The wheel alone, in an empty folder, does the main job."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel and install it, and nothing else, into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    built = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    subprocess.run(built, check=True)
    (wheel,) = folder.glob("xlhedge-*.whl")
    target = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", target, wheel], check=True)
    return wheel, target


def _run(target: Path, where: Path, *code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", *code],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(target), "XLHEDGE_HOME": str(where / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel_holds_the_packages_the_template_and_the_snapshot(installed):
    """Nothing of the tests or of this checkout's tools is in it, and nothing is missing."""
    names = zipfile.ZipFile(installed[0]).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"xlhedge", "udfs"}
    assert {"xlhedge/data/hedge.xlsx", "xlhedge/data/snapshot.json"} <= set(names)


def test_wheel_fills_a_workbook_in_an_empty_folder(installed, tmp_path):
    """`xlhedge new` and a worksheet function work from what the wheel brought."""
    code = (
        "import sys, xlhedge.cli, udfs, xlhedge\n"
        "print(xlhedge.__file__, udfs.INVERSE_PNL(2500, 100, 50000, 40000))\n"
        "sys.exit(xlhedge.cli.main(['new', 'out.xlsx', '--offline']))"
    )
    output = _run(installed[1], tmp_path, code)
    where, pnl = output.splitlines()[0].rsplit(" ", 1)
    assert Path(where).is_relative_to(installed[1])
    assert pnl == "1.25"
    assert "SNAPSHOT" in output
    assert (tmp_path / "out.xlsx").stat().st_size > 10_000
