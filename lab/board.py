#!/usr/bin/python3
"""Look at a board with an NC1 for what its bindings cannot say.

board.py FILE DTB [MESSAGES]   FILE is the name for the findings, DTB what it compiles
                               to, MESSAGES what dt-validate said about that

One line for each finding, "FILE: NODE: PROPERTY: what is wrong; how to mend it". The
status says whether there are any. What is checked is what the data sheet says,
Documentation/sound/soc/vendor-nc/nc1-hardware.rst.
"""
import os
import re
import struct
import sys

import libfdt

# The address map: window, name, kind, reset line and DMA request line.
WINDOWS, WINDOW_SIZE, WINDOWS_SIZE = 0x5f000000, 0x100, 0x4100
BLOCKS = {WINDOWS + offset: block for offset, block in {
    0x0000: ("FE0", "fe-playback", 0, 0), 0x0100: ("FE1", "fe-playback", 1, 1),
    0x0200: ("FE2", "fe-playback", 2, 2), 0x0300: ("FE3", "fe-playback", 3, 3),
    0x0400: ("FE4", "fe-capture", 4, 4), 0x0500: ("FE5", "fe-capture", 5, 5),
    0x1000: ("XBAR", "xbar", 6, None), 0x2000: ("I2S0", "i2s", 7, None),
    0x3000: ("I2S1", "i2s", 8, None), 0x4000: ("PDM0", "pdm", 9, None)}.items()}
KINDS = {"vendor-nc,nc1-" + block[1]: block[1] for block in BLOCKS.values()}
SIM = "vendor-nc,nc1-sim"
# In the order of the simulator's gates; 0: any frequency.
CLOCKS = {"bus": 0, "mclk48k": 24576000, "mclk44k": 22579200}
RATES = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 64000, 88200, 96000, 176400, 192000]
FORMATS = ("i2s", "left_j", "dsp_a")
MAX_CHANNELS = 8
MAX_LABEL = 15
# From source to sink, inside of the crossbar.
XBAR = [("FE%d" % fe, "I2S%d" % port) for fe in range(4) for port in range(2)] + \
       [(port, "FE%d" % fe) for fe in (4, 5) for port in ("I2S1", "PDM0")]


class Node:
    """A node: its path, its properties as bytes, its children by name."""

    def __init__(self, path, parent):
        self.path, self.parent, self.props, self.children = path, parent, {}, {}

    def cells(self, name):
        """A property as numbers."""
        value = self.props.get(name, b"")
        return list(struct.unpack(">%dI" % (len(value) // 4), value[:len(value) // 4 * 4]))

    def strings(self, name):
        """A property as strings."""
        return self.props[name].decode("latin-1").split("\0")[:-1] if name in self.props else []

    def string(self, name):
        """The first of them."""
        return (self.strings(name) + [""])[0]

    def child(self, name):
        """The first child of that name, with a unit address or without."""
        return next((self.children[key] for key in self.children if key.split("@")[0] == name), None)

    def all(self):
        """The node and all below, in the order of the tree."""
        yield self
        for child in self.children.values():
            yield from child.all()

    def enabled(self):
        """Neither the node nor what it is in is switched off."""
        return self.string("status") in ("", "okay", "ok") and (self.parent is None or self.parent.enabled())


class Tree:
    """A compiled device tree."""

    def __init__(self, blob):
        try:
            fdt = libfdt.FdtRo(blob)
        except libfdt.FdtException:
            sys.exit("board.py: not a compiled device tree")
        self.root = self.read(fdt, 0, None)
        self.nodes = {node.path: node for node in self.root.all()}
        self.phandles = {node.cells("phandle")[0]: node for node in self.root.all() if node.cells("phandle")}

    def read(self, fdt, offset, parent):
        """The node at an offset, and all below."""
        path = "/" if parent is None else parent.path.rstrip("/") + "/" + fdt.get_name(offset)
        node = Node(path, parent)
        at = fdt.first_property_offset(offset, libfdt.QUIET_NOTFOUND)
        while at >= 0:
            prop = fdt.get_property_by_offset(at)
            node.props[prop.name] = bytes(prop)
            at = fdt.next_property_offset(at, libfdt.QUIET_NOTFOUND)
        at = fdt.first_subnode(offset, libfdt.QUIET_NOTFOUND)
        while at >= 0:
            node.children[fdt.get_name(at)] = self.read(fdt, at, node)
            at = fdt.next_subnode(at, libfdt.QUIET_NOTFOUND)
        return node

    def target(self, node, name, at=0):
        """The node that cell AT of a property points to."""
        cells = node.cells(name)
        return self.phandles.get(cells[at]) if at < len(cells) else None

    def specifiers(self, node, name, cells_name):
        """The entries of a property as (node, cells); the node is None where there is none."""
        cells, at, entries = node.cells(name), 0, []
        while at < len(cells):
            target = self.phandles.get(cells[at])
            size = (target.cells(cells_name) + [0])[0] if target else 0
            entries.append((target, cells[at + 1:at + 1 + size]))
            if target and cells_name not in target.props:
                break
            at += 1 + size
        return entries

    @staticmethod
    def reg(node):
        """The ranges in reg as (address, size), as the parent counts cells."""
        cells = node.cells("reg")
        high, low = ((node.parent.cells("#%s-cells" % what) + [default])[0]
                     for what, default in (("address", 2), ("size", 1)))

        def number(part):
            return int("".join("%08x" % cell for cell in part) or "0", 16)

        ranges, step = [], high + low
        for at in range(0, len(cells) - step + 1 if step else 0, step):
            ranges.append((number(cells[at:at + high]), number(cells[at + high:at + step])))
        return ranges


class Board:
    """A board, and what is found."""

    def __init__(self, tree):
        self.tree, self.findings = tree, []
        enabled = [node for node in tree.root.all() if node.enabled()]
        self.blocks = [(node, KINDS[name]) for node in enabled for name in node.strings("compatible") if name in KINDS]
        self.dais = [(node, kind) for node, kind in self.blocks if kind != "xbar"]
        self.sims = [node for node in enabled if SIM in node.strings("compatible")]
        self.cards = [node for node in enabled if "audio-graph-card2" in node.strings("compatible")]
        self.enabled = enabled

    def find(self, node, name, what, mend):
        """Note one finding."""
        self.findings.append((node.path, "%s: %s; %s" % (name, what, mend)))

    def is_wrong(self, node):
        """Has something been found there? What follows from it is not told."""
        return any(path == node.path for path, _ in self.findings)

    def first(self, seen, key, node, name, what, mend):
        """Note a finding if another block was there before with the same key."""
        other = seen.setdefault(key, node)
        if other is not node:
            self.find(node, name, "%s is that of %s" % (what, other.path), mend)
        return other is node

    def check_compatible(self):
        """What looks like a block and is none."""
        for node in self.enabled:
            names = node.strings("compatible")
            ours = node.path != "/" and [name for name in names if name.startswith("vendor-nc,")]
            if ours and not any(name in KINDS or name == SIM for name in ours):
                self.find(node, "compatible", "no driver knows \"%s\"" % ours[0], "give one of the bindings'")

    def check_windows(self):
        """Each block is where the data sheet has it."""
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
                              "make it \"vendor-nc,nc1-%s\", or correct \"reg\"" % block[1])

    def check_lines(self, name, cells_name, index, count):
        """Reset or request lines: each exists, is the block's own, and is used once."""
        seen = {}
        for node, kind in self.blocks:
            block = next((BLOCKS[start] for start, _ in self.tree.reg(node) if start in BLOCKS), None)
            if name == "dmas" and not kind.startswith("fe"):
                continue
            for target, cells in self.tree.specifiers(node, name, cells_name):
                if target is None or not target.enabled():
                    self.find(node, name, "points at nothing that is enabled", "point it at the NC1's controller")
                elif target not in self.sims or target.cells(cells_name) != [1]:
                    continue
                elif not cells or cells[0] >= count:
                    self.find(node, name, "there is no line %s" % (cells or ["?"])[0],
                              "lines are 0 to %d" % (count - 1))
                elif self.first(seen, (target, cells[0]), node, name, "line %d" % cells[0], "give the block's own") \
                        and block and block[1] == kind and block[index] != cells[0]:
                    self.find(node, name, "line %d is not that of %s" % (cells[0], block[0]),
                              "make it %s" % block[index])

    def check_gate(self, node, name, clock, cells):
        """A block's clock is the simulator's gate of that name."""
        gates = list(CLOCKS)
        if name not in gates:
            return
        mend = "make it %d" % gates.index(name)
        if clock not in self.sims:
            self.find(node, "clocks", "\"%s\" is %s, which the simulator does not see" % (name, clock.path),
                      mend + " of " + self.sims[0].path)
        elif not cells or cells[0] >= len(gates):
            self.find(node, "clocks", "there is no clock %s" % (cells or ["?"])[0], mend)
        elif cells[0] != gates.index(name):
            self.find(node, "clocks", "\"%s\" is clock %d" % (name, cells[0]), mend)

    def check_clocks(self):
        """Rates that no clock can make. With a simulator the clocks of the blocks are its gates,
        and what is behind them are its own clocks."""
        seen = set()
        for node in self.sims + [block for block, _ in self.blocks]:
            clocks = self.tree.specifiers(node, "clocks", "#clock-cells")
            if any(clock in self.sims and clock.cells("#clock-cells") != [1] for clock, _ in clocks):
                continue
            for (clock, cells), name in zip(clocks, node.strings("clock-names")):
                if clock is None or not clock.enabled():
                    self.find(node, "clocks", "nothing provides \"%s\"" % name, "point it at a clock that is enabled")
                    continue
                if node not in self.sims and self.sims:
                    self.check_gate(node, name, clock, cells)
                    continue
                hertz = (clock.cells("clock-frequency") + [0])[0]
                want = CLOCKS.get(name) or hertz
                # Told once for each clock, of the first block that uses it so.
                if "fixed-clock" not in clock.strings("compatible") or hertz == want or (clock, name) in seen:
                    continue
                seen.add((clock, name))
                lost = [str(rate) for rate in RATES if want % rate == 0 and (not hertz or hertz % rate)]
                self.find(node, "clocks", "\"%s\" is %s with %d Hz%s" %
                          (name, clock.path, hertz, ", which does not make " + ", ".join(lost) if lost else ""),
                          "give a clock of %d Hz" % want)
        for card in self.cards:
            for node in card.all():
                for rate in node.cells("convert-rate"):
                    if rate not in RATES:
                        self.find(node, "convert-rate", "no clock makes %d Hz" % rate,
                                  "take a rate of the data sheet's")

    def check_memory(self):
        """The reserved memory that holds the windows."""
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
            if "no-map" not in region.props:
                self.find(sim, "memory-region", "%s is mapped as memory" % region.path, "make it \"no-map\"")

    def crossbar(self):
        """The routes inside of the crossbar: by what the board calls the blocks, enabled or
        not, or where that is no name or another one's, by the data sheet's."""
        names = {}
        for window, (block, kind, _, _) in BLOCKS.items():
            node = next((node for node in self.tree.root.all() if "vendor-nc,nc1-" + kind in node.strings("compatible")
                         and node.parent and self.tree.reg(node)[:1] == [(window, WINDOW_SIZE)]), None)
            name = node.string("sound-name-prefix") if node else ""
            names[block] = name if name and name not in names.values() else block
        return [("XBAR " + names[source], names[sink] + " Mixer") for source, sink in XBAR]

    def check_prefixes(self):
        """What the routes call each DAI."""
        seen = {}
        for node, _ in self.dais:
            prefix = node.string("sound-name-prefix")
            if prefix and not self.is_wrong(node):
                self.first(seen, prefix, node, "sound-name-prefix", "\"%s\"" % prefix, "give another one")

    def far_end(self, port):
        """The endpoint that a port of a card is joined to, or None."""
        endpoint = port.child("endpoint")
        return endpoint and self.tree.target(endpoint, "remote-endpoint")

    def leads_to(self, link):
        """The ports of a card by which a link leads to DAIs: itself, or, where it leads to
        "multi", all of the ports there but the first."""
        end = self.far_end(link)
        ports = end and end.parent.parent
        if ports and ports.parent and ports.parent.path.endswith("/multi"):
            return list(ports.children.values())[1:]
        return [link]

    def check_ports(self):
        """Each port is joined to a link that a card names, and each link to a DAI that is there."""
        links = {}
        for card in self.cards:
            for at in range(len(card.cells("links"))):
                link = self.tree.target(card, "links", at)
                if link is None:
                    self.find(card, "links", "entry %d points at nothing" % at, "point it at a port of the card")
                    continue
                for port in self.leads_to(link):
                    links[port.path] = link
                    end = self.far_end(port)
                    if not end or not end.enabled():
                        self.find(card, "links", "%s leads to nothing that is enabled" % port.path,
                                  "enable it, or leave the link out")
        for node, _ in self.dais:
            port = node.child("port")
            endpoint = port and port.child("endpoint")
            remote = endpoint and self.tree.target(endpoint, "remote-endpoint")
            if not remote or self.tree.target(remote, "remote-endpoint") is not endpoint:
                if port or not self.cards:
                    self.find(node, "port", "not joined",
                              "let its endpoint and the card's be each other's remote-endpoint")
            elif remote.parent.path not in links:
                self.find(node, "port", "no link uses it", "name %s in \"links\" of the card" % remote.parent.path)
            else:
                self.check_format(node, endpoint, links[remote.parent.path])

    def check_format(self, node, endpoint, link):
        """What an I2S port can be told: the format by the first DAI of its link or by the link."""
        if "vendor-nc,nc1-i2s" not in node.strings("compatible") or self.is_wrong(node):
            return
        first = self.far_end(self.leads_to(link)[0]) or endpoint
        ends = (first, first.parent, link.child("endpoint"), link, link.parent)
        given = [end.string(name) for end in ends for name in ("dai-format", "format") if name in end.props]
        if not given or given[0] not in FORMATS:
            self.find(node, "dai-format", "\"%s\"" % given[0] if given else "missing",
                      "give one of %s" % ", ".join(FORMATS))
        masters = [any(name + "-master" in end.props for end in ends) for name in ("bitclock", "frame")]
        if masters[0] != masters[1]:
            self.find(node, "frame-master", "bit and frame clock have two providers", "give both masters or none")
        if any("frame-inversion" in end.props for end in ends):
            self.find(node, "frame-inversion", "the port cannot do that", "remove it")
        for slots in endpoint.cells("dai-tdm-slot-num"):
            if not 1 <= slots <= MAX_CHANNELS:
                self.find(node, "dai-tdm-slot-num", "%d slots" % slots, "a frame has 1 to %d" % MAX_CHANNELS)

    def check_names(self):
        """What the cards call themselves, and the names of our blocks in their routes."""
        ends = {"fe-playback": ["Playback"], "fe-capture": ["Capture"], "i2s": ["Playback", "Capture", "OUT", "IN"],
                "pdm": ["Capture", "IN"]}
        known = {end for pair in self.crossbar() for end in pair}
        prefixes = ["XBAR"]
        for node, kind in self.dais:
            prefix = node.string("sound-name-prefix")
            if prefix and not self.is_wrong(node):
                prefixes.append(prefix)
                known.update("%s %s" % (prefix, end) for end in ends[kind])
        # A codec's driver has names that no tree knows; a block that is wrong, maybe another one.
        ours = [node for node, _ in self.dais if not self.is_wrong(node)]
        only_ours = all(node in ours or not node.enabled()
                        for node in self.tree.root.all() if "#sound-dai-cells" in node.props)
        for card in self.cards:
            if len(card.string("label")) > MAX_LABEL:
                self.find(card, "label", "%d characters" % len(card.string("label")),
                          "ALSA keeps %d of them as the name of the driver" % MAX_LABEL)
            for word in card.strings("routing"):
                prefix = next((prefix for prefix in prefixes if word.startswith(prefix + " ")), None)
                if word in known or word in card.strings("widgets")[1::2]:
                    continue
                if not prefix and only_ours:
                    self.find(card, "routing", "there is no \"%s\"" % word,
                              "name it in \"widgets\", or give a name of the crossbar, a front end or a port")
                elif prefix:
                    self.find(card, "routing", "there is no \"%s\"" % word, "one of: %s" %
                              ", ".join(sorted(name for name in known if name.startswith(prefix + " "))))

    def check_pairs(self):
        """A block is wired to the crossbar's input and mixer of its own, whatever the routes say."""
        ends, own = {end for pair in self.crossbar() for end in pair}, {}
        for node, kind in self.dais:
            prefix = node.string("sound-name-prefix")
            if prefix and not self.is_wrong(node):
                plays, records = ("%s %s" % (prefix, stream) for stream in ("Playback", "Capture"))
                feeds, fed = (plays, records) if kind.startswith("fe") else (records, plays)
                own.update({feeds: "XBAR " + prefix, fed: prefix + " Mixer"})
        for card in self.cards:
            words = card.strings("routing")
            for sink, source in zip(words[::2], words[1::2]):
                for stream, end in ((source, sink), (sink, source)):
                    if own.get(stream, end) != end and end in ends:
                        self.find(card, "routing", "\"%s\" is not wired to \"%s\"" % (stream, end),
                                  "make it \"%s\"" % own[stream])

    def check_routes(self):
        """Each FE of a card can be routed to some BE, each BE to some FE."""
        prefixes = {node: node.string("sound-name-prefix") for node, _ in self.dais}
        for card in self.cards:
            words = card.strings("routing")
            edges = list(zip(words[1::2], words[::2]))
            aux = [self.tree.target(card, "aux-devs", at) for at in range(len(card.cells("aux-devs")))]
            crossbars = [node for node in aux if node and "vendor-nc,nc1-xbar" in node.strings("compatible")]
            if any(node.enabled() for node in crossbars):
                edges += self.crossbar()
            elif crossbars:
                self.find(card, "aux-devs", "%s is not enabled" % crossbars[0].path, "enable it")
                continue
            elif any(kind == "xbar" for _, kind in self.blocks):
                self.find(card, "aux-devs", "without the crossbar", "name it there")
                continue
            mend = "join it to the crossbar in \"routing\" of %s" % card.path
            # From what plays or records to what it is to get to.
            ways = {"Playback": edges, "Capture": [(sink, source) for source, sink in edges]}
            ports, reached, lost = [node for node, kind in self.dais if kind in ("i2s", "pdm")], set(), False
            for node, kind in self.dais:
                if not kind.startswith("fe") or not prefixes[node] or self.is_wrong(node):
                    continue
                stream = "Playback" if kind == "fe-playback" else "Capture"
                found = reach(ways[stream], "%s %s" % (prefixes[node], stream))
                there = {port for port in ports if "%s %s" % (prefixes[port], stream) in found}
                reached |= there
                if not there:
                    lost = True
                    self.find(node, "sound-name-prefix", "no route from \"%s %s\" to any back end" %
                              (prefixes[node], stream), mend)
            for node in ports:
                # Where a front end has lost its route, that of the port may be the same.
                if not lost and node not in reached and prefixes[node] and not self.is_wrong(node):
                    self.find(node, "sound-name-prefix", "no route between \"%s\" and any front end" % prefixes[node], mend)

    def check(self):
        """All there is."""
        self.check_compatible()
        self.check_windows()
        self.check_lines("resets", "#reset-cells", 2, 10)
        self.check_lines("dmas", "#dma-cells", 3, 6)
        self.check_clocks()
        self.check_memory()
        self.check_prefixes()
        self.check_ports()
        self.check_names()
        self.check_pairs()
        self.check_routes()


def reach(edges, start):
    """What is to be had from START."""
    seen, new = set(), {start}
    while new:
        seen |= new
        new = {sink for source, sink in edges if source in seen} - seen
    return seen


def validated(tree, name, messages):
    """What dt-validate said of the file NAME, as findings: it knows the names of nodes, not
    their paths."""
    for text in re.split(r"\n(?!\t)", messages):
        match = re.match(r"\S*/%s(?::[\d:]+)?: ([^:]+): (.*?)(?:\n\tFrom schema: (\S+))?$" % re.escape(name),
                         text, re.S)
        if match:
            node, what, schema = match.groups()
            paths = [path for path in tree.nodes if path == node or path.endswith("/" + node)]
            mend = "see " + schema.split("bindings/")[-1] if schema else "write a binding"
            yield " or ".join(paths) or node, "%s; %s" % (" ".join(what.split()), mend)


def check(dtb, messages=""):
    """All findings about a compiled board, as (path, text)."""
    with open(dtb, "rb") as file:
        board = Board(Tree(file.read()))
    board.findings += validated(board.tree, os.path.basename(dtb), messages)
    board.check()
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
    for path, text in findings:
        print("%s: %s: %s" % (args[0], path, text))
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
