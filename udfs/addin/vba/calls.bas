Attribute VB_Name = "xlhedge_calls"
' One way from a cell to Python and back, for every worksheet function.
'
' Cells go as values: a currency format would cut a price to 4 decimals, and Python would get a
' blank for an error value. Results come back with texts such as "#NUM!" made true error values.
Option Explicit
Option Private Module

Private Const ERR_NULL As Long = 2000
Private Const ERR_DIV0 As Long = 2007
Private Const ERR_VALUE As Long = 2015
Private Const ERR_REF As Long = 2023
Private Const ERR_NAME As Long = 2029
Private Const ERR_NUM As Long = 2036
Private Const ERR_NA As Long = 2042
Private Const ERR_GETTING_DATA As Long = 2043
Private Const ERR_SPILL As Long = 2045
Private Const ERR_CALC As Long = 2050

Private Const PAUSE_SECONDS As Long = 10

Private server As Object        ' the running Python; Nothing until the first call
Private brokenAt As Date        ' when Python last failed to start
Private lastReason As String    ' why, for HEDGE_ERRORS() when Python itself cannot say

Public Function Called(ByVal functionName As String, ByVal arguments As Variant) As Variant
    Dim place As Long
    Dim tried As Boolean
    Dim number As Long
    Dim description As String
    On Error GoTo failed
    For place = LBound(arguments) To UBound(arguments)
        arguments(place) = Contents(arguments(place))
        If IsError(arguments(place)) Then
            Called = arguments(place)   ' as Excel's own functions do
            Exit Function
        End If
    Next place
again:
    Called = WithErrors(Python().CallUDF("udfs", (functionName), (arguments)))
    Exit Function
failed:
    number = Err.Number     ' before anything else: other calls clear them
    description = Err.Description
    If IsLost(number) And Not tried Then
        tried = True
        Set server = Nothing
        Resume again
    End If
    Note functionName, description
    If functionName = "HEDGE_ERRORS" Then
        Called = Array(Now, "Python", lastReason)
    Else
        Called = CVErr(ERR_VALUE)
    End If
End Function

Public Function Python() As Object
    ' The server of xlwings, held so that not every cell looks it up. A start that failed is not
    ' tried again for some seconds: a sheet full of functions would hold Excel up for minutes.
    If server Is Nothing Then
        If brokenAt > 0 And Abs(Now - brokenAt) * 86400 < PAUSE_SECONDS Then
            Err.Raise 1000, , lastReason
        End If
        On Error GoTo broken
        Set server = XLPy()
        brokenAt = 0
    End If
    Set Python = server
    Exit Function
broken:
    lastReason = Err.Description
    lastReason = "Python did not start: " & LastLine(lastReason)
    brokenAt = Now
    Err.Raise 1000, , lastReason
End Function

Public Function Contents(Optional ByVal argument As Variant) As Variant
    ' What an argument holds: an omitted one is empty, a range its values.
    Dim typed As Variant
    Dim held As Variant
    Dim area As Object
    Dim row As Long
    Dim column As Long
    If IsMissing(argument) Then Exit Function
    If IsObject(argument) Then
        If argument.Areas.Count > 1 Then
            Contents = CVErr(ERR_VALUE)
            Exit Function
        End If
        Set area = Used(argument)
        typed = area.Value
        held = area.Value2
    Else
        typed = argument
        held = argument
    End If
    Select Case Dimensions(held)
        Case 0
            If VarType(typed) = vbDate Then held = typed
        Case 1
            For column = LBound(held) To UBound(held)
                If IsError(held(column)) Then held(column) = ErrorText(held(column))
            Next column
        Case Else
            For row = LBound(held, 1) To UBound(held, 1)
                For column = LBound(held, 2) To UBound(held, 2)
                    Select Case VarType(typed(row, column))
                        Case vbDate
                            held(row, column) = typed(row, column)
                        Case vbError
                            held(row, column) = ErrorText(typed(row, column))
                    End Select
                Next column
            Next row
    End Select
    Contents = held
End Function

Private Function Used(ByVal area As Object) As Object
    ' Whole columns and rows end where the sheet's contents end.
    Dim last As Long
    Set Used = area
    With area.Worksheet
        If area.Rows.Count = .Rows.Count Then
            last = .UsedRange.Row + .UsedRange.Rows.Count - 1
            Set Used = Used.Resize(last, Used.Columns.Count)
        End If
        If area.Columns.Count = .Columns.Count Then
            last = .UsedRange.Column + .UsedRange.Columns.Count - 1
            Set Used = Used.Resize(Used.Rows.Count, last)
        End If
    End With
End Function

Public Function WithErrors(ByVal result As Variant) As Variant
    ' A result with the texts of error values made error values, in arrays too.
    Dim row As Long
    Dim column As Long
    Select Case Dimensions(result)
        Case 0
            If VarType(result) = vbString Then result = ErrorOrText(result)
        Case 1
            For column = LBound(result) To UBound(result)
                If VarType(result(column)) = vbString Then result(column) = ErrorOrText(result(column))
            Next column
        Case Else
            For row = LBound(result, 1) To UBound(result, 1)
                For column = LBound(result, 2) To UBound(result, 2)
                    If VarType(result(row, column)) = vbString Then
                        result(row, column) = ErrorOrText(result(row, column))
                    End If
                Next column
            Next row
    End Select
    WithErrors = result
End Function

Private Function ErrorOrText(ByVal text As String) As Variant
    Select Case text
        Case "#VALUE!": ErrorOrText = CVErr(ERR_VALUE)
        Case "#NUM!": ErrorOrText = CVErr(ERR_NUM)
        Case "#N/A": ErrorOrText = CVErr(ERR_NA)
        Case "#DIV/0!": ErrorOrText = CVErr(ERR_DIV0)
        Case "#REF!": ErrorOrText = CVErr(ERR_REF)
        Case "#NAME?": ErrorOrText = CVErr(ERR_NAME)
        Case "#NULL!": ErrorOrText = CVErr(ERR_NULL)
        Case "#GETTING_DATA": ErrorOrText = CVErr(ERR_GETTING_DATA)
        Case "#SPILL!": ErrorOrText = CVErr(ERR_SPILL)
        Case "#CALC!": ErrorOrText = CVErr(ERR_CALC)
        Case Else: ErrorOrText = text
    End Select
End Function

Private Function ErrorText(ByVal value As Variant) As String
    Select Case CStr(value)
        Case "Error " & ERR_NUM: ErrorText = "#NUM!"
        Case "Error " & ERR_NA: ErrorText = "#N/A"
        Case "Error " & ERR_DIV0: ErrorText = "#DIV/0!"
        Case "Error " & ERR_REF: ErrorText = "#REF!"
        Case "Error " & ERR_NAME: ErrorText = "#NAME?"
        Case "Error " & ERR_NULL: ErrorText = "#NULL!"
        Case "Error " & ERR_GETTING_DATA: ErrorText = "#GETTING_DATA"
        Case "Error " & ERR_SPILL: ErrorText = "#SPILL!"
        Case "Error " & ERR_CALC: ErrorText = "#CALC!"
        Case Else: ErrorText = "#VALUE!"
    End Select
End Function

Private Function Dimensions(ByRef values As Variant) As Long
    Dim size As Long
    Dim count As Long
    If Not IsArray(values) Then Exit Function
    On Error GoTo counted
    Do While count < 3
        size = UBound(values, count + 1)
        count = count + 1
    Loop
counted:
    Dimensions = count
End Function

Private Function IsLost(ByVal number As Long) As Boolean
    ' The numbers of a server that has gone: no such machine, disconnected, unavailable, call failed.
    IsLost = number = 462 Or number = -2147417848 Or number = -2147023174 Or number = -2147023170
End Function

Private Sub Note(ByVal functionName As String, ByVal description As String)
    ' Keep the reason where HEDGE_ERRORS() finds it: with Python, or here when Python is not there.
    On Error Resume Next
    If server Is Nothing Then
        If brokenAt = 0 Then lastReason = LastLine(description)
    Else
        server.Exec "import udfs.cell_errors; udfs.cell_errors.REASONS.add(" & _
            PythonText(functionName) & ", " & PythonText(LastLine(description)) & ")"
    End If
End Sub

Public Function LastLine(ByVal text As String) As String
    ' Of a traceback the sentence at its end, of any other text its last line.
    Dim lines As Variant
    Dim place As Long
    lines = Split(Replace(text, vbCr, ""), vbLf)
    For place = UBound(lines) To 0 Step -1
        If Trim$(lines(place)) <> "" Then
            LastLine = Left$(Trim$(lines(place)), 300)
            Exit Function
        End If
    Next place
End Function

Public Function PythonText(ByVal text As String) As String
    ' A text as Python source, whatever it holds.
    Dim place As Long
    Dim code As Long
    PythonText = "'"
    For place = 1 To Len(text)
        code = AscW(Mid$(text, place, 1)) And &HFFFF&
        If (code >= 48 And code <= 57) Or (code >= 65 And code <= 90) Or (code >= 97 And code <= 122) _
            Or code = 32 Or code = 46 Or code = 45 Or code = 95 Or code = 58 Or code = 47 Then
            PythonText = PythonText & ChrW$(code)
        Else
            PythonText = PythonText & "\u" & Right$("000" & Hex$(code), 4)
        End If
    Next place
    PythonText = PythonText & "'"
End Function
