"""`python -m tests.platform.authorisation`: add what nobody has decided on yet, with question marks."""

import os
import sys
from pathlib import Path

import pytest

os.environ["AUTHORISATION_ADD"] = "1"
tests = Path(__file__).resolve().parent.parent / "test_authorisation.py"
sys.exit(pytest.main(["-q", "-p", "no:xdist", f"{tests}::test_add_what_is_missing"]))
