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
from udfs.addin.lambda_columns import COLUMNS
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
    live = {name for name, declared in DECLARED.items() if declared.subject == "Live quotes"}
    assert set(NAMES) == set(DECLARED) - live - {"HEDGE_ERRORS"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(COLUMNS)))
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


def column(draw: random.Random, rows: int, low: float, high: float, odd: bool) -> list[object]:
    """Return a column of numbers; an odd one may hold an empty cell, a text or a number below 0."""
    cells: list[object] = [round(draw.uniform(low, high), 4) for _ in range(rows)]
    if odd and draw.random() < 0.5:
        cells[draw.randrange(rows)] = draw.choice([None, "text", -5])
    return cells


def drawn_columns(name: str, draw: random.Random, odd: bool) -> list[object]:
    """Return arguments of one call; columns as lists."""
    rows = draw.choice([1, 2, 3, 6])
    price = (40_000, 60_000)
    if name == "AVERAGE_ENTRY":
        kind = draw.choice([[], ["linear"], ["Inverse"], ["other"]])
        return [column(draw, rows, 0, 9000, odd), column(draw, rows, *price, odd), *kind]
    if name == "FUNDING_ACCRUED":
        held = draw.choice([2500, column(draw, rows, 0, 9000, odd)])
        more = draw.choice([[], ["long"], ["short", "usd"], ["short", "coin"], ["up"]])
        return [held, draw.choice([100, 10.5]), column(draw, rows, -0.001, 0.001, odd),
                column(draw, rows, *price, odd), *more]  # fmt: skip
    if name in ("HEDGE_BETA", "HEDGE_EFFECTIVENESS"):
        kind = draw.choice([[], ["prices"], ["returns"], ["none"]])
        low, high = (-0.1, 0.1) if kind == ["returns"] else price
        one, two = column(draw, rows, low, high, odd), column(draw, rows, low, high, odd)
        if odd and draw.random() < 0.3:
            two = [7.0] * rows
        return [one, two, *kind]
    if name == "HEDGE_SCENARIO":
        exits = [*column(draw, rows, 15_000, 120_000, odd), 50_000.0, 50_000.02, 49_000.0]
        choices = [[1, 2, 5.5], [0, 0.005], [0, 0.0001, -0.0003], [8, 1, 4], [0, 30, 7.5],
                   [0, 0.0005], [0, 0.0005]]  # fmt: skip
        terms = [draw.choice(values) for values in choices[: draw.randint(0, 7)]]
        return [draw.choice([5, 0.3]), 50_000, draw.choice([2500, 0]), 100, exits, *terms]
    prices = draw.choice([[], [50_500, 50_000], [49_500, 50_000], [50_500], [-1, 50_000]])
    rate = draw.choice([0.0001, -0.00025013, 0, 0.0123456])
    return [rate, draw.choice([8, 1, 0, 4]), draw.choice([30, 7.5, 90]), *prices]


@pytest.mark.parametrize("name", COLUMNS)
def test_ironcalc_gives_columns_what_the_function_gives(name: str, tmp_path: Path) -> None:
    """Drawn columns in cells, with gaps, texts and values out of range; tables cell by cell."""
    draw = random.Random(name)
    drawn = [drawn_columns(name, draw, odd=n % 3 == 2) for n in range(45)]
    book = openpyxl.Workbook()
    book.defined_names[name] = DefinedName(name, attr_text=NAMES[name])
    sheet, wanted = book.active, {}
    for number, arguments in enumerate(drawn):
        texts, given, top = [], [], 12 * number + 1
        for place, argument in enumerate(arguments, 30):
            if not isinstance(argument, list):
                texts.append(f'"{argument}"' if isinstance(argument, str) else repr(argument))
                given.append(argument)
                continue
            for row, value in enumerate(argument, top):
                sheet.cell(row, place).value = value
            letter = openpyxl.utils.get_column_letter(place)
            texts.append(f"{letter}{top}:{letter}{top + len(argument) - 1}")
            given.append([[value] for value in argument])
        call = f"{name}({','.join(texts)})"
        result = getattr(udfs, name)(*given)
        table = result if isinstance(result, list) else [[result]]
        for row, values in enumerate(table, 1):
            for at, value in enumerate(values, 1):
                text = f"=INDEX({call},{row},{at})" if isinstance(result, list) else f"={call}"
                sheet.cell(top + row - 1, at).value = text
                wanted[top + row - 1, at] = (call, value, arguments)
    path = tmp_path / "book.xlsx"
    book.save(path)
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    for (row, at), (call, value, arguments) in wanted.items():
        shown = model.get_cell_value(0, row, at)
        value = "" if value is None else value
        if isinstance(value, str) and value.startswith("#"):
            assert isinstance(shown, str), (call, arguments, shown, value)
            continue
        scale = 300_000.0 if name == "HEDGE_SCENARIO" and at > 2 else 0.0
        assert same(shown, value, scale), (call, arguments, shown, value)
    errors = sum(isinstance(value, str) for _, value, _ in wanted.values())
    assert errors < len(wanted) or name == "HEDGE_ADVICE"
