"""Between a look at a record and a write to it people go on typing. Each once gone wrong."""

from tests.mutants.patches import PIPES, Mutant, patches

_LOOKED = "baseline := _agreed(change, result, claim, links if later or result.touched else None, cuts)"

LOOKED: tuple[Mutant, ...] = (
    *patches(
        "looking",
        (
            "what somebody typed before we looked at our write is how the system spells it",
            f"{PIPES}/applying/outcome.py",
            _LOOKED,
            _LOOKED.replace(" or result.touched", ""),
        ),
        (
            "who is taken into use again before we looked at our archive stays out of it",
            f"{PIPES}/applying/outcome.py",
            "stored=claim.values.get(ARCHIVED) if later is None else True",
            "stored=claim.values.get(ARCHIVED)",
        ),
        (
            "the parts of a value are not looked at just before they are written",
            f"{PIPES}/applying/apply.py",
            "            held = _expected(told, held)\n",
            "            held = {}\n",
        ),
        (
            "Salesforce is not asked who touched a record since",
            "connectors/salesforce/writing.py",
            "        return Written(key, record, created, touched)\n",
            "        return Written(key, record, created)\n",
        ),
        (
            "a name that Kingdee never told of us is taken for ours",
            "connectors/kingdee/writing.py",
            "if self.is_named and editor != self.settings.editor",
            "if editor != self.settings.editor",
        ),
        (
            "Kingdee calls us by a name, and everything was touched by us",
            "connectors/kingdee/writing.py",
            "if self.is_named and editor != self.settings.editor",
            "if self.is_named and not editor",
        ),
        (
            "what Shopify said of a customer while it was written is not compared",
            "connectors/shopify/writing.py",
            "    return Written(key, record, created, touched)\n",
            "    return Written(key, record, created)\n",
        ),
        (
            "what Shopify said of an address while it was written is not compared",
            "connectors/shopify/leaving.py",
            '    if told.get("address") and DEFAULT_ADDRESS in wanted:\n',
            '    if told.get("nothing") and DEFAULT_ADDRESS in wanted:\n',
        ),
        (
            "a metafield that we removed may be there again",
            "connectors/shopify/leaving.py",
            '    if "deletedMetafields" in told and METAFIELDS in wanted:\n',
            '    if "nothing" in told and METAFIELDS in wanted:\n',
        ),
    ),
)
