"""Domains behind which many strangers sit: providers of free mail, platforms of pages and shops, and examples."""

FREE_MAIL = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "outlook.fr", "hotmail.com", "hotmail.de",
        "hotmail.fr", "hotmail.co.uk", "hotmail.it", "hotmail.es", "live.com", "live.de", "live.nl", "live.co.uk",
        "live.fr", "msn.com", "yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk", "yahoo.co.jp", "yahoo.it",
        "yahoo.es", "yahoo.com.br", "yahoo.com.cn", "yahoo.cn", "yahoo.co.in", "yahoo.ca", "yahoo.com.au",
        "yahoo.com.tw", "yahoo.com.hk", "ymail.com", "rocketmail.com", "aol.com", "aol.de", "icloud.com", "me.com",
        "mac.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "gmx.fr", "web.de", "t-online.de",
        "freenet.de", "arcor.de", "mail.de", "posteo.de", "mailbox.org", "online.de", "email.de", "vodafone.de",
        "kabelmail.de", "unitybox.de", "ewetel.net", "a1.net", "aon.at", "chello.at", "bluewin.ch", "hispeed.ch",
        "sunrise.ch", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "neuf.fr", "bbox.fr",
        "numericable.fr", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "tin.it", "fastwebnet.it", "pec.it",
        "inwind.it", "telefonica.net", "terra.es", "ono.com", "movistar.es", "ziggo.nl", "kpnmail.nl", "kpnplanet.nl",
        "planet.nl", "home.nl", "hetnet.nl", "xs4all.nl", "casema.nl", "telenet.be", "skynet.be", "proximus.be",
        "scarlet.be", "pt.lu", "btinternet.com", "btopenworld.com", "sky.com", "virginmedia.com", "ntlworld.com",
        "talktalk.net", "blueyonder.co.uk", "eircom.net", "wp.pl", "onet.pl", "o2.pl", "interia.pl", "op.pl",
        "poczta.onet.pl", "gazeta.pl", "vp.pl", "seznam.cz", "centrum.cz", "email.cz", "volny.cz", "azet.sk",
        "zoznam.sk", "centrum.sk", "freemail.hu", "citromail.hu", "indamail.hu", "abv.bg", "mail.bg", "telia.com",
        "telenor.no", "online.no", "mail.dk", "stofanet.dk", "jubii.dk", "kolumbus.fi", "luukku.com", "mail.ru",
        "bk.ru", "list.ru", "inbox.ru", "yandex.ru", "yandex.com", "rambler.ru", "ya.ru", "ukr.net", "i.ua",
        "meta.ua", "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "tutanota.com", "tutanota.de", "tuta.io",
        "fastmail.com", "zoho.com", "zohomail.com", "hey.com", "mail.com", "email.com", "usa.com", "inbox.com",
        "hushmail.com", "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net",
        "charter.net", "earthlink.net", "optonline.net", "juno.com", "frontier.com", "windstream.net",
        "centurylink.net", "rogers.com", "shaw.ca", "sympatico.ca", "videotron.ca", "telus.net", "bell.net",
        "bigpond.com", "bigpond.net.au", "optusnet.com.au", "iinet.net.au", "tpg.com.au", "xtra.co.nz", "uol.com.br",
        "bol.com.br", "terra.com.br", "ig.com.br", "globo.com", "hotmail.com.br", "prodigy.net.mx", "rediffmail.com",
        "sify.com", "indiatimes.com", "qq.com", "vip.qq.com", "foxmail.com", "163.com", "vip.163.com", "126.com",
        "yeah.net", "188.com", "sina.com", "sina.cn", "vip.sina.com", "sohu.com", "tom.com", "21cn.com", "139.com",
        "189.cn", "wo.cn", "aliyun.com", "263.net", "eyou.com", "naver.com", "daum.net", "hanmail.net", "nate.com",
        "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp",
        "so-net.ne.jp", "hinet.net", "pchome.com.tw", "seed.net.tw", "netvigator.com", "singnet.com.sg",
        "pacific.net.sg", "streamyx.com", "telkom.net", "mweb.co.za", "telkomsa.net", "vodamail.co.za", "webmail.co.za",
        "walla.com", "walla.co.il", "netvision.net.il", "bezeqint.net", "012.net.il", "mynet.com", "superonline.com",
        "ttmail.com", "emirates.net.ae", "eim.ae", "passport.com",
    }
)  # fmt: skip

PLATFORMS = frozenset(
    {
        "facebook.com", "fb.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com",
        "tiktok.com", "pinterest.com", "xing.com", "weibo.com", "weixin.qq.com", "taobao.com", "tmall.com", "1688.com",
        "jd.com", "alibaba.com", "made-in-china.com", "amazon.com", "amazon.de", "ebay.com", "ebay.de", "etsy.com",
        "google.com", "bit.ly", "linktr.ee", "example.com", "example.org", "example.net", "localhost", "test.com",
    }
)  # fmt: skip

# Local parts that belong to a function and not to a person.
ROLES = frozenset(
    {
        "info", "office", "contact", "kontakt", "sales", "verkauf", "vertrieb", "service", "support", "admin", "mail",
        "hello", "accounting", "buchhaltung", "rechnung", "invoice", "billing", "finance", "einkauf", "purchasing",
        "order", "orders", "bestellung", "shop", "team", "post", "zentrale", "empfang", "reception", "hr", "jobs",
        "webmaster", "postmaster", "noreply", "no-reply", "marketing", "export", "import", "comercial", "contacto",
        "commercial", "direction", "secretariat", "compta", "amministrazione", "biuro", "firma", "ventas",
    }
)  # fmt: skip
