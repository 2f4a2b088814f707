"""Settings: their limits, where a value comes from, and the command that changes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xlhedge.cli import main
from xlhedge.errors import DomainError, UnknownWordError, WrongTypeError
from xlhedge.live import open_live
from xlhedge.settings import MAX_AGE, MINIMUM_REFRESH, SETTINGS, setting
from xlhedge.store import Store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XLHEDGE_HOME", str(tmp_path))
    for known in SETTINGS.values():
        monkeypatch.delenv(known.variable, raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("soon", WrongTypeError),
        ("", WrongTypeError),
        ("0", DomainError),
        ("-1", DomainError),
        ("nan", DomainError),
        ("inf", DomainError),
        ("1441", DomainError),
    ],
)
def test_an_age_limit_is_above_0_and_a_day_at_most(text: str, error: type[Exception]) -> None:
    """What is no age limit is refused with the setting's name and range."""
    with pytest.raises(error, match=r"max_age_minutes is .*minutes, as a number above 0 to 1440"):
        MAX_AGE.checked(text)


def test_limits_themselves_are_allowed() -> None:
    """A day is the longest age; refreshes may follow each other at once."""
    assert MAX_AGE.checked("1440") == 1440
    assert MINIMUM_REFRESH.checked("0") == 0


def test_the_environment_comes_before_the_store() -> None:
    """A value comes from the environment, else from the store, else it is the default."""
    stored, environ = {"max_age_minutes": "30"}, {"XLHEDGE_MAX_AGE_MINUTES": "7"}
    assert MAX_AGE.value(stored, environ) == 7
    assert MAX_AGE.value(stored, {}) == 30
    assert MAX_AGE.value({}, {"XLHEDGE_MAX_AGE_MINUTES": ""}) == 60
    with pytest.raises(DomainError, match="setting max_age_minutes"):
        MAX_AGE.value({"max_age_minutes": "-3"}, {})


def test_names_are_found_as_people_write_them() -> None:
    """Case and hyphens do not matter; an unknown name lists the known ones."""
    assert setting(" Max-Age-Minutes ") is MAX_AGE
    with pytest.raises(UnknownWordError, match="max_age_minutes, minimum_refresh_seconds"):
        setting("max_age")


def test_the_command_sets_shows_and_resets(home: Path, capsys: pytest.CaptureFixture) -> None:
    """What the command sets is what live quotes use, until it is reset."""
    assert main(["settings", "max_age_minutes", "30"]) == 0
    assert " 30  minutes       60  set " in capsys.readouterr().out
    assert open_live({"XLHEDGE_HOME": str(home)}).max_age.total_seconds() == 1800
    assert main(["settings", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "max_age_minutes": 30,
        "minimum_refresh_seconds": 10,
    }
    assert main(["settings", "max_age_minutes", "--reset"]) == 0
    assert Store(home).setting("max_age_minutes") is None


@pytest.mark.parametrize(
    "words",
    [
        ["max_age_minutes", "never"],
        ["max_age_minutes", "99999"],
        ["colour", "red"],
        ["--reset"],
        ["max_age_minutes", "5", "--reset"],
    ],
)
def test_a_wrong_setting_changes_nothing(
    words: list[str], home: Path, capsys: pytest.CaptureFixture
) -> None:
    """A wrong name or value is one sentence on the error output; nothing is stored."""
    assert main(["settings", *words]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("xlhedge: ")
    assert not home.joinpath("quotes.sqlite").exists()
