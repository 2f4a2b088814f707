"""The add-in as files: its VBA made from the declarations, its ribbon, its place in a user's folder.

::

    xlhedge_functions   a stub for each worksheet function        stubs.py
    xlhedge_help        the wizard's texts, set when Excel loads  stubs.py
    xlhedge_calls       one way to Python, error values           vba/calls.bas
    xlhedge_ribbon      the buttons                               vba/ribbon.bas, ribbon.xml
    xlwings             RunPython and the Python server           runtime.py, from the xlwings package

``build.py`` puts them into files, the same bytes from the same input; ``install.py`` puts the
add-in where Excel loads it. What happens to a workbook that used the functions: ``links.py``
repairs the path of an add-in from another computer, ``share.py`` makes a copy that needs none.
"""
