"""Distrust: a quote that cannot be true is refused with a sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.quote_examples import NOW, a_quote
from xlhedge.errors import BadReply
from xlhedge.plausibility import refuse_implausible

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        # what is wrong, what the refusal says
        ({"mark": -1.0}, "mark is -1.0"),
        ({"index": 0.0}, "index is 0.0"),
        ({"mark": float("nan")}, "mark is nan"),
        ({"mark": float("inf")}, "mark is inf"),
        ({"contract_size": 0.0}, "contract_size"),
        ({"mark": 60001.0}, "from index"),
        ({"mark": 39999.0}, "from index"),
        ({"funding_rate": 0.0401}, "outside"),
        ({"funding_rate": -0.0401}, "outside"),
        ({"funding_rate": float("nan")}, "outside"),
        ({"funding_rate": 0.01, "funding_cap": 0.00375, "funding_floor": -0.00375}, "outside"),
        ({"interval_hours": 0.0}, "interval"),
        ({"interval_hours": 480.0}, "interval"),
        ({"time": NOW + timedelta(seconds=61)}, "future"),
        ({"time": NOW - HOUR - timedelta(seconds=1)}, "minutes old"),
        ({"interval_hours": 1.0}, "more than the interval"),
        ({"next_funding": NOW - HOUR}, "in the past"),
        ({"contract_size": 10.0}, "face value changed from 100 .* to 10"),
        ({"size_unit": "base"}, "face value changed"),
    ],
)
def test_refused(changes: dict[str, Any], sentence: str) -> None:
    """Each of these is refused, in a sentence that names the figure."""
    with pytest.raises(BadReply, match=sentence):
        refuse_implausible(a_quote(**changes), now=NOW, last=a_quote())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mark": 59999.0},
        {"funding_rate": 0.04},
        {"funding_rate": -0.00375, "funding_cap": 0.00375, "funding_floor": -0.00375},
        {"time": NOW + timedelta(seconds=60)},
        {"time": NOW - HOUR},
        {"next_funding": None},
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    """What is unusual but possible passes."""
    refuse_implausible(a_quote(**changes), now=NOW, last=a_quote())


def test_a_new_size_passes_when_the_user_accepts_it() -> None:
    """A changed face value passes only with the user's word."""
    refuse_implausible(a_quote(contract_size=10.0), now=NOW, last=a_quote(), accept_new_sizes=True)
