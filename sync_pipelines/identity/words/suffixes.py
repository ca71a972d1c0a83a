"""Under which suffixes strangers register: a snapshot of facts, so that nothing is fetched.

A country's own second level (`co.uk`, `com.cn`) is told by its label; places where one provider hosts many firms are
listed. Anything else is registered right below the top level.
"""

SECOND_LEVEL = frozenset(
    {
        "ac", "co", "com", "edu", "gob", "gouv", "gov", "govt", "gv", "id", "ind", "info", "int", "ltd", "me", "mil",
        "muni", "name", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "presse", "pro", "sch", "school",
        "tm", "web", "firm", "firma", "go", "gen", "geek", "iwi", "maori", "health", "kiwi", "bz", "biz", "asn",
        "adm", "adv", "eco", "eng", "med", "psi", "tur", "tv", "art", "blog", "eti", "rec", "srv", "esp",
        "k12", "lg", "gr", "ed", "ad", "re", "pe", "kr", "hs", "ms", "es", "sc", "kg", "waw", "pl", "aid", "agro",
        "atm", "auto", "gmina", "gsm", "mail", "media", "miasta", "nieruchomosci", "powiat", "priv", "realestate",
        "rel", "sex", "shop", "sklep", "sos", "szkola", "targi", "tourism", "travel", "turystyka", "idv", "game",
        "ebiz", "club", "law", "alt", "nis", "ngo", "grondar", "nic", "tmf", "avocat", "cci", "notaires", "assn",
        "grp", "hotel", "soc", "my", "desa", "ponpes", "bel", "av", "dr", "pol", "bbs", "tel", "kep",
    }
)  # fmt: skip

# Top levels below which the labels above are ordinary names (`go.de` and `media.fr` are firms of their own).
FLAT = frozenset(
    {
        "de", "at_flat", "ch", "nl", "be", "lu", "dk", "fi", "cz", "sk", "eu", "io", "ai", "co", "me", "tv", "cc", "li",
        "ly", "gg", "ee", "lt", "lv", "is", "si", "bg", "ca", "us",
    }
)  # fmt: skip

# Where anybody gets a name below somebody else's.
HOSTED = frozenset(
    {
        "myshopify.com", "github.io", "gitlab.io", "herokuapp.com", "blogspot.com", "wordpress.com", "wixsite.com",
        "weebly.com", "squarespace.com", "jimdo.com", "jimdofree.com", "jimdosite.com", "webnode.com", "web.app",
        "firebaseapp.com", "netlify.app", "vercel.app", "pages.dev", "azurewebsites.net", "cloudfront.net",
        "amazonaws.com", "business.site", "site123.me", "strikingly.com", "tumblr.com", "typepad.com",
        "livejournal.com", "carrd.co", "ecwid.com", "bigcartel.com", "shopware.store", "plentymarkets-x1.com",
        "odoo.com", "my.salesforce.com", "zendesk.com", "hubspotpagebuilder.com", "eatbu.com", "de.tl",
        "homepage.t-online.de", "co.com", "de.com", "uk.com", "us.com", "eu.com", "cn.com", "br.com", "za.com",
        "gb.net", "uk.net", "en.alibaba.com", "en.made-in-china.com", "1688.com", "taobao.com", "tmall.com",
        "cafe24.com", "onlineshop.jp", "base.shop",
    }
)  # fmt: skip
