"""Cities of Europe that other languages call otherwise: of each its own name first. Folded, as they are compared."""

from collections.abc import Mapping

_NAMES = (
    "aachen, aix la chapelle; antwerpen, anvers, antwerp; athina, athens, athen, athenes, atenas, atene; "
    "barcelona, barcelone, barcellona; basel, bale, basilea, basle; beograd, belgrade, belgrad; bern, berne, berna; "
    "bologna, bologne; bratislava, pressburg, pozsony; braunschweig, brunswick; brugge, bruges; "
    "bruxelles, brussel, brussels, bruessel, bruselas; bucuresti, bucharest, bukarest, bucarest; budapest, budapeszt; "
    "den haag, s gravenhage, the hague, la haye, gravenhage; dunkerque, dunkirk; "
    "firenze, florence, florenz, florencia; frankfurt, francfort; gdansk, danzig; geneve, geneva, genf, ginevra; "
    "genova, genoa, genua; gent, gand, ghent; goteborg, gothenburg, goeteborg; hannover, hanover, hanovre; "
    "helsinki, helsingfors; kobenhavn, copenhagen, kopenhagen, copenhague, kopenhavn; koln, cologne, koeln, keulen; "
    "krakow, cracow, krakau, cracovie; kyiv, kiev, kiew; leuven, louvain; liege, luik, luttich; lille, rijsel; "
    "lisboa, lisbon, lissabon, lisbonne; ljubljana, laibach; livorno, leghorn; london, londres, londra, londen; "
    "luxembourg, luxemburg; luzern, lucerne, lucerna; lyon, lyons, lione; maastricht, mastricht; "
    "mainz, mayence, magonza; mantova, mantua; marseille, marseilles, marsiglia; mechelen, malines; "
    "milano, milan, mailand; moskva, moscow, moskau, moscou; mulhouse, mulhausen; "
    "munchen, munich, muenchen, monaco di baviera; napoli, naples, neapel; nice, nizza; "
    "nurnberg, nuremberg, nuernberg, norimberga; olomouc, olmutz; oostende, ostend; padova, padua; "
    "paris, parigi, parijs; peiraias, piraeus, piraus, pireus; plzen, pilsen; porto, oporto; "
    "praha, prague, prag, praga, praag; regensburg, ratisbon, ratisbonne; roma, rome, rom; "
    "s hertogenbosch, den bosch, hertogenbosch; sevilla, seville; siracusa, syracuse; sofiya, sofia; "
    "strasbourg, strassburg, strasburg; szczecin, stettin; tallinn, reval; thessaloniki, salonica, saloniki; "
    "torino, turin; tournai, doornik; trento, trient; trier, treves; tubingen, tuebingen; "
    "venezia, venice, venedig, venise; vilnius, wilna; warszawa, warsaw, warschau, varsovie; wien, vienna; "
    "wroclaw, breslau; ypres, ieper; zagreb, agram; zaragoza, saragossa; zurich, zuerich, zurigo"
)
CALLED: Mapping[str, str] = {
    other: names[0] for names in (one.split(", ") for one in _NAMES.split("; ")) for other in names[1:]
}
