"""The report people look at: one file with everything in it, which opens without a network.

``page.py`` has the order of the sections, each section a module that turns results into what its template
shows, ``timeline.py`` and ``load.py`` what the charts of one case draw. Jinja2 and the chart library are
read when a page is made, not when this is imported.
"""

from lab.report.html.page import page

__all__ = ["page"]
