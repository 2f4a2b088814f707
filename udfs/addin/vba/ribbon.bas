Attribute VB_Name = "xlhedge_ribbon"
' The buttons of the ribbon tab. Each says on the status bar what it does, and what went wrong.
Option Explicit

Private Const BUTTON As String = "import udfs.button; udfs.button."

Public Sub OnRefreshFunding(control As IRibbonControl)
    RefreshFunding
End Sub

Public Sub OnNewScenario(control As IRibbonControl)
    NewScenario
End Sub

Public Sub OnShareCopy(control As IRibbonControl)
    ShareCopy
End Sub

Public Sub OnShowFunctions(control As IRibbonControl)
    ShowFunctions
End Sub

Public Sub OnCheckInstallation(control As IRibbonControl)
    CheckInstallation
End Sub

Public Sub OnRepairLinks(control As IRibbonControl)
    RepairLinks
End Sub

Public Sub RefreshFunding()
    RunButton "main()", "refreshing funding rates", True
End Sub

Public Sub NewScenario()
    Dim path As Variant
    path = Application.GetSaveAsFilename("hedge.xlsx", "Excel workbook (*.xlsx),*.xlsx", , "New scenario workbook")
    If VarType(path) = vbString Then
        RunButton "new_workbook(" & PythonText(path) & ")", "writing a scenario workbook", False
    End If
End Sub

Public Sub ShareCopy()
    Dim path As Variant
    If ActiveWorkbook Is Nothing Then Exit Sub
    path = Application.GetSaveAsFilename(SharedName(ActiveWorkbook.Name), "Excel workbook (*.xlsx),*.xlsx", , "Share a copy")
    If VarType(path) = vbString Then
        RunButton "share_copy(" & PythonText(path) & ")", "writing a copy without xlhedge functions", True
    End If
End Sub

Public Sub ShowFunctions()
    RunButton "show_functions()", "listing the functions", False
End Sub

Public Sub CheckInstallation()
    RunButton "check_installation()", "checking the installation", False
End Sub

Public Sub RepairLinks()
    ' Functions of a workbook from another computer point to the add-in's path there.
    Dim link As Variant
    Dim links As Variant
    Dim count As Long
    Dim reason As String
    On Error GoTo failed
    If ActiveWorkbook Is Nothing Then Exit Sub
    links = ActiveWorkbook.LinkSources(1)
    If IsArray(links) Then
        For Each link In links
            If LCase$(FileName(link)) = "xlhedge.xlam" And LCase$(link) <> LCase$(ThisWorkbook.FullName) Then
                ActiveWorkbook.ChangeLink link, ThisWorkbook.FullName, 1
                count = count + 1
            End If
        Next link
    End If
    Application.StatusBar = "xlhedge: " & count & " link(s) to an add-in elsewhere now point to this one"
    Exit Sub
failed:
    reason = Err.Description
    Application.StatusBar = "xlhedge: the links could not be changed: " & LastLine(reason)
End Sub

Private Sub RunButton(ByVal action As String, ByVal doing As String, ByVal needsWorkbook As Boolean)
    Dim reason As String
    On Error GoTo failed
    If needsWorkbook And ActiveWorkbook Is Nothing Then
        Application.StatusBar = "xlhedge: open a workbook first"
        Exit Sub
    End If
    Application.StatusBar = "xlhedge: " & doing & " ..."
    RunPython BUTTON & action
    Application.OnTime Now + TimeSerial(0, 1, 0), "'" & ThisWorkbook.Name & "'!ClearStatusBar"
    Exit Sub
failed:
    reason = Err.Description
    reason = LastLine(reason)
    Application.StatusBar = "xlhedge: " & reason
    MsgBox "xlhedge could not start Python." & vbCrLf & vbCrLf & reason & vbCrLf & vbCrLf & _
        "Open a terminal and type: xlhedge doctor", vbExclamation, "xlhedge"
End Sub

Public Sub ClearStatusBar()
    If Left$(CStr(Application.StatusBar), 8) = "xlhedge:" Then Application.StatusBar = False
End Sub

Private Function FileName(ByVal path As String) As String
    path = Replace(path, "/", "\")
    FileName = Mid$(path, InStrRev(path, "\") + 1)
End Function

Private Function SharedName(ByVal name As String) As String
    If InStrRev(name, ".") > 0 Then name = Left$(name, InStrRev(name, ".") - 1)
    SharedName = name & " (shared).xlsx"
End Function
