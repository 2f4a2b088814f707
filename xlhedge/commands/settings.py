"""``xlhedge settings``: show the settings, or change one.

``xlhedge settings`` lists them, ``xlhedge settings max_age_minutes 30`` sets one, and
``--reset`` takes it back to its default. Excel follows a change at its next calculation.
"""

from __future__ import annotations

import argparse
import json
import os

from xlhedge.commands._printing import show_table
from xlhedge.errors import HedgeError
from xlhedge.settings import SETTINGS, setting
from xlhedge.store import Store, home_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", nargs="?", help=f"one of {', '.join(SETTINGS)}")
    parser.add_argument("value", nargs="?", help="its new value")
    parser.add_argument("--reset", action="store_true", help="take the setting to its default")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Change a setting if a value is given; show the setting, or all of them."""
    chosen = setting(args.name) if args.name else None
    store = Store(home_folder(os.environ))
    if args.reset:
        if chosen is None or args.value is not None:
            raise HedgeError("--reset wants the name of one setting and no value")
        store.save_setting(chosen.name, None)
    elif args.value is not None:
        number = chosen.checked(args.value)
        store.save_setting(chosen.name, f"{number:.15g}")
    stored = store.look()[1]
    listed = [chosen] if chosen else list(SETTINGS.values())
    values = {s.name: s.value(stored, os.environ) for s in listed}
    if args.json:
        print(json.dumps(values))
        return 0
    show_table(
        ("setting", "value", "unit", "default", "from", "what it does"),
        [
            [
                s.name,
                f"{values[s.name]:g}",
                s.unit,
                f"{s.default:g}",
                s.source(stored, os.environ),
                s.about,
            ]
            for s in listed
        ],
        right="value default",
    )
    return 0
