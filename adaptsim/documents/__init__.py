"""Documents: what a directory of results says, as one HTML page or as text.

``document``      sections of words, facts, tables and pictures
``of_directory``  which document a directory asks for
``of_run``        a run, a comparison of optimizers, an examination of stability, a fit
``of_study``      a study; ``findings`` chooses the analyses that fit its design
``units``         units of parameters and measures
``html``          a document as one file that needs no network
``terminal``      a document as text
``report``        a document written, its tables beside it

Nothing here simulates.
"""

from adaptsim.documents.document import Document, Facts, Listing, Picture, Section, Table, Words
from adaptsim.documents.html import html
from adaptsim.documents.of_directory import of_directory
from adaptsim.documents.report import place_of, write_report
from adaptsim.documents.terminal import lines, records, text

__all__ = [
    "Document",
    "Facts",
    "Listing",
    "Picture",
    "Section",
    "Table",
    "Words",
    "html",
    "lines",
    "of_directory",
    "place_of",
    "records",
    "text",
    "write_report",
]
