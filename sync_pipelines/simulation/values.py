"""What people type: ordinary words, and those that have broken other systems."""

from collections.abc import Mapping
from typing import Any

NAMES = ("Acme", "Borg", "Café Ünï", "北京晨光有限公司")
WORDS = ("1", "22", "", None, "x'y", "0")
TAX_IDS = ("T1", "T2", "T3", None)
OTHER_TAX_IDS = ("T1", "T4", "T5", None)
EMAILS = ("a@x.example", "b@x.example", None)
STATUSES = ("Open", "Won", "Test")
CREDITS = ("100", "0", "5.5", None)
TERMS: Mapping[str, tuple[str | None, ...]] = {
    "crm": ("N30", "N60", "COD", None),
    "erp": ("30", "60", "0", None),
    "shop": ("x", None),
}
TOWNS = ("Bonn", "广州")
PLACES = ("A", "B", "C")
FIELDS = ("Phone", "Remark", "Credit", "Segment", "Rating", "Street", "City", "Name", "Tax_Id", "Terms", "Status")
FREE = ("Phone", "Remark", "Segment", "Rating", "Street", "City", "Name")  # fields that take any text

HOSTILE: Mapping[str, tuple[Any, ...]] = {
    "value_nul": ("a\x00b", "\x00"),
    "value_controls": ("a\tb\r\nc", "\x1b]0;x\x07", "\x7f"),
    "value_surrogate": ("a\ud800b", "\udfff"),
    "value_decomposed": ("Cafe\u0301", "Café"),
    "value_full_width": ("ＡＢＣ１２３", "ABC123"),
    "value_zero_width": ("a\u200bb", "\ufeffab", "\u202eab"),
    "value_compatibility": ("\uf900", "\u8c48", "㈱"),
    "value_chinese_pairs": ("頭髮", "头发", "皇后", "以後"),
    "value_emoji": ("😀", "👩‍👩‍👧", "𠮷"),
    "value_huge": ("x" * 70_000,),
    "value_formula": ("=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1"),
    "value_quotes": ("' OR Name LIKE '%", 'a"b\\', "{{7*7}}", "<script>"),
    "value_numbers": ("1e400", "NaN", "-0", "007", "1.10", "9007199254740993"),
    "value_spaces": (" a ", "a  b", "\u3000a", "\u00a0"),
    "value_case": ("STRASSE", "straße", "İ", "ı"),
}
