#!/usr/bin/env python3
"""Compare the calls of a card's drivers on two kernels.

drivers.py NAME LIST STOCK OURS      folders of two runs of dpcm-drivers, the program in
                                     LIST: its TAP is in live.log, the kernel's log in
                                     console.log, the record in calls

Prints a table: for each kind of card the number of sequences, operations and callbacks, and
of sequences that differ; for each kind of difference its number, and the shortest sequence
that has it. Documentation/sound/soc/vendor-nc/dpcm-drivers.rst has the reason why a kind is
right. A difference of no known kind is a failure. Ends with "tap: N passed, N failed" as tap.py does.

A BE is called in blocks: hw_params of its link, DAIs and component, one after the other,
and so on. A kind is a block that only one of the kernels has, under a condition on the state
of the BE in both.
"""
import difflib
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap                                                          # noqa: E402

CALL = re.compile(r"(?:BE(\d+)-(?:link|component)|be(\d+)|codec(\d+)-\d+) ([pc]) (\w+) ?(.*)")
# Linux 6.1 calls it for each DAI, in the middle of hw_params.
FIXUP = re.compile(r"BE(\d+)-link - fixup ")
# The block of each callback of a BE that can come alone
BLOCKS = {"hw_params": "hw_params", "hw_free": "hw_free", "prepare": "prepare",
          "mute 1": "hw_free", "mute 0": "prepare"}

CONFIGURED_AGAIN = "hw_params again: ours configures a BE anew, stock leaves it, with the same parameters"
PREPARED_AGAIN = "prepare again: ours prepares a BE that it has configured anew"
SHARED = "hw_params once: FEs with the same parameters share a BE, stock configures it for each"
FREED_EARLY = "hw_free early: ours frees a BE with the last FE that has parameters, stock with the last that is open"
FREED_TWICE = "hw_free once: stock frees a BE a second time"


def parse(line):
    """(BE, direction), callback, arguments; None if it is not a callback of a BE."""
    found = CALL.fullmatch(line)
    if not found:
        return None
    number = next(group for group in found.groups()[:3] if group is not None)
    return (number, found.group(4)), found.group(5), found.group(6)


def blocks(calls):
    """All calls as (text, BE, block, arguments): blocks, and other calls one by one."""
    result = []
    for line in calls:
        be, call, arguments = parse(line) or (None, "", "")
        block = BLOCKS.get("mute " + arguments if call == "mute" else call)
        fixup = FIXUP.match(line)
        if fixup and result and result[-1][2] == "hw_params" and result[-1][1][0] == fixup.group(1):
            last = result.pop()
            result.append((last[0] + "\n" + line, *last[1:]))
        elif block and result and result[-1][1:3] == (be, block):
            last = result.pop()
            result.append((last[0] + "\n" + line, be, block, last[3] or (arguments if call != "mute" else "")))
        else:
            result.append((line, be, block, arguments if block and call != "mute" else ""))
    return result


class Bes:
    """The state of each BE after its calls on one kernel."""

    def __init__(self):
        self.params, self.fresh = {}, {}

    def told(self, calls):
        """Apply one call."""
        for line in calls:
            be, call, arguments = parse(line) or (None, "", "")
            if call == "hw_params":
                self.params[be], self.fresh[be] = arguments, True
            elif call in ("hw_free", "shutdown"):
                self.params.pop(be, None)
            elif call == "prepare":
                self.fresh[be] = False


def kind_of(block, is_ours, stock, ours):
    """The kind of a block that only one of them has; the two Bes are before the operation."""
    _, be, what, arguments = block
    if is_ours and what == "hw_params" and stock.params.get(be) == arguments:
        return CONFIGURED_AGAIN
    if is_ours and what == "prepare" and ours.fresh.get(be):
        return PREPARED_AGAIN
    if not is_ours and what == "hw_params" and ours.params.get(be) == arguments:
        return SHARED
    if is_ours and what == "hw_free" and be in ours.params and be in stock.params:
        return FREED_EARLY
    if not is_ours and what == "hw_free" and be not in ours.params:
        return FREED_EARLY if be in stock.params else FREED_TWICE
    return None


def classify(stock_calls, ours_calls, stock, ours):
    """The kinds of a difference; with None if a part of it is of no kind."""
    one, other = blocks(stock_calls), blocks(ours_calls)
    found = set()
    left = []
    for mine, others, is_ours in (one, other, False), (other, one, True):
        texts = [block[0] for block in others]
        keep = []
        for block in mine:
            if block[0] in texts:
                texts.remove(block[0])
            else:
                # hw_params and prepare may come in one operation.
                if is_ours and block[2] == "hw_params":
                    ours.fresh[block[1]] = True
                kind = kind_of(block, is_ours, stock, ours) if block[2] else None
                if kind:
                    found.add(kind)
                    continue
            keep.append(block[0])
        left.append(keep)
    return found if left[0] == left[1] else found | {None}


class Record:
    """A record: for each (card, sequence) the operations, each with its calls."""

    def __init__(self, lines):
        self.sequences, card, current = {}, None, None
        for line in lines:
            if line.startswith("card "):
                card = line[5:]
            elif line.startswith("sequence "):
                current = self.sequences[card, int(line[9:])] = []
            elif line.startswith(" "):
                current[-1][1].append(line[1:])
            else:
                current.append((line, []))


class Differences:
    """All differences of two records by kind."""

    def __init__(self, stock, ours):
        self.cards, self.kinds, self.odd = {}, {}, []
        for key, operations in stock.sequences.items():
            other = ours.sequences.get(key, [])
            row = self.cards.setdefault(key[0], [0, 0, 0, 0, 0])
            row[0] += 1
            row[1] += len(operations)
            row[2] += sum(len(calls) for _, calls in operations)
            if [op for op, _ in operations] != [op for op, _ in other]:
                self.odd.append("%s, sequence %d: other operations" % key)
            else:
                differ = self.sequence(key, operations, other)
                row[3] += differ > 0
                row[4] += differ
        for key in ours.sequences:
            if key not in stock.sequences:
                self.odd.append("%s, sequence %d: ours only" % key)

    def sequence(self, key, stock, ours):
        """Compare one sequence; the number of operations that differ."""
        differ, bes = 0, (Bes(), Bes())
        for at, ((_, before), (_, after)) in enumerate(zip(stock, ours)):
            if before != after:
                differ += 1
                for kind in classify(before, after, *bes):
                    self.add(kind, key, (at, key, " ".join(op for op, _ in stock[:at + 1]), before, after))
            bes[0].told(before)
            bes[1].told(after)
        return differ

    def add(self, kind, key, example):
        """Add one operation with this difference."""
        entry = self.kinds.setdefault(kind, {"count": 0, "sequences": set(), "example": example})
        entry["count"] += 1
        entry["sequences"].add(key)
        if example[0] < entry["example"][0]:
            entry["example"] = example

    def table(self):
        """Print the table."""
        yield "%-14s %10s %10s %10s %10s %10s" % ("card", "sequences", "operations", "callbacks", "sequences", "operations")
        yield "%-47s %10s %10s" % ("", "differ", "differ")
        rows = list(self.cards.items())
        rows.append(("all", [sum(row[i] for _, row in rows) for i in range(5)]))
        for card, row in rows:
            yield "%-14s %10d %10d %10d %10d %10d" % (card, *row)
        for kind, entry in sorted(self.kinds.items(), key=lambda item: -item[1]["count"]):
            yield "%d times in %d sequences: %s" % (entry["count"], len(entry["sequences"]), kind or "UNKNOWN")
            yield from ("  " + line for line in self.example(entry["example"]))

    @staticmethod
    def example(example):
        """The shortest sequence, and the difference after its last operation."""
        _, key, text, before, after = example
        yield "%s, sequence %d: %s" % (*key, text)
        for line in difflib.unified_diff(before, after, "stock", "ours", lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                yield line


def compare(count, stock, ours):
    """Compare two records and print the table."""
    found = Differences(stock, ours)
    for line in found.table():
        print(line)
    for text in found.odd[:5]:
        count.fail(text)
    count.check(bool(found.cards), "nothing was recorded")
    unknown = found.kinds.get(None, {"sequences": (), "example": None})
    for card in found.cards:
        wrong = [key for key in unknown["sequences"] if key[0] == card]
        text = "%s: %d sequences differ in a way that nobody knows" % (card, len(wrong))
        if wrong and unknown["example"][1][0] == card:
            text += "".join("\n    " + line for line in found.example(unknown["example"]))
        count.check(not wrong, text)


def main(args):
    """Check the runs, then compare."""
    if len(args) != 4:
        sys.exit(__doc__)
    name, listed, stock, ours = args
    programs = [line.split()[0] for line in tap.read(listed)]
    count = tap.Count(name)
    for folder in stock, ours:
        tap.guest(count, programs, tap.read(folder + "/live.log"), tap.read(folder + "/console.log"))
    compare(count, Record(tap.read(stock + "/calls")), Record(tap.read(ours + "/calls")))
    print("tap: %d passed, %d failed" % (count.passed, count.failed))


if __name__ == "__main__":
    main(sys.argv[1:])
