"""LibreOffice opens the add-in and the macro workbook, and runs their VBA. Needs python3-uno.

``python3 run_office.py ADDIN BOOK PROFILE`` prints what was seen, as JSON. Runs by itself: the
Python that has ``uno`` is often the system's and has nothing else.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

ADDIN_FILTER = "Calc MS Excel 2007 VBA XML"  # LibreOffice does not know .xlam by itself
SHEET_FILTER = None

HEADER = "Rem Attribute VBA_ModuleType=VBAModule\nOption VBASupport 1\n"

# stands for xlwings' module: keeps the command instead of starting Python
RUN_PYTHON = (
    HEADER
    + """
Private asked As String
Public Function RunPython(PythonCommand As String)
    asked = PythonCommand
End Function
Public Function XLPy() As Object
    Err.Raise 1000, , "no Python here"
End Function
Public Function LastCommand() As String
    LastCommand = asked
End Function
"""
)

PROBE = (
    HEADER
    + """
Public Function Kind(x) As String
    If IsError(x) Then Kind = CStr(x) Else Kind = TypeName(x) & " " & CStr(x)
End Function
Public Function OfText(text As String) As String
    OfText = Kind(WithErrors(text))
End Function
Public Function OfNumber() As String
    OfNumber = Kind(WithErrors(1.5))
End Function
Public Function OfRow() As String
    Dim r, i
    r = WithErrors(Array("#N/A", 1.5, "#NUM!", "text", ""))
    For i = LBound(r) To UBound(r)
        OfRow = OfRow & "|" & Kind(r(i))
    Next i
End Function
Public Function OfBlock() As String
    Dim b(1, 2) As Variant, r, i, j
    b(0, 0) = "#VALUE!": b(0, 1) = 2.5: b(0, 2) = "#DIV/0!"
    b(1, 0) = "#REF!": b(1, 1) = "#NUM!": b(1, 2) = "x"
    r = WithErrors(b)
    For i = LBound(r, 1) To UBound(r, 1)
        For j = LBound(r, 2) To UBound(r, 2)
            OfBlock = OfBlock & "|" & Kind(r(i, j))
        Next j
    Next i
End Function
Public Function WithoutPython() As String
    WithoutPython = Kind(HEDGE_NOTIONAL(5, 50000))
End Function
Public Function OfPython(text As String) As String
    OfPython = PythonText(text)
End Function
"""
)


def setting(name, value):
    return PropertyValue(name, 0, value, 0)


def start(profile):
    pipe = f"xlhedge{time.time_ns()}"
    office = subprocess.Popen(
        [
            "soffice",
            "--headless",
            "--norestore",
            f"-env:UserInstallation={Path(profile).resolve().as_uri()}",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    manager = uno.getComponentContext().ServiceManager
    resolver = manager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(240):
        try:
            return office, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not start")


class Document:
    """An open document and its Basic library."""

    def __init__(self, desktop, path, filter_name=None):
        settings = [setting("Hidden", True), setting("MacroExecutionMode", 4)]
        if filter_name:
            settings.append(setting("FilterName", filter_name))
        self.it = desktop.loadComponentFromURL(
            Path(path).resolve().as_uri(), "_blank", 0, tuple(settings)
        )
        libraries = self.it.BasicLibraries
        self.name = next(n for n in libraries.ElementNames if n != "Standard")
        self.library = libraries.getByName(self.name)
        self.modules = list(self.library.ElementNames)

    def replace(self, name, text):
        if name in self.library.ElementNames:
            self.library.removeByName(name)
        self.library.insertByName(name, text)

    def call(self, macro, *arguments):
        address = f"vnd.sun.star.script:{self.name}.{macro}?language=Basic&location=document"
        return self.run(address, *arguments)

    def run(self, address, *arguments):
        return self.it.ScriptProvider.getScript(address).invoke(arguments, (), ())[0]


def buttons(sheet):
    """Return what a person sees of the buttons of a sheet, and what a click runs."""
    found = []
    forms = sheet.DrawPage.Forms
    for form in (forms.getByIndex(n) for n in range(forms.Count)):
        for place in range(form.Count):
            control = form.getByIndex(place)
            events = [e.ScriptCode for e in form.getScriptEvents(place)]
            found.append({"label": getattr(control, "Label", ""), "scripts": events})
    return found


def of_addin(desktop, path):
    document = Document(desktop, path, ADDIN_FILTER)
    seen = {"modules": document.modules, "sheets": list(document.it.Sheets.ElementNames)}
    document.replace("xlwings", RUN_PYTHON)
    document.replace("probe", PROBE)
    words = ("#VALUE!", "#NUM!", "#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "fine", "")
    seen["texts"] = {word: document.call("probe.OfText", word) for word in words}
    for name in ("OfNumber", "OfRow", "OfBlock", "WithoutPython"):
        seen[name] = document.call(f"probe.{name}")
    seen["python_text"] = document.call("probe.OfPython", "C:\\a b\\it's (1) €.xlsx")
    for name in ("RefreshFunding", "ShowFunctions", "CheckInstallation"):
        document.call(f"xlhedge_ribbon.{name}")
        seen[name] = document.call("xlwings.LastCommand")
    document.it.close(True)
    return seen


def of_book(desktop, path):
    document = Document(desktop, path)
    sheets = document.it.Sheets
    seen = {"modules": document.modules, "sheets": list(sheets.ElementNames)}
    first = sheets.getByIndex(0)
    seen["buttons"] = buttons(first)
    document.replace("xlwings", RUN_PYTHON)
    for button in seen["buttons"]:
        for script in button["scripts"]:
            document.run(script)
    seen["command"] = document.call("xlwings.LastCommand")
    document.it.close(True)
    return seen


def main():
    addin, book, profile = sys.argv[1:]
    office, context = start(profile)
    create = context.ServiceManager.createInstanceWithContext
    desktop = create("com.sun.star.frame.Desktop", context)
    try:
        print(json.dumps({"addin": of_addin(desktop, addin), "book": of_book(desktop, book)}))
    finally:
        try:
            desktop.terminate()
        except Exception:
            office.terminate()
        office.wait(60)


main()
