"""A scenario workbook full of what programs other than Excel tend to lose."""

from __future__ import annotations

import zipfile
from pathlib import Path

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MS = "http://schemas.microsoft.com/office"
CT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cf500f0003860181a7a2d0bd0000000049454e44ae426082"
)
ANCHOR = (
    "<xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>60</xdr:row><xdr:rowOff>0"
    "</xdr:rowOff></xdr:from><xdr:to><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>64"
    "</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
)
SHAPE = (
    f"<xdr:twoCellAnchor>{ANCHOR}<xdr:sp macro='' textlink=''><xdr:nvSpPr><xdr:cNvPr id='9' "
    "name='Arrow 9' descr='a &quot;shape&quot;'/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:prstGeom "
    "prst='rightArrow'><a:avLst/></a:prstGeom></xdr:spPr></xdr:sp><xdr:clientData/>"
    "</xdr:twoCellAnchor>"
)
PICTURE = (
    f"<xdr:twoCellAnchor>{ANCHOR}<xdr:pic><xdr:nvPicPr><xdr:cNvPr id='10' name='Logo'/>"
    "<xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed='rId1'/></xdr:blipFill>"
    "<xdr:spPr/></xdr:pic>"
    "<xdr:clientData/></xdr:twoCellAnchor>"
)
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
CX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
WATERFALL = (  # a chart of the kinds that came with Excel 2016
    f"<xdr:twoCellAnchor>{ANCHOR}<mc:AlternateContent xmlns:mc='{MC}'><mc:Choice "
    "xmlns:cx1='http://schemas.microsoft.com/office/drawing/2015/9/8/chartex' Requires='cx1'>"
    "<xdr:graphicFrame macro=''><xdr:nvGraphicFramePr><xdr:cNvPr id='11' name='Waterfall'/>"
    "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x='0' y='0'/><a:ext cx='0' "
    f"cy='0'/></xdr:xfrm><a:graphic><a:graphicData uri='{CX}'><cx:chart xmlns:cx='{CX}' "
    'r:id="rId2"/></a:graphicData></a:graphic></xdr:graphicFrame></mc:Choice></mc:AlternateContent>'
    "<xdr:clientData/></xdr:twoCellAnchor>"
)
CONTROLS = (  # a scroll bar on a sheet that a refresh does change
    f'<legacyDrawing xmlns:r="{R}" r:id="rId907"/><mc:AlternateContent xmlns:mc="{MC}"><mc:Choice '
    f'xmlns:x14="{X14}" Requires="x14"><controls><mc:AlternateContent><mc:Choice Requires="x14">'
    f'<control xmlns:r="{R}" shapeId="1026" r:id="rId908" name="Scroll Bar 2"/></mc:Choice>'
    "</mc:AlternateContent></controls></mc:Choice></mc:AlternateContent>"
)
EXTENSIONS = (
    f'<extLst><ext xmlns:x14="{X14}" xmlns:xm="{XM}" '
    'uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}">'
    "<x14:sparklineGroups><x14:sparklineGroup type='column'><x14:colorSeries rgb='FF376092'/>"
    "<x14:sparklines><x14:sparkline><xm:f>Funding!C39:C60</xm:f><xm:sqref>S2</xm:sqref>"
    "</x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext>"
    f'<ext xmlns:x14="{X14}" xmlns:xm="{XM}" uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}">'
    "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type='dataBar' "
    "id='{00000000-000E-0000-0000-000001000000}'><x14:dataBar minLength='0' maxLength='100' "
    "gradient='0'><x14:cfvo type='autoMin'/><x14:cfvo type='autoMax'/></x14:dataBar></x14:cfRule>"
    "<xm:sqref>P29:P31</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext>"
    f'<ext xmlns:x14="{X14}" uri="{{A8765BA9-456A-4dab-B4F3-ACF838C121DE}}"><x14:slicerList>'
    f'<x14:slicer xmlns:r="{R}" r:id="rId905"/></x14:slicerList></ext></extLst>'
)


def _relations(*items: tuple[str, str, str]) -> bytes:
    inner = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>'
        for name, kind, target in items
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return HEAD + f'<Relationships xmlns="{space}">{inner}</Relationships>'.encode()


# part: content, content type (None: known by its ending)
PARTS: dict[str, tuple[bytes, str | None]] = {
    "xl/drawings/drawing9.xml": (
        HEAD + f'<xdr:wsDr xmlns:xdr="{DRAWING}" xmlns:a="{ART}" xmlns:r="{R}">{SHAPE}{PICTURE}'
        f"{WATERFALL}</xdr:wsDr>".encode(),
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    ),
    "xl/drawings/_rels/drawing9.xml.rels": (
        _relations(
            ("rId1", f"{R}/image", "../media/logo.png"),
            ("rId2", f"{MS}/2014/relationships/chartEx", "../charts/chartEx1.xml"),
        ), None,
    ),
    "xl/charts/chartEx1.xml": (
        HEAD + f'<cx:chartSpace xmlns:cx="{CX}"><cx:chartData/><cx:chart><cx:plotArea/></cx:chart>'
        "</cx:chartSpace>".encode(),
        "application/vnd.ms-office.chartex+xml",
    ),
    "xl/media/logo.png": (PIXEL, None),
    "xl/ctrlProps/ctrlProp1.xml": (
        HEAD + f'<formControlPr xmlns="{X14}" objectType="Scroll" fmlaLink="Guide!$H$9" max="10" '
        'page="2" val="5"/>'.encode(),
        "application/vnd.ms-excel.controlproperties+xml",
    ),
    "xl/ctrlProps/ctrlProp2.xml": (
        HEAD + f'<formControlPr xmlns="{X14}" objectType="Scroll" fmlaLink="Hedge!$C$6" max="10" '
        'page="2" val="5"/>'.encode(),
        "application/vnd.ms-excel.controlproperties+xml",
    ),
    "xl/drawings/vmlDrawing8.vml": (
        b"<xml xmlns:v='urn:schemas-microsoft-com:vml'><v:shape  id='_x0000_s1026'/></xml>", None,
    ),
    "xl/drawings/vmlDrawing9.vml": (
        b"<xml xmlns:v='urn:schemas-microsoft-com:vml'><v:shape  id='_x0000_s1025'/></xml>", None,
    ),
    "xl/threadedComments/threadedComment1.xml": (
        HEAD + f'<ThreadedComments xmlns="{MS}/spreadsheetml/2018/threadedcomments">'
        "<threadedComment "
        'ref="B9" dT="2026-01-01T00:00:00.00" personId="{AAAAAAAA-0000-0000-0000-000000000001}" '
        'id="{BBBBBBBB-0000-0000-0000-000000000001}"><text>why 5?</text></threadedComment>'
        "</ThreadedComments>".encode(),
        "application/vnd.ms-excel.threadedcomments+xml",
    ),
    "xl/persons/person.xml": (
        HEAD + f'<personList xmlns="{MS}/spreadsheetml/2018/threadedcomments"><person '
        'displayName="Me" id="{AAAAAAAA-0000-0000-0000-000000000001}" userId="me" '
        'providerId="None"/></personList>'.encode(),
        "application/vnd.ms-excel.person+xml",
    ),
    "xl/printerSettings/printerSettings1.bin": (
        bytes(range(256)) * 4, f"{CT}.printerSettings",
    ),
    "xl/slicers/slicer1.xml": (
        HEAD + f'<slicers xmlns="{X14}"><slicer name="Coin" cache="Slicer_Coin" caption="Coin" '
        'rowHeight="241300"/></slicers>'.encode(),
        "application/vnd.ms-excel.slicer+xml",
    ),
    "xl/slicerCaches/slicerCache1.xml": (
        HEAD + f'<slicerCacheDefinition xmlns="{X14}" name="Slicer_Coin" '
        'sourceName="coin"/>'.encode(),
        "application/vnd.ms-excel.slicerCache+xml",
    ),
    "xl/pivotCache/pivotCacheDefinition1.xml": (
        HEAD + f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{R}" r:id="rId1" recordCount="1">'
        '<cacheSource type="worksheet"><worksheetSource ref="B6:C8" sheet="Bags"/></cacheSource>'
        '<cacheFields count="1"><cacheField name="coin"><sharedItems/></cacheField></cacheFields>'
        "</pivotCacheDefinition>".encode(),
        f"{CT}.pivotCacheDefinition+xml",
    ),
    "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": (
        _relations(("rId1", f"{R}/pivotCacheRecords", "pivotCacheRecords1.xml")), None,
    ),
    "xl/pivotCache/pivotCacheRecords1.xml": (
        HEAD + f'<pivotCacheRecords xmlns="{MAIN}" count="1"><r><s v="BTC"/></r>'
        "</pivotCacheRecords>".encode(),
        f"{CT}.pivotCacheRecords+xml",
    ),
    "xl/pivotTables/pivotTable1.xml": (
        HEAD + f'<pivotTableDefinition xmlns="{MAIN}" name="P" cacheId="1" dataCaption="v">'
        '<location ref="H40:I44" firstHeaderRow="1" firstDataRow="1" firstDataCol="0"/>'
        "</pivotTableDefinition>".encode(),
        f"{CT}.pivotTable+xml",
    ),
    "xl/pivotTables/_rels/pivotTable1.xml.rels": (
        _relations(
            ("rId1", f"{R}/pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml")
        ), None,
    ),
    "customXml/item1.xml": (b"<hedge  xmlns='urn:hedge'><v >1</v></hedge>", None),
    "customXml/itemProps1.xml": (
        HEAD + b"<ds:datastoreItem ds:itemID='{11111111-2222-3333-4444-555555555555}' xmlns:ds="
        b"'http://schemas.openxmlformats.org/officeDocument/2006/customXml'/>",
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    ),
    "customXml/_rels/item1.xml.rels": (
        _relations(("rId1", f"{R}/customXmlProps", "itemProps1.xml")), None,
    ),
    "customUI/customUI14.xml": (
        f'<customUI xmlns="{MS}/2009/07/customui"><ribbon/></customUI>'.encode(),
        None,
    ),
}  # fmt: skip
VBA = ("xl/vbaProject.bin", bytes(range(255, -1, -1)) * 8, "application/vnd.ms-office.vbaProject")
GUIDE = "xl/worksheets/sheet6.xml"


def enrich(path: Path) -> None:
    """Add all of it to a workbook of ours; an .xlsm gets macros too."""
    with zipfile.ZipFile(path) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    macros = path.suffix == ".xlsm"
    added = dict(PARTS)
    if macros:
        added[VBA[0]] = VBA[1:]
    whole |= {name: content for name, (content, _) in added.items()}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name, (_, kind) in added.items()
        if kind
    )
    defaults = (
        '<Default Extension="png" ContentType="image/png"/><Default Extension="vml" '
        'ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
    )
    _replace(whole, "[Content_Types].xml", "</Types>", f"{defaults}{overrides}</Types>")
    if macros:
        _replace(whole, "[Content_Types].xml", f"{CT}.sheet.main+xml",
                 "application/vnd.ms-excel.sheet.macroEnabled.main+xml")  # fmt: skip
    _relate(whole, "_rels/.rels", f"{MS}/2007/relationships/ui/extensibility",
            "customUI/customUI14.xml", "rId901")  # fmt: skip
    of_book = [
        (f"{R}/customXml", "../customXml/item1.xml"),
        (f"{MS}/2017/10/relationships/person", "persons/person.xml"),
        (f"{R}/pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),
        (f"{MS}/2007/relationships/slicerCache", "slicerCaches/slicerCache1.xml"),
    ]
    if macros:
        of_book.append((f"{MS}/2006/relationships/vbaProject", "vbaProject.bin"))
    for number, (kind, target) in enumerate(of_book, 901):
        _relate(whole, "xl/_rels/workbook.xml.rels", kind, target, f"rId{number}")
    whole["xl/worksheets/_rels/sheet6.xml.rels"] = _relations(
        ("rId901", f"{R}/drawing", "../drawings/drawing9.xml"),
        ("rId902", f"{R}/vmlDrawing", "../drawings/vmlDrawing9.vml"),
        ("rId903", f"{R}/ctrlProp", "../ctrlProps/ctrlProp1.xml"),
        ("rId904", f"{R}/printerSettings", "../printerSettings/printerSettings1.bin"),
        ("rId906", f"{MS}/2017/10/relationships/threadedComment",
         "../threadedComments/threadedComment1.xml"),
        ("rId907", f"{R}/pivotTable", "../pivotTables/pivotTable1.xml"),
    )  # fmt: skip
    drawn = f'<drawing xmlns:r="{R}" r:id="rId901"/><legacyDrawing xmlns:r="{R}" r:id="rId902"/>'
    _replace(whole, GUIDE, "</worksheet>", f"{drawn}</worksheet>")
    # and on a sheet that a refresh does change
    _replace(whole, "xl/worksheets/sheet1.xml", "</worksheet>",
             f"{CONTROLS}{EXTENSIONS}</worksheet>")  # fmt: skip
    _relate(whole, "xl/worksheets/_rels/sheet1.xml.rels", f"{R}/vmlDrawing",
            "../drawings/vmlDrawing8.vml", "rId907")  # fmt: skip
    _relate(whole, "xl/worksheets/_rels/sheet1.xml.rels", f"{R}/ctrlProp",
            "../ctrlProps/ctrlProp2.xml", "rId908")  # fmt: skip
    _relate(whole, "xl/worksheets/_rels/sheet1.xml.rels", f"{MS}/2007/relationships/slicer",
            "../slicers/slicer1.xml", "rId905")  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in whole.items():
            archive.writestr(name, part)


def _replace(whole: dict[str, bytes], name: str, old: str, new: str) -> None:
    assert old.encode() in whole[name], (name, old)
    whole[name] = whole[name].replace(old.encode(), new.encode())


def _relate(whole: dict[str, bytes], name: str, kind: str, target: str, identity: str) -> None:
    new = f'<Relationship Id="{identity}" Type="{kind}" Target="{target}"/></Relationships>'
    _replace(whole, name, "</Relationships>", new)
