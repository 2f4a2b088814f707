"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from udfs.addin.build import ribbon
from udfs.addin.install import WindowsUser
from xlhedge import venues
from xlhedge.cli import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"
INSTALL, FOR_IT, ELSEWHERE = (
    (DOCS / name).read_text(encoding="utf-8")
    for name in ("install.md", "for-it.md", "elsewhere.md")
)


def test_hosts_for_it_are_those_of_the_venues():
    """Every host that can be contacted is listed, and no other."""
    listed = re.search(r"<!-- hosts.*?-->\n(.*?)\n<!-- end", FOR_IT, re.S).group(1)
    known = [
        f"* {venues.venue(name).title}: "
        + ", ".join(f"`{host}`" for host in venues.venue(name).hosts)
        for name in venues.names()
    ]
    assert listed.split("\n") == known


def test_buttons_in_the_documents_are_those_of_the_ribbon():
    """The table of buttons has each label once, in the ribbon's order or its own."""
    labels = {
        button.get("label") for button in etree.fromstring(ribbon("1").encode()).iter("{*}button")
    }
    table = INSTALL.split("| button |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| ([A-Z][\w ]+) \|", table, re.M)) == labels


def test_files_in_the_documents_are_those_that_are_written():
    """The places that people are told to look at are where the installation writes."""
    user = WindowsUser(Path("%USERPROFILE%"), Path("%APPDATA%"), {})
    for path in (user.addin, user.settings, user.record):
        assert str(path).replace("/", "\\") in FOR_IT


@pytest.mark.parametrize("text", [INSTALL, FOR_IT, ELSEWHERE])
def test_commands_in_the_documents_exist(text):
    """Whatever a reader is told to type is a command."""
    typed = re.findall(r"(?:`xlhedge|xlhedge\.cli) ([a-z]+)", text)
    assert typed
    assert set(typed) <= set(COMMANDS)


def test_installing_takes_five_steps():
    """As promised to people who are not programmers."""
    assert re.findall(r"^(\d)\. \*\*", INSTALL, re.M) == list("12345")
