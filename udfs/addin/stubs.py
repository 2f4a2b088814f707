"""VBA text from the declarations: a stub for each worksheet function, and the wizard's help."""

from __future__ import annotations

from collections.abc import Iterable

from udfs.declaration import CATEGORY, HELP_LIMIT, Argument, Declaration

__all__ = ["FUNCTIONS", "HELP", "functions_module", "help_module", "parameter"]

FUNCTIONS, HELP = "xlhedge_functions", "xlhedge_help"  # names of the modules
LINE_LIMIT = 1023  # characters of a line, and
CONTINUATIONS = 24  # continuations of a statement that the VBA editor takes

# Words that VBA keeps for itself and that an argument could be called
_RESERVED = frozenset(
    """
    abs access addressof alias and any append array as attribute base binary boolean byref byte
    byval call case cbool cbyte ccur cdate cdbl cdec cint circle clng clnglng clngptr close compare
    const csng cstr currency cvar cverr date debug decimal declare defbool deftype dim do doevents
    double each else elseif empty end endif enum eqv erase error event exit explicit false fix for
    friend function get global go gosub goto if imp implements in input inputb int integer is lbound
    len lenb let lib like line lock long longlong longptr loop lset me mid midb mod module name new
    next not nothing null object on open option optional or output paramarray preserve print private
    property pset public put raiseevent random randomize read redim rem reset resume return rset
    scale seek select set sgn shared single spc static step stop string sub tab text then time to
    true type typeof ubound unlock until variant vb_name wend while width with withevents write xor
    """.split()  # noqa: SIM905 - a list of 150 quoted words would say less
)


def parameter(argument: Argument) -> str:
    """Return an argument's name as VBA takes it.

    >>> parameter(Argument("currency", "", "Word", False, "coin"))
    'currency_'
    """
    return f"{argument.name}_" if argument.name.lower() in _RESERVED else argument.name


def functions_module(declared: Iterable[Declaration]) -> str:
    """Return the module with a stub for each function."""
    lines = [
        f'Attribute VB_Name = "{FUNCTIONS}"',
        "' Made from the declarations of the Python package udfs; change those, not this.",
        "Option Explicit",
    ]
    for function in declared:
        lines += ["", *_stub(function)]
    return _checked(lines)


def help_module(declared: Iterable[Declaration]) -> str:
    """Return the module that tells Excel's function wizard what each function and argument is."""
    declared = list(declared)
    lines = [
        f'Attribute VB_Name = "{HELP}"',
        "' Made from the declarations of the Python package udfs; change those, not this.",
        "Option Explicit",
        "Option Private Module",
        "",
        "Private registered As Boolean",
        "",
        "Public Sub RegisterHelp()",
        "    If registered Or ActiveWorkbook Is Nothing Then Exit Sub",
        "    On Error GoTo later",
        *(f"    Help_{function.name}" for function in declared),
        "    registered = True",
        "    ThisWorkbook.Saved = True",
        "later:",
        "End Sub",
        "",
        "Private Sub Register(ByVal functionName As String, ByVal help As String, "
        "Optional ByVal arguments As Variant)",
        "    Dim macro As String",
        '    macro = "\'" & ThisWorkbook.Name & "\'!" & functionName',
        "    If IsMissing(arguments) Then",
        f'        Application.MacroOptions Macro:=macro, Description:=help, Category:="{CATEGORY}"',
        "    Else",
        "        Application.MacroOptions Macro:=macro, Description:=help, "
        f'Category:="{CATEGORY}", ArgumentDescriptions:=arguments',
        "    End If",
        "End Sub",
    ]
    for function in declared:
        lines += ["", *_help(function)]
    return _checked(lines)


def _stub(function: Declaration) -> list[str]:
    names = [parameter(argument) for argument in function.arguments]
    given = [
        f"Optional {name}" if not argument.required else name
        for name, argument in zip(names, function.arguments, strict=True)
    ]
    return [
        f"Public Function {function.name}({', '.join(given)})",
        f'    {function.name} = Called("{function.name}", Array({", ".join(names)}))',
        "End Function",
    ]


def _help(function: Declaration) -> list[str]:
    lines = [f"Private Sub Help_{function.name}()"]
    call = f'    Register "{function.name}", {_quoted(function.help)}'
    texts = [_quoted(argument.help) for argument in function.arguments]
    if texts:
        lines.append(f"{call}, _")
        lines.append(f"        Array({texts[0]}{')' if len(texts) == 1 else ', _'}")
        for place, text in enumerate(texts[1:], 2):
            lines.append(f"            {text}{')' if place == len(texts) else ', _'}")
    else:
        lines.append(call)
    return [*lines, "End Sub"]


def _quoted(text: str) -> str:
    if len(text) > HELP_LIMIT or not text.isascii() or not text.isprintable():
        raise ValueError(f"not a text for the wizard: {text!r}")
    return '"' + text.replace('"', '""') + '"'


def _checked(lines: list[str]) -> str:
    run = 0
    for line in lines:
        if len(line) > LINE_LIMIT:
            raise ValueError(f"VBA takes lines of {LINE_LIMIT} characters: {line[:60]}...")
        run = run + 1 if line.endswith(" _") else 0
        if run > CONTINUATIONS:
            raise ValueError(f"VBA takes {CONTINUATIONS} continuations: {line[:60]}...")
    return "\n".join(lines) + "\n"
