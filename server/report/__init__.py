"""The compte rendu: what came of a workshop, as a document to print, to pass on and to reckon with (SPEC H8).

It is written from public records alone, whoever asks for it: what it holds, every participant has on his screen.
"""

from server.report.delimited import csv
from server.report.html import STYLE_HASH, html
from server.report.markdown import markdown
from server.report.model import Report, report
from server.report.sheets import xlsx

__all__ = ["STYLE_HASH", "Report", "csv", "html", "markdown", "report", "xlsx"]
