"""Stored values, LibreOffice, ironcalc and the Python engine give the same numbers."""

from __future__ import annotations

import os
from pathlib import Path

import ironcalc
import pytest

from tests.workbook import cases, office
from tests.workbook.reading import Shown, differences, same
from xlhedge.workbook import new_workbook

# XLHEDGE_RANDOM_WORKBOOKS=500 runs the long form of the random test
COUNT = int(os.environ.get("XLHEDGE_RANDOM_WORKBOOKS", "12"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[cases.Case, Path]]:
    """Return random cases, each written to a workbook of its own."""
    folder = tmp_path_factory.mktemp("random")
    found = {}
    seed = 0
    while len(found) < COUNT:
        seed += 1
        case = cases.random_case(seed)
        if cases.on_an_edge(case):
            continue
        path = folder / f"case{seed}.xlsx"
        new_workbook(path, inputs=case.inputs, quotes=[case.quote], clock=cases.clock)
        found[seed] = (case, path)
    return found


def worth(case: cases.Case) -> float:
    """Return the size of the money in a case: what zero crossings are measured against."""
    price = case.inputs["in_entry_price"] or case.quote.index
    coins = case.inputs["in_quantity"] + (case.inputs["in_extra_margin"] or 0)
    return coins * price


def test_stored_values_are_the_engines(written: dict[int, tuple[cases.Case, Path]]) -> None:
    """Over random inputs every result cell in the file equals the Python engine within 1e-9."""
    wrong = {
        seed: differences(Shown(path), cases.expected(case), worth(case))[:3]
        for seed, (case, path) in written.items()
    }
    assert not {seed: found for seed, found in wrong.items() if found}


@pytest.fixture(scope="module")
def anew(
    written: dict[int, tuple[cases.Case, Path]], tmp_path_factory: pytest.TempPathFactory
) -> dict[int, Shown]:
    """Return the same workbooks as LibreOffice computes them, without our stored values."""
    some = list(written)[: max(5, COUNT // 5)] if COUNT < 100 else list(written)
    books = [written[seed][1] for seed in some]
    copies = office.recalculated(books, tmp_path_factory.mktemp("office"))
    return {seed: Shown(copy) for seed, copy in zip(some, copies, strict=True)}


def test_libreoffice_gives_the_stored_values(
    written: dict[int, tuple[cases.Case, Path]], anew: dict[int, Shown]
) -> None:
    """LibreOffice, computing every formula anew, shows what is stored in every cell."""
    wrong = {}
    for seed, computed in anew.items():
        case, path = written[seed]
        size, cells = worth(case), computed.cells()
        off = [
            (at, value, cells.get(at))
            for at, value in Shown(path).cells().items()
            if not same(cells.get(at), value, size if isinstance(value, (int, float)) else 0)
        ]
        if off:
            wrong[seed] = off[:3]
    assert not wrong


def test_libreoffice_gives_the_engines_results(
    written: dict[int, tuple[cases.Case, Path]], anew: dict[int, Shown]
) -> None:
    """What LibreOffice computes equals the Python engine within 1e-9."""
    for seed, computed in anew.items():
        case, _ = written[seed]
        assert not differences(computed, cases.expected(case), worth(case))


def test_ironcalc_gives_the_stored_values(
    written: dict[int, tuple[cases.Case, Path]],
) -> None:
    """A second engine agrees with the stored value of every formula."""
    for case, path in list(written.values())[: COUNT if COUNT >= 100 else 3]:
        model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        model.evaluate()
        shown = Shown(path)
        for number, sheet in enumerate(shown.book.worksheets):
            for row in sheet.iter_rows():
                for cell in row:
                    if not isinstance(cell.value, float):
                        continue
                    value = model.get_cell_value(number, cell.row, cell.column)
                    assert same(value, cell.value, worth(case)), (path, cell.coordinate)
