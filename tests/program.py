"""The program as tests start it, and the Python that its workers run in.

Both are the Python of the tests, unless ``WORKER_PYTHON`` names another: that of the tests then needs no torch.
"""

from __future__ import annotations

import os
import sys

PYTHON = os.environ.get("WORKER_PYTHON", sys.executable)
TUTOR = (sys.executable, "-m", "tutor", *(() if sys.executable == PYTHON else ("--python", PYTHON)))
