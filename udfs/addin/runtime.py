"""xlwings' own VBA module, with what runs on a computer decided by its user alone.

xlwings looks for its settings in the active workbook, in a file beside it, then in the user's
file, and puts the workbook's folder and the current one first among the places where Python looks
for modules. A workbook that came by mail could so name the program to run, or bring a module. Here
only the user's own file counts, and Python's own places.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files

from xlhedge.errors import WorkbookError

__all__ = ["MODULE", "PROJECT", "runtime_module"]

MODULE = "xlwings"
PROJECT = "xlhedge"  # the settings are in %USERPROFILE%\.xlhedge\xlhedge.conf

_SIGNATURE = (
    'Function GetConfig(configKey As String, Optional default As String = "", '
    'Optional source As String = "") As Variant\n'
)
_SETTINGS = """\
    ' Changed by xlhedge: the user's own file only. Neither a workbook nor a file beside it may
    ' choose what runs.
    Dim configValue As String
    GetConfig = default
    If FileExists(GetConfigFilePath()) = True Then
        If GetConfigFromFile(GetConfigFilePath(), configKey, configValue) Then
            GetConfig = configValue
        End If
    End If
    GetConfig = ExpandEnvironmentStrings(GetConfig)
End Function
"""

# the settings of a sheet; on a Mac they would need a class of their own
_FROM_SHEET = re.compile(
    r'^#If App = "Microsoft Excel" Then\nFunction GetConfigFromSheet.*?^End Function\n#End If\n',
    re.M | re.S,
)
_FOLDERS = re.compile(
    r'PYTHONPATH = AddExcelDir & ";" & \w+(?:\.FullName)? & ";" & \w+(?:\.FullName)? & ";" & .*$',
    re.M,
)
_NO_FOLDERS = (
    'PYTHONPATH = "false;;;;;" & IIf(GetConfig("PYTHONPATH") = "", "", ";" & GetConfig("PYTHONPATH"))'
    " ' Changed by xlhedge: no folder of a workbook"
)
_CURRENT_FOLDER = re.compile(r'" -B -c ""import')
_NO_CURRENT_FOLDER = '" -B -P -c ""import'
_EMBEDDED = re.compile(
    r"^    uses_embedded_code = False\n    For i = 1 To 2\n.*?^    Next i\n", re.M | re.S
)
_NOT_EMBEDDED = (
    "    uses_embedded_code = False ' Changed by xlhedge: no code from the sheets of a workbook\n"
)


def runtime_module(*, addin: bool) -> str:
    """Return the module's text: for an add-in, or for a workbook with a button of its own.

    Raises
    ------
    WorkbookError
        The installed xlwings is not the one whose module is known.
    """
    name = "xlwings_custom_addin.bas" if addin else "xlwings.bas"
    text = (files("xlwings") / name).read_text(encoding="utf-8").replace("\r\n", "\n")
    if f'XLWINGS_VERSION As String = "{version("xlwings")}"' not in text:
        raise WorkbookError(f"{name} is not of xlwings {version('xlwings')}; install xlwings again")
    text = _replaced(text, re.compile(r'(PROJECT_NAME As String = )"\w+"'), rf'\1"{PROJECT}"', 1)
    text = _replaced(
        text,
        re.compile(r"^Function GetConfig\(.*?^End Function\n", re.M | re.S),
        (_SIGNATURE + _SETTINGS).replace("\\", r"\\"),
        1,
    )
    text = _replaced(text, _FROM_SHEET, "", 1)
    text = _replaced(text, _FOLDERS, _NO_FOLDERS, 3)
    text = _replaced(text, _CURRENT_FOLDER, _NO_CURRENT_FOLDER, 2)
    text = _replaced(text, _EMBEDDED, _NOT_EMBEDDED, 1)
    head, rest = text.split("\n", 1)
    return f"{head}\nOption Private Module\n{rest}"


def _replaced(text: str, pattern: re.Pattern[str], by: str, times: int) -> str:
    changed, count = pattern.subn(by, text)
    if count != times:
        raise WorkbookError(
            f"xlwings {version('xlwings')} has another VBA module than expected; "
            "install the version that xlhedge names"
        )
    return changed
