"""Import and export of a whole company as a folder of CSV files."""

from leadlight.importing.folder_export import export_folder
from leadlight.importing.folder_import import import_folder
from leadlight.importing.planning import Counts, Summary
from leadlight.importing.problems import Problem, Problems, Progress, silent

__all__ = [
    "Counts",
    "Problem",
    "Problems",
    "Progress",
    "Summary",
    "export_folder",
    "import_folder",
    "silent",
]
