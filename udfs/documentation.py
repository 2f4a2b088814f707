"""The README's table of functions, made from the declarations.

``python -m udfs.documentation README.md`` writes it between its two markers.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from udfs import DECLARED
from udfs.declaration import Declaration, Example

__all__ = ["as_typed", "functions_table", "markdown", "with_functions"]

BEGIN = "<!-- functions: made by `python -m udfs.documentation README.md` -->"
END = "<!-- end of functions -->"


def markdown() -> str:
    """Return a table for each subject: the call, what it gives, an example."""
    parts = []
    for subject, declared in groupby(DECLARED.values(), key=lambda d: d.subject):
        rows = [f"| `{d.syntax}` | {_cell(d.help)} | {_cell(_example(d))} |" for d in declared]
        parts.append(
            "\n".join(
                [
                    f"**{subject}**",
                    "",
                    "| function | gives | example |",
                    "| --- | --- | --- |",
                    *rows,
                ]
            )
        )
    return "\n\n".join(parts)


def as_typed(declared: Declaration, example: Example) -> str:
    """Return an example as a person types it into a cell.

    >>> as_typed(DECLARED["AVERAGE_ENTRY"], DECLARED["AVERAGE_ENTRY"].examples[0])
    '=AVERAGE_ENTRY({1000;2000}, {5000;6000})'
    """
    return f"={declared.name}({', '.join(_argument(a) for a in example.arguments)})"


def functions_table() -> list[list[str]]:
    """Return a row for each function, header first: how it is called, what it gives, an example."""
    header = ["function", "gives", "example", "subject"]
    return [
        header,
        *(
            [d.syntax, d.help, as_typed(d, d.examples[0]) if d.examples else "", d.subject]
            for d in DECLARED.values()
        ),
    ]


def with_functions(readme: str) -> str:
    """Return a README's text with the tables between the markers made anew."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{markdown()}\n\n{END}{after}"


def _example(declared: Declaration) -> str:
    if not declared.examples:
        return ""
    example = declared.examples[0]
    if isinstance(example.result, str | list):
        return f"`{as_typed(declared, example)}`"
    return f"`{as_typed(declared, example)}` is {example.result:.15g}"


def _argument(value: object) -> str:
    if isinstance(value, list):
        return "{" + ";".join(",".join(_argument(cell) for cell in row) for row in value) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value:.15g}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the tables into the file that is named."""
    path = Path(sys.argv[1])
    path.write_text(with_functions(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
