#!/usr/bin/python3
"""Random mistakes in the device trees of boards.

mistakes.py write SEED COUNT DIR BOARD.dtb...
                            write DIR/1.dtb to DIR/COUNT.dtb, each one of the boards with one
                            mistake; print "NUMBER BOARD PLACES MISTAKE" for each
mistakes.py judge BASE DIR  compare a boot with that of the board without the mistake, both of
                            guest-board.sh; print the result in a line; the status is 0 if a
                            driver reports the mistake in one line, or if it has no effect

The same SEED and COUNT make the same mistakes.
"""
import os
import random
import re
import struct
import sys

import libfdt

import boards
import dtree
import tap

# Nodes of the machine that QEMU emulates, and nodes that dtc adds
MACHINE = ("", "soc", "cpus", "psci", "timer", "clock-apb", "interrupt-controller", "serial", "virtio",
           "aliases", "chosen", "memory", "__symbols__", "cpu")
POINTERS = ("remote-endpoint", "clocks", "resets", "dmas", "links", "memory-region", "aux-devs")


def is_text(value):
    """Strings, not cells."""
    return value.endswith(b"\0") and len(value) > 1 and all(32 <= byte < 127 or byte == 0 for byte in value) and value[0]


class Mistakes:
    """A board, and the kinds of mistakes; each changes the board and returns a description."""

    def __init__(self, blob, dice):
        self.tree, self.dice, self.places = dtree.Tree(blob), dice, 1
        self.fdt = libfdt.Fdt(blob)
        self.fdt.resize(len(blob) + 8192)
        self.nodes = [node for node in self.tree.root.all() if node.name() not in MACHINE]

    def choose(self, fits):
        """A node and a property, the value of which fits."""
        choices = [(node, prop) for node in self.nodes for prop, value in node.props.items()
                   if prop not in ("phandle", "name") and fits(node, prop, value)]
        return self.dice.choice(choices)

    def put(self, node, prop, value):
        """Set a property."""
        self.fdt.setprop(self.fdt.path_offset(node.path), prop, value)

    def deleted(self):
        """A property is not there."""
        node, prop = self.choose(lambda *_: True)
        self.fdt.delprop(self.fdt.path_offset(node.path), prop)
        return "%s: %s: deleted" % (node.path, prop)

    def doubled(self):
        """A value stands twice."""
        # dtc takes these for one cell, and dies of more.
        node, prop = self.choose(lambda node, prop, value: value and prop[0] != "#" and prop != "remote-endpoint")
        self.put(node, prop, 2 * node.props[prop])
        return "%s: %s: doubled" % (node.path, prop)

    def swapped(self):
        """A value is exchanged with that of another node."""
        def others(node, prop):
            return [other for other in self.nodes
                    if other is not node and other.props.get(prop, node.props[prop]) != node.props[prop]]
        node, prop = self.choose(lambda node, prop, value: others(node, prop))
        other = self.dice.choice(others(node, prop))
        self.put(node, prop, other.props[prop])
        self.put(other, prop, node.props[prop])
        self.places = 2
        return "%s: %s: swapped with that of %s" % (node.path, prop, other.path)

    def off_by_one(self):
        """A number is too large or too small by one."""
        node, prop = self.choose(lambda node, prop, value: value and len(value) % 4 == 0 and not is_text(value))
        cells = node.cells(prop)
        at, by = self.dice.randrange(len(cells)), self.dice.choice((-1, 1))
        before, cells[at] = cells[at], (cells[at] + by) % (1 << 32)
        self.put(node, prop, struct.pack(">%dI" % len(cells), *cells))
        return "%s: %s: %#x instead of %#x" % (node.path, prop, cells[at], before)

    def pointer(self):
        """A phandle is that of another node."""
        node, prop = self.choose(lambda node, prop, value: prop in POINTERS and
                                 set(node.cells(prop)) & set(self.tree.phandles))
        cells = node.cells(prop)
        at = self.dice.choice([at for at, cell in enumerate(cells) if cell in self.tree.phandles])
        before = self.tree.phandles[cells[at]].path
        cells[at] = self.dice.choice([cell for cell in self.tree.phandles if cell != cells[at]])
        self.put(node, prop, struct.pack(">%dI" % len(cells), *cells))
        return "%s: %s: %s instead of %s" % (node.path, prop, self.tree.phandles[cells[at]].path, before)

    def misspelt(self):
        """A letter of a string is another one."""
        node, prop = self.choose(lambda node, prop, value: is_text(value) and re.search(rb"[a-zA-Z]", value))
        value = bytearray(node.props[prop])
        at = self.dice.choice([at for at, byte in enumerate(value) if chr(byte).isalpha()])
        value[at] = self.dice.choice([letter for letter in b"abcdefghijklmnopqrstuvwxyz" if letter != value[at]])
        self.put(node, prop, bytes(value))
        return "%s: %s: \"%s\"" % (node.path, prop, value.decode().rstrip("\0").replace("\0", "\", \""))

    def moved(self):
        """A node is in another one."""
        node = self.dice.choice(self.nodes)
        into = self.dice.choice([other for other in self.nodes if other not in list(node.all()) and
                                 node.path.split("/")[-1] not in other.children])
        self.fdt.del_node(self.fdt.path_offset(node.path))
        self.copy(node, into.path)
        return "%s: moved into %s" % (node.path, into.path)

    def copy(self, node, path):
        """A node and all that is in it, as a child of the node at a path."""
        name = node.path.split("/")[-1]
        self.fdt.add_subnode(self.fdt.path_offset(path), name)
        for prop, value in node.props.items():
            self.fdt.setprop(self.fdt.path_offset(path + "/" + name), prop, value)
        for child in reversed(node.children.values()):
            self.copy(child, path + "/" + name)

    def make(self):
        """One mistake, of a random kind."""
        kinds = [self.deleted, self.doubled, self.swapped, self.off_by_one, self.pointer, self.misspelt, self.moved]
        return self.dice.choice(kinds)()


def write(seed, count, directory, dtbs):
    """See above."""
    for number in range(1, count + 1):
        dice = random.Random("%d %d" % (seed, number))
        dtb = dice.choice(dtbs)
        with open(dtb, "rb") as file:
            mistakes = Mistakes(file.read(), dice)
        text = mistakes.make()
        with open("%s/%d.dtb" % (directory, number), "wb") as file:
            file.write(mistakes.fdt.as_bytearray())
        print("%d %s %d %s" % (number, os.path.basename(dtb)[:-len(".dtb")], mistakes.places, text))


def passed(directory):
    """The tests that passed, and how each program ended."""
    return [line for line in tap.read(os.path.join(directory, "live.log"))
            if line.startswith(("ok ", "not ok ", "lab: end "))]


def judge(base, directory):
    """Whether a mistake is reported in one line, or has no effect; and the result as a line."""
    log = tap.read(os.path.join(directory, "dmesg"))
    splats = [text for _, text in tap.splats(log)]
    told = [line.groups() for line in map(boards.OURS.match, log) if line]
    before, after = passed(base), passed(directory)
    if not log:
        return False, "the guest has no log: a hang or a crash"
    if splats:
        return False, splats[0]
    if len(told) == 1:
        return True, "driver: %s: %s: %s" % told[0]
    if told:
        return False, "the drivers report it in %d lines, the first is: %s: %s: %s" % ((len(told),) + told[0])
    if before == after and before:
        return True, "works as without it"
    differs = [line for line in before if line not in after]
    return False, "no line reports it; without it there is: %s" % (differs or ["nothing"])[0]


def main(args):
    """See above."""
    if len(args) > 4 and args[0] == "write":
        write(int(args[1]), int(args[2]), args[3], args[4:])
    elif len(args) == 3 and args[0] == "judge":
        good, text = judge(args[1], args[2])
        print(text)
        sys.exit(0 if good else 1)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
