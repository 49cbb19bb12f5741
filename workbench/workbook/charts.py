"""Native Excel charts, as the page draws them: in its order and colours, over the numbers beside a tile's table."""

from openpyxl.chart import BarChart, DoughnutChart, LineChart, Reference
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.chart.series import Series as ExcelSeries
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbench.drawing.colours import contrast
from workbench.workbook.plan import NUMBER_FORMATS, Chart, Series
from workbench.workbook.sheets import INK

WIDTH, HEIGHT = 16.0, 7.6  # centimetres
SMALLEST = 0.04  # of a ring, where its share has no room
TEXT, TITLE = 900, 1100  # hundredths of a point
ROOM = 0.2  # of the reach of bars that go both ways
MOST_LABELLED = 16  # periods whose names have room beside each other
_AXIS_FORMATS = {"decimal": "#,##0.0", "rate": "0 %", "duration": "[h]:mm:ss", "money": "#,##0"}


def drawn(chart: Chart, sheet: Worksheet, header: int, column: int) -> BarChart | DoughnutChart | LineChart:
    """Return a chart over the numbers that stand from a cell of a sheet on, its labels in their first column."""
    last = header + len(chart.labels)
    names = AxDataSource(strRef=StrRef(f=str(Reference(sheet, column, header + 1, column, last))))
    found = [_series(sheet, header, last, column + n, each) for n, each in enumerate(chart.series, start=1)]
    for series in found:
        series.cat = names
    bars = [series for series, each in zip(found, chart.series, strict=True) if not each.is_line]
    lines = [series for series, each in zip(found, chart.series, strict=True) if each.is_line]
    drawing = _ring(chart, found) if chart.shape == "ring" else _bars(chart, bars) if bars else _lines(lines)
    if bars and lines and chart.shape != "ring":
        drawing += _lines(lines)
    if chart.shape != "ring":
        _axes(chart, drawing)
    _framed(chart, drawing)
    return drawing


def _series(sheet: Worksheet, header: int, last: int, column: int, series: Series) -> ExcelSeries:
    found = SeriesFactory(Reference(sheet, column, header, column, last), title_from_data=True)
    if series.is_line:
        dash = "dash" if series.is_dashed else "solid"
        width = 15_875 if series.is_dashed else 25_400  # in English Metric Units: 1.25 and 2 points
        found.graphicalProperties = GraphicalProperties(
            ln=LineProperties(solidFill=series.colours[0][1:], prstDash=dash, w=width)
        )
        is_point = sum(value is not None for value in series.values) == 1  # of which no line is drawn
        found.marker, found.smooth = Marker(symbol="circle" if is_point else "none", size=7), False
        return found
    found.graphicalProperties = GraphicalProperties(solidFill=series.colours[0][1:])
    found.graphicalProperties.line.noFill = True
    if len(set(series.colours)) > 1:
        found.dPt = [_point(n, colour) for n, colour in enumerate(series.colours)]
    return found


def _point(number: int, colour: str) -> DataPoint:
    point = DataPoint(idx=number, invertIfNegative=False)
    point.graphicalProperties = GraphicalProperties(solidFill=colour[1:])
    point.graphicalProperties.line.solidFill = "FFFFFF"
    return point


def _ring(chart: Chart, series: list[ExcelSeries]) -> DoughnutChart:
    ring = DoughnutChart(holeSize=58, firstSliceAng=0)
    ring.series = series
    shown = {"showVal": False, "showCatName": False, "showSerName": False, "showLegendKey": False}
    sizes, shades = chart.series[0].values, chart.series[0].colours
    own = [
        DataLabel(idx=n, showPercent=(size or 0) >= SMALLEST * sum(filter(None, sizes)), txPr=_on(shade), **shown)
        for n, (size, shade) in enumerate(zip(sizes, shades, strict=True))
    ]
    series[0].dLbls = DataLabelList(dLbl=own, showPercent=True, showLeaderLines=False, **shown)
    return ring


def _on(shade: str) -> RichText:
    """Return how a text is written on a colour, so that it can be read."""
    ink = max(("#FFFFFF", INK.text), key=lambda each: contrast(each, shade))
    return _text(TEXT, ink[1:], is_bold=True)


def _bars(chart: Chart, series: list[ExcelSeries]) -> BarChart:
    bars = BarChart(barDir="bar" if chart.shape == "bars" else "col", gapWidth=45)
    bars.grouping, bars.overlap = ("stacked", 100) if chart.shape == "stacked" else ("clustered", 0)
    bars.series = series
    if chart.shape == "bars":
        bars.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showPercent=False)
        bars.dataLabels.showLegendKey = False
        bars.dataLabels.numFmt, bars.dataLabels.txPr = NUMBER_FORMATS[chart.format], _text(TEXT, INK.text[1:])
    return bars


def _lines(series: list[ExcelSeries]) -> LineChart:
    lines = LineChart()
    lines.series = series
    return lines


def _axes(chart: Chart, drawing: BarChart | LineChart) -> None:
    """Show both axes; lying bars read from above, so the axis of their numbers, which nobody needs, goes away."""
    lying = chart.shape == "bars"
    names, numbers = drawing.x_axis, drawing.y_axis
    names.delete, numbers.delete = False, lying
    names.number_format, numbers.number_format = "General", _AXIS_FORMATS.get(chart.format, "#,##0")
    names.majorTickMark = numbers.majorTickMark = "none"
    names.txPr = numbers.txPr = _text(TEXT, INK.text[1:])
    names.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=INK.faint[1:]))
    numbers.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    values = [value for each in chart.series for value in each.values if value]
    numbers.scaling.min = 0 if all(value >= 0 for value in values) else None
    if lying and values and min(values) < 0:  # room for the numbers at both ends, on the left before the names
        reach = max(*values, 0) - min(values)
        numbers.scaling.min, numbers.scaling.max = min(values) - ROOM * reach, max(*values, 0) + ROOM * reach
    if lying:
        names.scaling.orientation, numbers.crosses, numbers.majorGridlines = "maxMin", "max", None
        names.tickLblPos = "low"  # beside the bars that go down from zero, and not on them
        return
    numbers.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=INK.faint[1:]))
    names.tickLblSkip = -(-len(chart.labels) // MOST_LABELLED)
    names.noMultiLvlLbl = True


def _framed(chart: Chart, drawing: BarChart | DoughnutChart | LineChart) -> None:
    drawing.title = chart.title
    drawing.title.tx.rich.p[0].pPr = ParagraphProperties(defRPr=_letters(TITLE, INK.text[1:], is_bold=True))
    for run in drawing.title.tx.rich.p[0].r:
        run.rPr = _letters(TITLE, INK.text[1:], is_bold=True)
    drawing.title.overlay = False
    drawing.width, drawing.height = WIDTH, HEIGHT
    drawing.display_blanks = "gap"
    drawing.visible_cells_only = False  # what it shows is collapsed
    drawing.graphical_properties = GraphicalProperties(ln=LineProperties(solidFill=INK.faint[1:]))
    if chart.shape == "bars" or (len(chart.series) == 1 and chart.shape != "ring"):
        drawing.legend = None
    else:
        drawing.legend.position = "r" if chart.shape == "ring" else "b"
        drawing.legend.txPr = _text(TEXT, INK.text[1:])


def _text(size: int, colour: str, is_bold: bool = False) -> RichText:
    properties = ParagraphProperties(defRPr=_letters(size, colour, is_bold))
    return RichText(p=[Paragraph(pPr=properties, endParaRPr=_letters(size, colour, is_bold))])


def _letters(size: int, colour: str, is_bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=is_bold, solidFill=colour)
