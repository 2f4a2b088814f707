"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# run in processes of their own, where pywin32 is a stub: importing them here would install it
collect_ignore_glob = ["*/run_*.py", "*/pywin32_stub.py"]

# the same examples on every run of CI; new ones each time at a developer's desk
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
