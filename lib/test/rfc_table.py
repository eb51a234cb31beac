#!/usr/bin/env python3
"""rfc_table.py SOURCE [--write]: what README says of each RFC, counted in the sources, whose comments cite the clause that they implement.
Without --write it fails if README says something else."""
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
titles = {
    821: "SMTP of 1982: historic verbs", 1035: "names of the DNS: 63 octets a label", 1845: "CHECKPOINT", 1870: "SIZE", 1985: "ETRN", 2033: "LMTP", 2034: "ENHANCEDSTATUSCODES",
    2645: "ATRN", 2852: "DELIVERBY", 2920: "PIPELINING", 3030: "CHUNKING, BINARYMIME", 3207: "STARTTLS", 3339: "date-times",
    3461: "DSN, xtext", 3463: "enhanced status codes", 3629: "UTF-8", 3865: "NO-SOLICITING", 3885: "MTRK", 3986: "URIs",
    4141: "CONPERM, CONNEG", 4405: "SUBMITTER", 4422: "SASL mechanism names", 4468: "BURL", 4865: "FUTURERELEASE", 4954: "AUTH",
    5234: "ABNF core rules", 5321: "SMTP", 5322: "dates, comments and message ids of trace fields", 5890: "IDNA: the longest label in UTF-8",
    6152: "8BITMIME",
    6531: "SMTPUTF8", 6532: "internationalized octets", 6533: "internationalized DSN", 6710: "MT-PRIORITY", 7293: "RRVS",
    8689: "REQUIRETLS", 9422: "LIMITS",
}


def texts(*patterns):
    return [p.read_text() for pattern in patterns for p in sorted(source.glob(pattern))]


def rules(rfc):
    """Grammar rules whose comment cites the RFC."""
    count = 0
    for text in texts("grammar/include/postel/grammar/*.hpp"):
        for block in re.findall(r"((?:^[ ]*//.*\n)+)(?:template.*\n)?struct ", text, re.M):
            count += bool(re.search(rf"RFC {rfc}\b", block))
    return count


def cited(rfc, *patterns):
    return any(re.search(rf"RFC {rfc}\b", text) for text in texts(*patterns))


def cases(rfc):
    """Conformance cases that cite the RFC, by their id or by a clause line."""
    count = 0
    for text in texts("conformance/cases/**/*.case"):
        for case in re.split(r"^== ", text, flags=re.M)[1:]:
            count += case.startswith(f"rfc{rfc}/") or bool(re.search(rf"^clause RFC {rfc}\b", case, re.M))
    return count


def table():
    rows = ["| RFC | what | grammar rules | typed API | sessions | conformance cases |", "| --- | --- | --- | --- | --- | --- |"]
    for rfc, title in sorted(titles.items()):
        api = cited(rfc, "lib/include/postel/*.hpp")
        sessions = cited(rfc, "lib/src/server*", "lib/src/client*", "lib/include/postel/server.hpp",
                         "lib/include/postel/client.hpp")
        rows.append(f"| {rfc} | {title} | {rules(rfc) or ''} | {'yes' if api else ''} | {'yes' if sessions else ''} | {cases(rfc) or ''} |")
    return "\n".join(rows) + "\n"


readme = source / "README.md"
begin, end = "<!-- rfc table: lib/test/rfc_table.py -->\n", "<!-- end of table -->\n"
before, rest = readme.read_text().split(begin)
said, after = rest.split(end)
if "--write" in sys.argv:
    readme.write_text(before + begin + table() + end + after)
elif said != table():
    sys.exit("README's table is not what the sources say; lib/test/rfc_table.py . --write makes it anew:\n" + table())
