"""Makes `communes.txt.gz` of `frgov_clients.ban.address`: names of communes, and what became of the former ones.

    python -m benchmarks.make_communes DIRECTORY [COMMUNES_JSON]

DIRECTORY holds `communes.csv` and `mouvements-communes.csv` of INSEE's Code officiel géographique. COMMUNES_JSON, when
given, is `communes.json` (or `.gz`) of the package @etalab/decoupage-administratif, whose newer mergers are added.

The file has two parts, separated by an empty line. First the former communes and former names,
`code;name;code of today[,code]`; then the communes of today, `code;name`, the code left out where it is the one after
the last.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).parent.parent / "src/frgov_clients/ban/address/communes.txt.gz"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def name_of(row: dict[str, str], after: str = "") -> str:
    """The name in capitals with its article, as La Poste writes it: LA MONCELLE."""
    article = {"2": "LE ", "3": "LA ", "4": "LES ", "5": "L ", "6": "AUX ", "7": "LAS ", "8": "LOS "}
    return article.get(row[f"TNCC{after}"], "") + row[f"NCC{after}"]


class Cog:
    """Communes by their codes."""

    def __init__(self) -> None:
        self.today: dict[str, str] = {}
        self.became: dict[str, set[str]] = defaultdict(set)
        """The codes that a former code became, which may be former ones themselves."""
        self.former: dict[str, str] = {}
        self.renamed: set[tuple[str, str]] = set()
        """Code of today, and a name that it had."""


def read_cog(directory: Path) -> Cog:
    cog = Cog()
    today, became, former = cog.today, cog.became, cog.former
    for row in read_csv(directory / "communes.csv"):
        if row["TYPECOM"] in ("COM", "ARM"):
            today[row["COM"]] = name_of(row)
        elif row["COMPARENT"] != row["COM"]:
            became[row["COM"]].add(row["COMPARENT"])
            former[row["COM"]] = name_of(row)
        else:
            cog.renamed.add((row["COM"], name_of(row)))
    moves = [row for row in read_csv(directory / "mouvements-communes.csv") if row["TYPECOM_AV"] == "COM"]
    last: dict[str, str] = {}
    for row in moves:
        if row["TYPECOM_AP"] == "COM" and row["COM_AV"] not in today:
            last[row["COM_AV"]] = max(last.get(row["COM_AV"], ""), row["DATE_EFF"])
    for row in moves:
        code = row["COM_AV"]
        if code in last and row["TYPECOM_AP"] == "COM" and row["DATE_EFF"] == last[code] and row["COM_AP"] != code:
            became[code].add(row["COM_AP"])
            former.setdefault(code, name_of(row, "_AV"))
        elif code in today and row["COM_AP"] == code:
            cog.renamed.add((code, name_of(row, "_AV")))
    return cog


def add_newer(path: Path, cog: Cog) -> None:
    """The mergers of a later year."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for one in json.loads(text):
        if one["type"] != "commune-actuelle":
            continue
        for old in one.get("anciensCodes", []):
            if old != one["code"] and old in cog.today:
                cog.became[old].add(one["code"])
                cog.former[old] = cog.today.pop(old)


def today_of(code: str, cog: Cog) -> set[str]:
    """Where a former code leads, over all mergers."""
    seen: set[str] = set()
    left, found = [code], set()
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in cog.today:
            found.add(one)
        else:
            left += cog.became.get(one, ())
    return found


def today_lines(cog: Cog) -> list[str]:
    lines, expected = [], ""
    for code in sorted(cog.today):
        lines.append(cog.today[code] if code == expected else f"{code};{cog.today[code]}")
        expected = f"{code[:2]}{int(code[2:]) + 1:03}"
    return lines


def main(directory: Path, newer: Path | None) -> None:
    cog = read_cog(directory)
    if newer:
        add_newer(newer, cog)
    lines = []
    for code in sorted(cog.former):
        found = sorted(today_of(code, cog))
        if found:
            lines.append(f"{code};{cog.former[code]};{','.join(found)}")
    renamed = [f"{code};{name};{code}" for code, name in sorted(cog.renamed) if cog.today.get(code, name) != name]
    text = "\n".join([*lines, *renamed, "", *today_lines(cog)]) + "\n"
    OUT.write_bytes(gzip.compress(text.encode("ascii"), 9, mtime=0))
    print(f"{len(lines)} former communes, {len(renamed)} former names, {len(cog.today)} of today")
    print(f"{OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
