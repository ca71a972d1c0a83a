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
            "self.is_named and told.editor != ours if work.saved",
            "told.editor != ours if work.saved",
        ),
        (
            "Kingdee calls us by a name, and everything was touched by us",
            "connectors/kingdee/writing.py",
            "self.is_named and told.editor != ours if work.saved",
            "self.is_named and not told.editor if work.saved",
        ),
        (
            "what was so already was touched by whoever came before us, in Kingdee",
            "connectors/kingdee/writing.py",
            "told.editor != ours if work.saved else moved",
            "told.editor != ours",
        ),
        (
            "our own limit hides who edited the customer",
            "connectors/kingdee/reading.py",
            "    return Proof(whole, record.changed_by, ",
            "    return Proof(whole, whole.changed_by, ",
        ),
        (
            "what was so already was touched by whoever came before us, in Tryton",
            "connectors/tryton/writing.py",
            "            if number in unsent\n",
            "            if number in unsent and not number\n",
        ),
        (
            "what is sent twice and becomes the same twice is an edit for ever",
            f"{PIPES}/applying/outcome.py",
            "    return said if again and is_spelled_otherwise(said, sent) else sent\n",
            "    return sent\n",
        ),
        (
            "what somebody else writes each time after us is a spelling of ours",
            f"{PIPES}/applying/outcome.py",
            "    return said if again and is_spelled_otherwise(said, sent) else sent\n",
            "    return said if again else sent\n",
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
            'next((answer["address"] for part, answer in pairs if _of_default(part)), None)',
            "None",
        ),
        (
            "a metafield that we removed may be there again",
            "connectors/shopify/leaving.py",
            'if any(_head(part) == "deletedMetafields" for part in parts)',
            'if any(_head(part) == "nothing" for part in parts)',
        ),
    ),
)
