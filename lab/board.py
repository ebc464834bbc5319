#!/usr/bin/python3
"""Check a board with an NC1 by the rules that its bindings cannot express.

board.py FILE DTB [MESSAGES]   FILE is the name for the findings, DTB the compiled board,
                               MESSAGES the output of dt-validate for it

One line for each finding, "FILE: NODE: PROPERTY: what is wrong; how to mend it". The
status is 1 if there are any. The rules are those of the data sheet,
Documentation/sound/soc/vendor-nc/nc1-hardware.rst. The blocks are checked here, the card
that joins them in card.py.
"""
import collections
import os
import re
import sys

import card
import dtree
from nc1 import BLOCKS, CLOCKS, KINDS, RATES, WINDOW_SIZE, WINDOWS, WINDOWS_SIZE

SIM, CARD, SOC = "vendor-nc,nc1-sim", "audio-graph-card2", "vendor-nc,nc1"

# What is wrong, and how to mend it. FIX is the right value: numbers, strings, or an empty
# list if the property must be removed.
Finding = collections.namedtuple("Finding", "path prop text fix")


class Board:
    """A board, and its findings."""

    def __init__(self, tree):
        self.tree, self.findings, self.mistaken = tree, [], set()
        enabled = [node for node in tree.root.all() if node.enabled()]
        self.blocks = [(node, KINDS[name]) for node in enabled for name in node.strings("compatible") if name in KINDS]
        self.dais = [(node, kind) for node, kind in self.blocks if kind != "xbar"]
        self.sims = [node for node in enabled if SIM in node.strings("compatible")]
        # A card with another compatible is checked like ours. A disabled card is checked only if
        # no card is enabled.
        cards = [node for node in tree.root.all() if CARD in node.strings("compatible") or
                 (node.parent is tree.root and "links" in node.props and node.child("dpcm"))]
        self.cards = [node for node in cards if node.enabled()] or cards
        self.enabled = enabled

    def find(self, node, prop, what, mend, fix=None, key=None, about=()):
        """Note one finding. Each property, or each KEY of it, gets one finding. The
        errors that it causes, at this node and at the nodes in ABOUT, get none."""
        seen = (node.path, prop, key)
        if seen not in self.mistaken:
            self.findings.append(Finding(node.path, prop, "%s; %s" % (what, mend), fix))
        self.mistaken.update([seen, node.path], (other.path for other in about if other))

    def is_wrong(self, node):
        """Whether there is a finding about this node."""
        return node.path in self.mistaken

    def first(self, seen, key, node, name, what, mend, fix=None):
        """Note a finding if another block was there before with the same key."""
        other = seen.setdefault(key, node)
        if other is not node:
            self.find(node, name, "%s is that of %s" % (what, other.path), mend, fix)
        return other is node

    def window(self, node):
        """The block of the data sheet that has the node's window, or None."""
        return next((BLOCKS[start] for start, _ in self.tree.reg(node) if start in BLOCKS), None)

    def named(self):
        """The nodes that may have a name in routes."""
        return [node for node in self.tree.root.all()
                if "sound-name-prefix" in node.props or any(node is dai for dai, _ in self.dais)]

    def check_status(self):
        """Check for words that switch a node neither on nor off: the kernel takes them for off."""
        for node in self.enabled:
            if node.string("status") not in ("", "okay", "ok"):
                self.find(node, "status", "\"%s\" is neither on nor off" % node.string("status"),
                          "make it \"okay\"", ["okay"])

    def check_compatible(self):
        """Check for nodes that look like a block or a card and are none."""
        for node in self.enabled:
            names = node.strings("compatible")
            ours = node.path != "/" and [name for name in names if name.startswith("vendor-nc,")]
            if ours and not any(name in KINDS or name == SIM for name in ours):
                block = self.window(node) if node.parent else None
                kind = block and "vendor-nc,nc1-" + block[1]
                self.find(node, "compatible", "no driver knows \"%s\"" % ours[0],
                          "make it \"%s\"" % kind if kind else "give one of the bindings'", kind and [kind])
        for node in self.cards:
            if self.blocks and not node.enabled():
                self.find(node, "status", "the board has no other card", "make it \"okay\"", ["okay"])
            if CARD not in node.strings("compatible"):
                self.find(node, "compatible", "\"%s\" cannot make a card of these links" % node.string("compatible"),
                          "make it \"%s\"" % CARD, [CARD])
        if self.blocks and SOC not in self.tree.root.strings("compatible"):
            self.find(self.tree.root, "compatible", "the board's lacks \"%s\"" % SOC, "add it after the board's own",
                      self.tree.root.strings("compatible")[:1] + [SOC])

    def check_windows(self):
        """Check that each block is at the address of the data sheet."""
        seen = {}
        for node, kind in self.blocks:
            for start, size in self.tree.reg(node):
                block = BLOCKS.get(start)
                if size != WINDOW_SIZE:
                    self.find(node, "reg", "%#x bytes" % size, "a window has %#x" % WINDOW_SIZE)
                elif block is None:
                    self.find(node, "reg", "no block has its window at %#x" % start, "take one of the data sheet's")
                elif self.first(seen, start, node, "reg", "the window at %#x" % start, "give the block's own") and \
                        block[1] != kind:
                    self.find(node, "compatible", "the block at %#x is %s" % (start, block[0]),
                              "make it \"vendor-nc,nc1-%s\", or correct \"reg\"" % block[1],
                              ["vendor-nc,nc1-" + block[1]])

    def check_off(self):
        """Check that each controller or clock that blocks use is enabled; one finding for each."""
        for node in [block for block, _ in self.blocks] + self.sims:
            for name, cells_name in (("clocks", "#clock-cells"), ("resets", "#reset-cells"), ("dmas", "#dma-cells")):
                for target, _ in self.tree.specifiers(node, name, cells_name):
                    if target and not target.enabled():
                        self.find(target, "status", "%s of %s lead to it" % (name, node.path), "make it \"okay\"",
                                  ["okay"])

    def check_lines(self, name, cells_name, index, count):
        """Check reset or request lines: each exists, and is the block's own."""
        if any(sim.cells(cells_name) != [1] for sim in self.sims):
            return
        for node, kind in self.blocks:
            block = self.window(node)
            if name == "dmas" and not kind.startswith("fe") or not block or block[1] != kind:
                continue
            own = block[index]
            for target, cells in self.tree.specifiers(node, name, cells_name):
                if target and self.is_wrong(target):
                    continue
                if target is None or self.sims and target not in self.sims:
                    fix = self.sims[0].cells("phandle") + [own] if self.sims else None
                    self.find(node, name, "leads to %s" % (target.path if target else "no node"),
                              "make it %d of %s" % (own, self.sims[0].path) if fix else "name the controller", fix)
                elif not self.sims:
                    continue
                elif not cells or cells[0] >= count:
                    self.find(node, name, "there is no line %s" % (cells or ["?"])[0], "make it %d" % own,
                              target.cells("phandle") + [own])
                elif cells[0] != own:
                    self.find(node, name, "line %d is not that of %s" % (cells[0], block[0]), "make it %d" % own,
                              target.cells("phandle") + [own])

    def check_gate(self, node, name, clock, cells):
        """Check that a block's clock is the simulator's gate of that name."""
        gates = list(CLOCKS)
        if name not in gates:
            return
        sim, mend = self.sims[0], "make it %d" % gates.index(name)
        own = [cell for wanted in node.strings("clock-names") if wanted in gates
               for cell in sim.cells("phandle") + [gates.index(wanted)]]
        if clock not in self.sims:
            self.find(node, "clocks", "\"%s\" is %s, which the simulator does not see" % (name, clock.path),
                      "%s of %s" % (mend, sim.path), own)
        elif not cells or cells[0] >= len(gates):
            self.find(node, "clocks", "there is no clock %s" % (cells or ["?"])[0], mend, own)
        elif cells[0] != gates.index(name):
            self.find(node, "clocks", "\"%s\" is clock %d" % (name, cells[0]), mend, own)

    def check_clocks(self):
        """Check for rates that no clock can make. With a simulator the clocks of the blocks are its
        gates, whose parents are the simulator's clocks."""
        seen = set()
        for node in self.sims + [block for block, _ in self.blocks]:
            clocks = self.tree.specifiers(node, "clocks", "#clock-cells")
            if any(clock in self.sims and clock.cells("#clock-cells") != [1] for clock, _ in clocks) or \
                    (node.path, "clock-names", None) in self.mistaken:
                continue
            for (clock, cells), name in zip(clocks, node.strings("clock-names")):
                if clock and self.is_wrong(clock):
                    continue
                if clock is None:
                    self.find(node, "clocks", "nothing provides \"%s\"" % name, "point it at a clock that is enabled")
                    continue
                if not clock.strings("compatible"):
                    what = SIM if "#reset-cells" in clock.props else "fixed-clock"
                    self.find(clock, "compatible", "missing, and \"%s\" of %s leads here" % (name, node.path),
                              "make it \"%s\"" % what, [what])
                    continue
                if node not in self.sims and self.sims:
                    self.check_gate(node, name, clock, cells)
                    continue
                hertz = (clock.cells("clock-frequency") + [0])[0]
                want = CLOCKS.get(name) or hertz
                # Reported once for each clock, at the first block that uses it.
                if "fixed-clock" not in clock.strings("compatible") or hertz == want or (clock, name) in seen:
                    continue
                seen.add((clock, name))
                lost = [str(rate) for rate in RATES if want % rate == 0 and (not hertz or hertz % rate)]
                self.find(node, "clocks", "\"%s\" is %s with %d Hz%s" %
                          (name, clock.path, hertz, ", which does not make " + ", ".join(lost) if lost else ""),
                          "give a clock of %d Hz" % want)

    def check_memory(self):
        """Check the reserved memory that holds the windows."""
        ram = [area for node in self.enabled if node.string("device_type") == "memory" for area in self.tree.reg(node)]
        for sim in self.sims:
            region = self.tree.target(sim, "memory-region")
            areas = self.tree.reg(region) if region else []
            if region is None:
                continue
            if region.parent.path != "/reserved-memory" or not areas:
                self.find(sim, "memory-region", "%s is no reserved memory with an address" % region.path,
                          "reserve %#x bytes at %#x" % (WINDOWS_SIZE, WINDOWS))
                continue
            start, size = areas[0]
            if size < WINDOWS_SIZE:
                self.find(sim, "memory-region", "%s has %#x bytes, too few" % (region.path, size),
                          "reserve %#x" % WINDOWS_SIZE)
            elif start != WINDOWS:
                self.find(sim, "memory-region", "%s is at %#x, where no block is" % (region.path, start),
                          "reserve it at %#x" % WINDOWS)
            elif not any(base <= start and start + size <= base + length for base, length in ram):
                self.find(sim, "memory-region", "%s is not in RAM, out of the SoC's reach" % region.path,
                          "let a memory node hold it")
            elif "no-map" not in region.props:
                self.find(sim, "memory-region", "%s is mapped as memory" % region.path, "add \"no-map\" there")

    def check_prefixes(self):
        """Check the name of each DAI in routes."""
        seen = {}
        for node, _ in self.dais:
            prefix = node.string("sound-name-prefix")
            if prefix == "XBAR":
                self.find(node, "sound-name-prefix", "\"XBAR\" is the crossbar's", "give another one")
            elif prefix and not self.is_wrong(node):
                self.first(seen, prefix, node, "sound-name-prefix", "\"%s\"" % prefix, "give another one")

    def check_ports(self):
        """Check that a block has one port with one endpoint."""
        for node, _ in self.dais:
            port = node.child("port")
            endpoints = port.named("endpoint") if port else []
            if len(endpoints) > 1:
                self.find(node, "port", "has %d endpoints" % len(endpoints),
                          "leave one: a block is one DAI of one link")

    def check_said(self, said):
        """Add the messages of dt-validate about nodes without a finding: it gives names of nodes,
        not paths. Errors that follow from a wrong controller are left out, and properties
        whose meaning depends on the link, which are checked there."""
        wrong = set(self.mistaken)
        wrong_sims = [sim for sim in self.sims if self.is_wrong(sim) or sim.path[1:] in {words[0] for words in said}]
        for name, inner, prop, what, mend, fix in said:
            top = next((node for path, node in self.tree.nodes.items() if path == name or path.endswith("/" + name)),
                       self.tree.root)
            node = top
            for part in inner:
                node = node.child(part) or node
            if top.path in wrong or prop in card.JUDGED or prop in node.children or \
                    wrong_sims and top not in self.sims and prop in ("clocks", "dmas", "resets"):
                continue
            self.find(node, prop, what, mend, fix and put(node, prop, *fix) if fix else fix, about=[top])

    def check(self, said=()):
        """Make all checks."""
        self.check_status()
        self.check_compatible()
        self.check_windows()
        self.check_off()
        self.check_lines("resets", "#reset-cells", 2, 10)
        self.check_lines("dmas", "#dma-cells", 3, 6)
        self.check_memory()
        self.check_ports()
        self.check_said(said)
        self.check_clocks()
        self.check_prefixes()
        card.check(self)


def put(node, prop, at, value):
    """A property with VALUE as the entry AT, as numbers or as strings."""
    number = value.isdigit()
    values = node.cells(prop) if number else node.strings(prop)
    return values[:at] + [int(value) if number else value] + values[at + 1:]


# A message of dt-validate, its meaning, and how to mend it; {0} is the property, {3} the
# file of the binding. If {1} is the expected value it is the fix.
SAYS = [(re.compile(pattern + "$"), what, mend) for pattern, what, mend in (
    (r"(?:(\S*): )?'([^']+)' is a required property()", "missing", "add it as in {3}"),
    (r"(\S+): '?([^']*)'? was expected()", "not as in {3}", "make it \"{1}\""),
    (r"(\S+): '([^']*)' is not one of \[(.*)\]", "\"{1}\"", "give one of {2}, or add it to {3}"),
    (r"(\S+): '([^']*)' does not match .*()", "\"{1}\" is no name", "give one that {3} allows"),
    (r"(?:(\S*): )?'?([^' ]+)'? does not match any of the regexes.*()", "not in {3}", "remove it"),
    (r"(?:(\S*): )?\S+ properties are not allowed \('([^']+)'()[^)]*\)", "not in {3}", "remove it"),
    (r"(\S+): False schema does not allow .*()()", "the block does not have that", "remove it"),
    (r"(\S+): \[.*\] is too (long|short)()", "has too {1} a list", "give what {3} lists"),
    (r"(compatible): ?failed to match any schema with compatible: \[(.*)\]()", "no binding has {1}", "add one"),
    (r"(\S+): (.*)()", "{1}", "see {3}"))]


def validated(name, messages):
    """The messages of dt-validate for the file NAME, as (node, nodes in it, property, what, mend, fix)."""
    said = []
    for text in re.split(r"\n(?!\t)", messages):
        match = re.match(r"\S*/%s(?::[\d:]+)?: ([^:]+): (.*?)(?:\n\tFrom schema: (\S+))?$" % re.escape(name),
                         text, re.S)
        if not match:
            continue
        node, message, schema = match.groups()
        schema = schema.split("bindings/")[-1] if schema else "the bindings"
        for pattern, what, mend in SAYS:
            words = pattern.match(" ".join(message.split()))
            if words:
                place, value, list_ = ((group or "") for group in words.groups())
                parts = [part for part in place.split(":") if part and not part.isdigit()]
                if mend in ("remove it", "add it as in {3}") and value:
                    parts.append(value)
                given = [place, value, list_.replace("'", ""), schema]
                index = [int(part) for part in place.split(":") if part.isdigit()]
                fix = [] if mend == "remove it" else (index[0], value) if mend.startswith("make it") else None
                said.append((node, parts[:-1], parts[-1], what.format(*given), mend.format(*given), fix))
                break
    # Properties that no binding has come last: another mistake may be the cause.
    return sorted(said, key=lambda words: words[3].startswith(("not in", "no binding")))


def check(dtb, messages="", change=None):
    """All findings about a compiled board, after a CHANGE of its tree."""
    with open(dtb, "rb") as file:
        tree = dtree.Tree(file.read())
    if change:
        change(tree)
    board = Board(tree)
    if not board.blocks and SOC not in tree.root.strings("compatible"):
        return [Finding("/", "compatible", "no board with an NC1; include nc1.dtsi, and see porting.rst", None)]
    board.check(validated(os.path.basename(dtb), messages))
    return board.findings


def main(args):
    """See above."""
    if len(args) not in (2, 3):
        sys.exit(__doc__)
    messages = ""
    if len(args) == 3:
        with open(args[2], encoding="utf-8") as file:
            messages = file.read()
    findings = check(args[1], messages)
    for finding in findings:
        print("%s: %s: %s: %s" % (args[0], *finding[:3]))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
