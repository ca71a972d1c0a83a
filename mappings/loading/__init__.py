"""Reads a book from its folder. Complains of everything it finds, at once, each with file and line."""

from mappings.complaints import BookError, Complaint
from mappings.loading.loader import BUNDLED, load_book

__all__ = ["BUNDLED", "BookError", "Complaint", "load_book"]
