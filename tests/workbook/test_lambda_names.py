"""LAMBDA names: an engine that knows them gives what the functions give."""

from __future__ import annotations

import random
from pathlib import Path

import ironcalc
import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

import udfs
from tests.workbook.reading import same
from udfs.addin.lambda_names import LIMIT, lambda_names
from udfs.declaration import DECLARED

NAMES = lambda_names()
WORDS = {"side": ["short", "LONG", " buy "], "currency": ["coin", "USD"],
         "size_unit": ["quote", "base"], "rounding": ["nearest"],
         "contract_type": ["inverse"]}  # fmt: skip
SMALL = {"funding_rate", "maintenance_rate", "open_fee", "close_fee", "maintenance_amount",
         "protected_move"}  # fmt: skip


def calls(name: str, count: int = 12) -> list[list[object]]:
    """Return arguments of some calls, the examples of the documentation among them."""
    draw = random.Random(name)
    found = [list(example.arguments) for example in DECLARED[name].examples]
    for _ in range(count):
        arguments: list[object] = []
        for argument in DECLARED[name].arguments:
            if not argument.required and draw.random() < 0.25:
                break
            if argument.name in WORDS:
                arguments.append(draw.choice(WORDS[argument.name]))
            elif argument.name in SMALL:
                arguments.append(draw.choice([0, 0.0005, 0.01]))
            elif draw.random() < 0.06:
                arguments.append(draw.choice([0, -1, "text"]))
            else:
                arguments.append(round(draw.uniform(0.5, 90_000), 2))
        found.append(arguments)
    return found


def test_every_name_fits_and_is_a_function_of_ours() -> None:
    """Names are those of the functions, at most 8,000 characters, and most functions have one."""
    assert set(NAMES) <= set(DECLARED)
    assert max(map(len, NAMES.values())) <= LIMIT
    assert len(NAMES) >= 20


@pytest.mark.parametrize("name", NAMES)
def test_ironcalc_gives_what_the_function_gives(name: str, tmp_path: Path) -> None:
    """Drawn calls, with words, optional arguments left out, and values outside the domain."""
    book = openpyxl.Workbook()
    book.defined_names[name] = DefinedName(name, attr_text=NAMES[name])
    drawn = calls(name)
    for row, arguments in enumerate(drawn, 1):
        texts = [f'"{a}"' if isinstance(a, str) else repr(a) for a in arguments]
        book.active.cell(row, 1).value = f"={name}({','.join(texts)})"
    path = tmp_path / "book.xlsx"
    book.save(path)
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    for row, arguments in enumerate(drawn, 1):
        shown = model.get_cell_value(0, row, 1)
        wanted = getattr(udfs, name)(*arguments)
        if isinstance(wanted, str):
            assert isinstance(shown, str) or shown is None, (arguments, shown, wanted)
            continue
        assert same(shown, wanted, 1e-9), (arguments, shown, wanted)
