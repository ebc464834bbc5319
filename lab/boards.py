#!/usr/bin/python3
"""The broken boards of lab/boards/broken.

boards.py write DTS DIR         write DIR/NAME.dts for each board, made of DTS, and its name
boards.py booted                the names of those that are booted
boards.py judge NAME BASE DIR   check the boot of a board whose guest wrote its files to
                                DIR: a line of a table, then the failures
boards.py found BASE DIR FILE   check DIR/NAME.dtb of all boards as make check-dt does, with
                                the output of dt-validate in FILE, and compare with the
                                list: "ok NAME" or "not ok NAME" and the reason
boards.py mend DIR FILE         mend each finding that names a value: write DIR/NAME+N.dtb,
                                and print its name
boards.py mended DIR FILE       check those in the same way; print findings that are still there

BASE is nc1-phone.dtb with symbols, which has the paths of the labels.
"""
import os
import re
import struct
import sys

import libfdt

import board
import dtree
import tap

BLOCKS = "fe0 fe1 fe2 fe3 fe4 fe5 xbar i2s0 i2s1 pdm0".split()
# A line of ours: level, driver and device, the kernel's prefix, then node, property, text
# and mend.
OURS = re.compile(r"^<[0-4]>[^/]*(/\S+): ([#\w-]+): ([^;]+; .+)$")
# Any other line of our drivers. The ASoC core logs with a device's name that set_fmt failed.
STRAY = re.compile(r"^<[0-4]>(nc1-|snd_soc_nc1)(?!.*: ASoC: error at snd_soc_dai_set_fmt)")


class Record:
    """One board."""

    def __init__(self, lines):
        self.name, self.log, self.without, self.checks, self.source = lines[0], None, [], [], []
        self.follows, self.core = [], None
        for line in lines[1:]:
            word, _, rest = line.strip().partition(" ")
            if word == "log":
                self.log = rest.split(" ", 1)
            elif word == "without":
                self.without = rest.split()
            elif word == "follows":
                self.follows = rest.split()
            elif word == "core":
                self.core = rest
            elif word == "check":
                self.checks.append(rest)
            else:
                self.source.append(line)
        self.booted = bool(self.log or self.core or self.without or lines[0] == "good")


def records():
    """All boards, in the order of the file."""
    with open(os.path.join(os.path.dirname(__file__), "boards", "broken"), encoding="utf-8") as file:
        text = "\n".join(line for line in file.read().splitlines() if not line.startswith("#"))
    return [Record(part.strip("\n").split("\n")) for part in re.split(r"\n\n+", text) if part.strip()]


def labels(base):
    """The path of each label."""
    with open(base, "rb") as file:
        tree = dtree.Tree(file.read())
    paths = {name: value.decode().rstrip("\0") for name, value in tree.nodes["/__symbols__"].props.items()}
    paths.update({"sound": "/sound", "sim": paths["nc1_sim"], "/": "/"})
    return paths


def expand(names):
    """Labels; "blocks" is expanded."""
    return [name for word in names for name in (BLOCKS if word == "blocks" else [word])]


def judge(record, base, directory):
    """The failures of a boot, and the line that the drivers logged."""
    paths = labels(base)
    log = tap.read(os.path.join(directory, "dmesg"))
    bound = dict(line.split() for line in tap.read(os.path.join(directory, "bound")))
    wrong = ["splat: " + text for _, text in tap.splats(log)]
    if not log or not bound:
        wrong.append("the guest left nothing")
    if record.core and not any(record.core in line for line in log):
        wrong.append("no line says \"%s\"" % record.core)
    follows = [paths[name] for name in expand(record.follows)]
    ours = [match.groups() for match in map(OURS.match, log) if match and match.group(1) not in follows]
    wrong += ["in other words: " + line for line in log if STRAY.match(line) and not OURS.match(line)]
    if record.log is None:
        wrong += ["unexpected: %s: %s: %s" % line for line in ours]
    else:
        prop, _, text = record.log[1].partition(": ")
        for name in expand([record.log[0]]):
            hits = [line for line in ours if line[:2] == (paths[name], prop) and line[2].startswith(text)]
            if len(hits) != 1:
                wrong.append("%d lines say \"%s: %s: %s\"" % (len(hits), paths[name], prop, text))
        if len(ours) != len(expand([record.log[0]])):
            wrong += ["logged: %s: %s: %s" % line for line in ours]
    without = expand(record.without)
    for name in ["sim"] + BLOCKS + ["sound"]:
        want = name not in without and not (name == "sound" and without)
        have = bound.get(paths[name], "-") != "-"
        if want != have:
            wrong.append("%s is %sbound" % (name, "" if have else "not "))
    return wrong, ours


def found(record, paths, findings):
    """Findings of make check-dt that are missing, or are not in the list."""
    lines, wrong = ["%s: %s: %s" % finding[:3] for finding in findings], []
    for check in record.checks:
        name, _, text = check.partition(": ")
        path = paths.get(name, name)
        hits = [line for line in lines if line.startswith(path + ": ") and text.strip() in line]
        wrong += ["not found: %s: %s" % (path, text)] * (not hits)
        lines = [line for line in lines if line not in hits[:1]]
    wrong += ["found: " + line for line in lines]
    wrong += ["names a value that is not tried: " + finding.text for finding in findings
              if re.search("; (make it|name it once|name the front|remove it|swap)", finding.text) and finding.fix is None]
    return wrong


def mend(directory, name, said):
    """Write a mended board for each finding that names a value."""
    with open("%s/%s.dtb" % (directory, name), "rb") as file:
        blob = file.read()
    for number, finding in enumerate(board.check("%s/%s.dtb" % (directory, name), said)):
        if finding.fix is None:
            continue
        fdt = libfdt.Fdt(blob)
        fdt.resize(len(blob) + 1024)
        at = fdt.path_offset(finding.path)
        if finding.fix:
            strings = isinstance(finding.fix[0], str)
            fdt.setprop(at, finding.prop, b"".join(value.encode() + b"\0" if strings else struct.pack(">I", value)
                                                   for value in finding.fix))
        else:
            fdt.delprop(at, finding.prop)
        with open("%s/%s+%d.dtb" % (directory, name, number), "wb") as file:
            file.write(fdt.as_bytearray())
        yield "%s+%d" % (name, number)


def mended(directory, name, said):
    """The findings that a mended board still has."""
    for number, finding in enumerate(board.check("%s/%s.dtb" % (directory, name), said)):
        if finding.fix is not None:
            after = board.check("%s/%s+%d.dtb" % (directory, name, number), said)
            yield from ("after what it says: %s: %s: %s" % left[:3] for left in after if left[:3] == finding[:3])


def main(args):
    """See above."""
    boards = {record.name: record for record in records()}
    if len(args) == 3 and args[0] == "write":
        for record in boards.values():
            with open(os.path.join(args[2], record.name + ".dts"), "w", encoding="utf-8") as file:
                file.write("#include \"%s\"\n%s\n" % (args[1], "\n".join(record.source)))
            print(record.name)
    elif args == ["booted"]:
        print("\n".join(record.name for record in boards.values() if record.booted))
    elif len(args) == 4 and args[0] == "judge":
        wrong, ours = judge(boards[args[1]], args[2], args[3])
        said = "%s: %s: %s" % ours[0] if ours else "-"
        print("%-6s %-24s %s%s" % ("FAILED" if wrong else "ok", args[1], said,
                                   " (and %d more)" % (len(ours) - 1) if len(ours) > 1 else ""))
        for text in wrong:
            print("    " + text)
        sys.exit(1 if wrong else 0)
    elif len(args) == 4 and args[0] == "found":
        said = "\n".join(tap.read(args[3]))
        for record in boards.values():
            wrong = found(record, labels(args[1]), board.check("%s/%s.dtb" % (args[2], record.name), said))
            print("%s %s" % ("not ok" if wrong else "ok", record.name))
            print("".join("# %s\n" % text for text in wrong), end="")
    elif len(args) == 3 and args[0] in ("mend", "mended"):
        said = "\n".join(tap.read(args[2]))
        for name in boards:
            print("".join(line + "\n" for line in globals()[args[0]](args[1], name, said)), end="")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
