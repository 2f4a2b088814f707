"""Code that draws ``workbooks/hedge.xlsx``, one module per sheet."""
