#!/usr/bin/env python3
"""The last results on one page.

report.py TOP PAGE
        TOP is the repository, PAGE the HTML file that is written. It needs no other
        file: pictures are in it.

The results are those that the commands wrote to TOP/out and TOP/build/run; each section
names its command and the time of its run. A command without a result is listed as not
run, and a result that cannot be read is a failure. The status is 0 if the page was
written, even with failures; 1 if there is no result at all.
"""
import base64
import csv
import glob
import html
import os
import re
import subprocess
import sys
import time

TAP = re.compile(r"^tap: (\d+) passed, (\d+) failed$", re.M)

STYLE = """
:root { --ink: #1d2329; --dim: #5b6670; --line: #d6dbe0; --good: #1b7f5c; --bad: #b3261e }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink) }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem }
p { margin: .3rem 0 } .dim { color: var(--dim); font-size: .875rem }
code, pre { font: .875rem/1.45 ui-monospace, monospace }
.wide { overflow-x: auto } pre { margin: .5rem 0; white-space: pre }
table { border-collapse: collapse; margin: .5rem 0; font-size: .9rem }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.good { color: var(--good); font-weight: 600 } .bad { color: var(--bad); font-weight: 600 }
figure { margin: .8rem 0 } img { max-width: 100%; height: auto } figcaption { font-size: .875rem }
@media screen and (max-width: 40rem) { figure { overflow-x: auto } img { max-width: none; width: 52rem } }
@media print { body { max-width: none; font-size: 11px } h2 { break-after: avoid } tr, figure { break-inside: avoid }
  .wide { overflow: visible } pre { white-space: pre-wrap } }
"""


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def when(paths):
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(max(os.path.getmtime(p) for p in paths)))


class Page:
    """Sections, and the names of those without results."""

    def __init__(self):
        self.parts, self.missing = [], []

    def section(self, title, command, paths, body):
        """A section made of the files @paths; without any, the command is one that was not run."""
        if not paths:
            self.missing.append((title, command))
            return
        self.parts.append("<h2>%s</h2>\n<p class=dim><code>%s</code>, %s</p>\n%s"
                          % (html.escape(title), html.escape(command), when(paths), body(paths)))


def table(heads, rows):
    """Rows of text; numbers, and heads of columns that begin with one, to the right."""
    def cell(tag, text):
        mark, text = text if isinstance(text, tuple) else ("", text)
        right = "n" if re.match(r"^[\d.]+$", str(text)) else ""
        kind = " ".join(filter(None, (mark, right)))
        return "<%s%s>%s</%s>" % (tag, ' class="%s"' % kind if kind else "", html.escape(str(text)), tag)
    lines = ["<tr>%s</tr>" % "".join(cell("th", h) for h in heads)]
    lines += ["<tr>%s</tr>" % "".join(cell("td", c) for c in row) for row in rows]
    return "<div class=wide><table>\n%s\n</table></div>" % "\n".join(lines)


def verdict(path):
    """(passed, failed, failures) of a file of tap.py; one without its last line has failed."""
    text = read(path)
    found = TAP.findall(text)
    failures = [line for line in text.splitlines() if line.startswith("FAILED")]
    if not found:
        return 0, 1, failures or ["FAILED: no result in it"]
    return int(found[-1][0]), int(found[-1][1]), failures


def tests(paths):
    rows, wrong, passed, failed = [], [], 0, 0
    for path in paths:
        good, bad, failures = verdict(path)
        name = os.path.dirname(path) if os.path.basename(path) == "count" else path[:-len(".count")]
        rows.append((os.path.basename(name), good, ("bad", bad) if bad else bad))
        passed, failed = passed + good, failed + bad
        wrong += failures
    rows.append(("all", passed, ("bad" if failed else "good", failed)))
    return table(("", "passed", "failed"), rows) + preformatted("\n".join(wrong))


def long_runs(paths):
    rows = []
    for path in paths:
        good, bad, failures = verdict(path)
        log = os.path.join(os.path.dirname(path), "live.log")
        said = re.findall(r"^(?:not )?ok \d+ (.*)$", read(log), re.M) if os.path.exists(log) else []
        rows.append((os.path.basename(os.path.dirname(path)), good, ("bad" if bad else "good", bad), when([path]),
                     failures[0] if failures else said[0] if said else ""))
    return table(("", "passed", "failed", "when", "what it said"), rows)


def preformatted(text):
    return "<div class=wide><pre>%s</pre></div>" % html.escape(text) if text.strip() else ""


def texts(paths):
    return "".join(preformatted(read(path)) for path in paths)


def mutants(paths):
    """Lines of mutants.sh: name, missing part, test that detected it. "-" is no mutant, which must pass."""
    rows = []
    for line in "".join(read(path) for path in paths).splitlines():
        found = re.match(r"(\S+)\s+(.*?)\s+((?:[\w-]+, \d+ s: |survived|apps: ).*)$", line)
        name, what, result = found.groups() if found else ("", "", line)
        rows.append((name, what, ("bad", result) if "survived" in result and name != "-" else result))
    return table(("", "taken out", "noticed by"), rows)


def ratios(paths):
    """Pairs of files of instructions, the base first; a line for each cell, a column for each operation."""
    body = ""
    for base, other in zip(paths[::2], paths[1::2]):
        numbers = []
        for path in (base, other):
            with open(path, newline="", encoding="ascii") as f:
                numbers.append({(r["cell"], r["operation"]): int(r["instructions"]) for r in csv.DictReader(f)})
        cells, operations = (list(dict.fromkeys(key[i] for key in numbers[0])) for i in (0, 1))

        def ratio(key):
            if key not in numbers[0]:
                return ""
            return "%.3f" % (numbers[1][key] / numbers[0][key]) if key in numbers[1] else ("bad", "missing")
        body += "<p>%s</p>" % html.escape("%s, to %s" % tuple(
            os.path.basename(p)[:-len(".csv")] for p in (other, base)))
        body += table(["", *operations], [[cell] + [ratio((cell, op)) for op in operations] for cell in cells])
    return body


def pictures(paths):
    body = ""
    for path in paths:
        kind = "svg+xml" if path.endswith(".svg") else "png"
        with open(path, "rb") as f:
            data = base64.b64encode(f.read()).decode("ascii")
        name = os.path.splitext(os.path.basename(path))[0]
        body += '<figure><img alt="%s" src="data:image/%s;base64,%s"><figcaption>%s</figcaption></figure>\n' % (
            name, kind, data, name)
    return body


def pairs(folder, base, other):
    """Files that differ in one word, as base, other, base, other."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "*%s.csv" % base))):
        twin = path[:-len(base + ".csv")] + other + ".csv"
        if os.path.exists(twin):
            found += [path, twin]
    return found


def make_check(what):
    """The command whose results are in out/check-WHAT."""
    if what in ("armv5", "dma", "stock"):
        return "make check-" + what
    board = re.sub("^arm64-?", "", what)
    return "make check" + (" ARCH=arm64" if what != board else "") + (" BOARD=" + board if board else "")


def fill(page, top):
    out = os.path.join(top, "out")
    for folder in sorted({"check"} | {os.path.basename(p) for p in glob.glob(os.path.join(out, "check*"))}):
        counts = sorted(p for name in ("*.count", "count", "*/count") for p in glob.glob(os.path.join(out, folder, name)))
        if counts or folder == "check":
            what = folder[len("check"):].lstrip("-")
            command = make_check(what)
            page.section("Tests" + (", " + what if what else ""), command, counts, tests)
    page.section("Known defects on the stock kernel", "make check-stock",
                 glob.glob(os.path.join(out, "check-stock", "table.txt")), texts)
    page.section("Mutants", "make mutants", glob.glob(os.path.join(out, "mutants", "table.txt")), mutants)
    page.section("What takes longer than make check", "make check-long",
                 glob.glob(os.path.join(out, "long", "table.txt")), texts)
    runs = os.path.join(top, "build", "run")
    page.section("Long runs", "make fuzz, make stress, make race, make unbind",
                 sorted(p for name in ("fuzz", "stress-*", "race-*", "unbind-*") for p in glob.glob(os.path.join(runs, name, "count"))),
                 long_runs)
    page.section("The demo", "make demo", glob.glob(os.path.join(out, "demo.png")), pictures)
    page.section("Traces", "make timeline", sorted(glob.glob(os.path.join(out, "timeline", "*.svg"))), pictures)
    page.section("How costs grow", "make bench", sorted(glob.glob(os.path.join(out, "bench", "*.svg"))), pictures)
    for name, words in (("dpcm", ("stock", "ours")), ("sync", ("instructions-stock", "instructions-ours")),
                        ("trace", ("demo", "tracing"))):
        page.section("Instructions: %s" % name, "make bench-%s" % name,
                     pairs(os.path.join(out, "bench-" + name), *words), ratios)


def git(top, *args):
    try:
        return subprocess.run(("git", "-C", top) + args, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def main(args):
    if len(args) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    top, target = args
    page = Page()
    fill(page, top)
    if not page.parts:
        print("error: there are no results yet; run make check, for example", file=sys.stderr)
        return 1
    version = git(top, "log", "-1", "--format=%h, %ad", "--date=short") or "no commit"
    changed = ", with changes that are not committed" if git(top, "status", "--porcelain") else ""
    missing = "".join("<li>%s: <code>%s</code></li>" % tuple(map(html.escape, m)) for m in page.missing)
    with open(target, "w", encoding="utf-8") as f:
        f.write('<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                '<title>vendor-nc: results</title>\n<style>%s</style>\n<h1>vendor-nc: results</h1>\n'
                '<p class=dim>The repository now: %s%s. Each section says when its command ended.</p>\n%s\n%s</html>\n'
                % (STYLE, html.escape(version), changed, "\n".join(page.parts),
                   "<h2>Not run here</h2>\n<ul>%s</ul>\n" % missing if missing else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
