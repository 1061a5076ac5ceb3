"""Comparing an area with others: indicators defined once, worked out from what is told to everybody, given away and taken in as files."""
