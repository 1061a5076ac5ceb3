"""A country to measure with: the real schools of a register, and needs and offers drawn by chance on top of them.

`drawing` draws them from a register's rows and a seed, as plain columns that the measures take as they are; `writing` puts them
into the tables, every one of them saying that it is generated. Nothing of it belongs to the demo area.
"""

from marketplace.demo_area.national.drawing import Drawn, draw, read_schools
from marketplace.demo_area.national.writing import LABEL, write_country

__all__ = ["LABEL", "Drawn", "draw", "read_schools", "write_country"]
