"""The README shows every picture that is drawn for it, and its links lead to files."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)#:]+)\)")


def test_every_picture_is_shown() -> None:
    """The pictures of sheets Hedge and Scenarios are in the README, and no other file is left."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = {target for mark, target in LINK.findall(text) if mark}
    drawn = {f"docs/images/{path.name}" for path in (ROOT / "docs" / "images").iterdir()}
    assert shown == drawn == {"docs/images/hedge.png", "docs/images/scenarios.png"}


def test_links_lead_to_files() -> None:
    """Each relative link of the README and of the documents leads to a file that is there."""
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        targets = [target for _, target in LINK.findall(page.read_text(encoding="utf-8"))]
        assert [t for t in targets if not (page.parent / t).exists()] == [], page.name
