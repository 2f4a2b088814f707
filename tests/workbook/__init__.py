"""Tests of the scenario workbook and of the code that fills it."""
