"""Walks the table of the client-server API's endpoints (endpoints.csv): whoever asks for one that is served is not told that it
is unknown, under each of its prefixes; and what still awaits something is not in the table as served.

    endpoints.py HOMESERVER_URL
"""
import csv
import os
import re
import sys

from malformed import Malformed

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "endpoints.csv")


def prefixes(row):
    yield row["path"]
    if row["also"]: yield re.sub(r"^(/_matrix/\w+)/v\d+/", rf"\1/{row['also']}/", row["path"])


def main(url):
    client, wrong, asked = Malformed(url, "walker"), [], 0
    client.prepare()
    client.values["room_id"] = client.values["roomId"]
    with open(TABLE) as file:
        rows = list(csv.DictReader(file))
    # What ends sessions comes last.
    rows.sort(key=lambda row: row["path"].endswith(("/logout", "/logout/all", "/deactivate")))
    for row in rows:
        for template in prefixes(row):
            asked += 1
            body = b"{}" if row["method"] in ("PUT", "POST") else None
            answer = client.ask("the table", row["method"], client.path(template), body, client.token)
            if answer is None: continue
            is_unknown = b"M_UNRECOGNIZED" in answer[1]
            if is_unknown and not row["awaits"]: wrong.append(f"{row['method']} {template} is not known")
            if not is_unknown and row["awaits"] and template == row["path"]:
                wrong.append(f"{row['method']} {template} is served: it awaits {row['awaits']} no more")
    wrong += client.faults.values()
    print(f"{asked} asked by {len(rows)} rows, {sum(1 for row in rows if row['awaits'])} await something; {len(wrong)} wrong")
    for line in wrong: print("  " + line)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
