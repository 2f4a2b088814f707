Attribute VB_Name = "xlhedge_button"
' The button on the sheet: works with or without the add-in, as long as Python has xlhedge.
Option Explicit

Public Sub RefreshFunding()
    On Error GoTo failed
    Application.StatusBar = "xlhedge: refreshing funding rates ..."
    RunPython "import udfs.button; udfs.button.main()"
    Application.OnTime Now + TimeSerial(0, 1, 0), "'" & ThisWorkbook.Name & "'!ClearStatusBar"
    Exit Sub
failed:
    Application.StatusBar = "xlhedge: Python did not start: " & Err.Description
    MsgBox "xlhedge could not start Python." & vbCrLf & vbCrLf & Err.Description & vbCrLf & vbCrLf & _
        "Open a terminal and type: xlhedge doctor", vbExclamation, "xlhedge"
End Sub

Public Sub ClearStatusBar()
    If Left$(CStr(Application.StatusBar), 8) = "xlhedge:" Then Application.StatusBar = False
End Sub
