"""Cases written by hand, worked out: JSON objects with a few numbers in, the same measures the area gets out.

A case is recognised by the fields it has, never by its name, and only its inputs are read: expected results that stand beside them
in the file are not looked at. `read` takes fields apart and says what is wrong with them, `shapes` works each shape out.
"""

from .shapes import worked_out

__all__ = ["worked_out"]
