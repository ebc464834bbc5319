"""Check the cards of a board: their links, routes and names.

A card of audio-graph-card2 has a port for each front end in the first "ports" of "dpcm", for
each back end in the second, and names them in "links". Some findings are those of one card,
some need all of them: a DAI is in one link of one card.
"""
import re

from nc1 import BLOCKS, FORMATS, MAX_CHANNELS, TDM, WINDOW_SIZE, XBAR

MAX_LABEL = 15
WIDGETS = ("Microphone", "Line", "Headphone", "Speaker")
# Cards of the simulator: the other ends of the pins, and the card for tests of the core.
TAKEN = ("NC1Bench", "DPCMSim")
# The properties of an endpoint that the drivers read; those of a format only for I2S.
READ = ("remote-endpoint", "reg", "phandle", "status")
FORMAT = ("dai-format", "format", "bitclock-master", "frame-master", "bitclock-inversion", "frame-inversion",
          "dai-tdm-slot-num", "dai-tdm-slot-tx-mask", "dai-tdm-slot-rx-mask")
JUDGED = ("dai-format", "format", "frame-inversion", "dai-tdm-slot-num")
CONVERT = ("convert-rate", "convert-channels", "convert-sample-format")
# The block of each name: of its streams, pins and ends of the crossbar.
PLAYS, RECORDS = ("%s Playback", "%s Mixer", "%s OUT"), ("%s Capture", "XBAR %s", "%s IN")
NAMES = {"fe-playback": ("%s Playback", "XBAR %s"), "fe-capture": ("%s Capture", "%s Mixer"),
         "I2S0": PLAYS, "I2S1": PLAYS + RECORDS, "PDM0": RECORDS}
ALL_NAMES = PLAYS + RECORDS


def is_front(kind):
    """Whether it is a front end, not a port."""
    return kind.startswith("fe")


def list_of(names):
    """The first names of a list, for a sentence."""
    return ", ".join(names[:3]) + (" and %d more" % (len(names) - 3) if len(names) > 3 else "")


def far_end(port):
    """The endpoint that a port of a card points to, as its phandle."""
    endpoint = port.child("endpoint")
    return endpoint.cells("remote-endpoint")[:1] if endpoint else []


def reach(edges, start):
    """All that can be reached from START."""
    seen, new = set(), {start}
    while new:
        seen |= new
        new = {sink for source, sink in edges if source in seen} - seen
    return seen


class Cards:
    """The cards of a board, and the findings about them."""

    def __init__(self, board):
        self.board, self.tree, self.find, self.is_wrong = board, board.tree, board.find, board.is_wrong
        self.kinds = dict(board.dais)
        # The port of a card that leads to a DAI: its link, and the card.
        self.links = {}

    def dais_of(self, link):
        """The DAIs that a link leads to, as (port of the card, endpoint, node of the DAI): the
        one at its other end, or, if that is "multi", those of all ports there but the first."""
        ports, end = [link], self.end(link)
        if end and end.parent.parent and end.parent.parent.parent and end.parent.parent.parent.name() == "multi":
            ports = end.parent.parent.named("port")[1:]
        found = []
        for port in ports:
            end = self.end(port)
            node = end and end.parent and end.parent.parent
            found.append((port, end, node.parent if node and node.name() == "ports" else node))
        return found

    def end(self, port):
        """The endpoint that a port of a card is joined to, or None."""
        end = self.tree.phandles.get((far_end(port) + [None])[0])
        return end if end and end.name() == "endpoint" and end.parent.parent else None

    def name_of(self, node):
        """The data sheet's name of a DAI, or its path."""
        block = self.board.window(node) if node in self.kinds else None
        return block[0] if block else node.path

    def check_pairs_of_strings(self, card):
        """Check that widgets and routes are pairs."""
        for name, what in (("widgets", "kind and name"), ("routing", "sink and source")):
            if len(card.strings(name)) % 2:
                self.find(card, name, "%d strings" % len(card.strings(name)), "give pairs of " + what)
        for kind in card.strings("widgets")[::2]:
            if kind not in WIDGETS and not self.is_wrong(card):
                self.find(card, "widgets", "\"%s\" is no kind" % kind, "take one of " + ", ".join(WIDGETS), key=kind)

    def check_label(self, card, ids):
        """Check the label, of which ALSA builds the id of the card and the name of its files."""
        label = card.string("label")
        name = re.sub("[^A-Za-z0-9]", "", label)
        rule = "give \"NC1\" and letters, digits, \"-\" or \"_\""
        other = ids.setdefault(name, card.path)
        if not label:
            self.find(card, "label", "missing", rule)
        elif len(label) > MAX_LABEL:
            self.find(card, "label", "%d characters" % len(label),
                      "ALSA keeps %d of them as the name of the driver" % MAX_LABEL)
        elif not re.fullmatch("NC1[A-Za-z0-9_-]*", label):
            self.find(card, "label", "ALSA or the lab would call \"%s\" by another name" % label, rule)
        elif name in TAKEN:
            self.find(card, "label", "\"%s\" is a card of the simulator" % name, "give another one")
        elif other != card.path:
            self.find(card, "label", "the card's id \"%s\" is that of %s" % (name, other), "give another one")

    def check_links(self, card):
        """Check that each link is a port of the card, named once; correct them as far as possible."""
        links, ends, twice = [], [], []
        if not card.cells("links"):
            self.find(card, "links", "missing", "name each port of its \"dpcm\"")
        for at, link in enumerate(self.tree.targets(card, "links")):
            if link is None:
                self.find(card, "links", "entry %d points at nothing" % at, "point it at a port of the card")
            elif link in links or link.parent in links:
                twice.append(link)
            elif link.name() == "endpoint":
                ends.append(link.path)
                links.append(link.parent)
            elif link.name() != "port" or not link.path.startswith(card.path + "/"):
                self.find(card, "links", "%s is no port of the card" % link.path, "name a port in its \"dpcm\"")
            else:
                links.append(link)
        cells = [cell for link in links for cell in link.cells("phandle")]
        fix = cells if len(cells) == len(links) else None
        if ends:
            what, mend = ("is no port", "name the port") if len(ends) == 1 else ("are no ports", "name the ports")
            self.find(card, "links", "%s %s" % (list_of(ends), what), mend + " around", fix)
        if twice:
            self.find(card, "links", "%s is named twice" % twice[0].path, "name it once", fix)
        return links

    def check_ends(self, card, links):
        """Check that the links lead to DAIs that are in no other link."""
        for link in links:
            if len(link.named("endpoint")) != 1:
                self.find(link, "endpoint", "the port has %d" % len(link.named("endpoint")), "leave one", about=[card])
            for port, end, node in self.dais_of(link):
                if end is None:
                    if not self.is_wrong(port) and not any(self.is_wrong(dai) for dai in self.kinds):
                        self.find(port, "remote-endpoint", "leads to nothing", "point it at the endpoint of a block",
                                  about=[card])
                elif any(node is block and kind == "xbar" for block, kind in self.board.blocks):
                    self.find(port, "remote-endpoint", "leads to the crossbar, which has no DAI",
                              "point it at the endpoint of a block", about=[card, node])
                elif not end.enabled():
                    self.find(card, "links", "%s leads to %s, which is not enabled" % (port.path, node.path),
                              "enable it, or leave the link and its routes out", key=node.path, about=[node])
                else:
                    other = self.links.setdefault(node.path, (port, link, card))
                    if other[0] is not port and not self.is_wrong(node):
                        where = other[2].path if other[2] is not card else other[0].path
                        self.find(card, "links", "%s leads to %s, which is in %s" %
                                  (port.path, self.name_of(node), where), "leave it out of one of them")

    def check_sides(self, card, links):
        """Check the sides: front ends in the first "ports", back ends in the second, front ends named first."""
        wrong, order = [], []
        for link in links:
            kinds = [self.kinds[node] for _, _, node in self.dais_of(link)
                     if node in self.kinds and not self.is_wrong(node)]
            sides = link.parent.parent.named("ports") if link.parent.parent else []
            if link.parent.parent and link.parent.parent.name() != "dpcm":
                self.find(card, "links", "%s is not in \"dpcm\"" % link.path, "put it there")
            elif kinds and link.parent in sides[:2] and is_front(kinds[0]) != (link.parent is sides[0]):
                wrong.append(link.path)
            order.append((link.parent is not (sides + [None])[0], link))
        if wrong:
            self.find(card, "dpcm", "not in the \"ports\" of its kind: %s" % list_of(wrong),
                      "put front ends into the first, back ends into the second")
        fronts = [link for back, link in order if not back]
        if [link for _, link in order][:len(fronts)] != fronts and not self.is_wrong(card):
            mended = fronts + [link for back, link in order if back]
            self.find(card, "links", "back ends stand before %s, and take its number as a device" % fronts[-1].path,
                      "name the front ends first", [cell for link in mended for cell in link.cells("phandle")])

    def check_aux(self, card, cards):
        """Check that aux-devs has the crossbar, which has no DAI."""
        aux = self.tree.targets(card, "aux-devs")
        crossbars = [node for node in aux if node and "vendor-nc,nc1-xbar" in node.strings("compatible")]
        for node in aux:
            if node is None:
                self.find(card, "aux-devs", "points at nothing", "point it at the crossbar")
            elif aux.count(node) > 1:
                self.find(card, "aux-devs", "%s is named twice" % node.path, "name it once",
                          [cell for other in dict.fromkeys(aux) if other for cell in other.cells("phandle")])
            elif cards.setdefault(node, card) is not card:
                self.find(card, "aux-devs", "%s is in %s" % (node.path, cards[node].path),
                          "leave it out of one of them")
        if any(not node.enabled() for node in crossbars):
            self.find(card, "aux-devs", "%s is not enabled" % crossbars[0].path, "enable it")
        elif not crossbars and any(kind == "xbar" for _, kind in self.board.blocks):
            self.find(card, "aux-devs", "without the crossbar", "name it there")

    def check_read(self, card, links):
        """Check for values that no driver reads, at the endpoints of our blocks and of the ports that lead to them."""
        for link in links:
            dais = [(end, node) for _, end, node in self.dais_of(link) if node]
            if not dais or any(node not in self.kinds or self.is_wrong(node) for _, node in dais):
                continue
            read = READ + (FORMAT if self.kinds[dais[0][1]] == "i2s" else ())
            places = [(link, "convert"), (link.parent, "convert"), (link.child("endpoint"), "all")]
            for place, which in places + [(end, "all") for end, _ in dais]:
                for name in place.props if place else ():
                    if name in CONVERT:
                        self.find(place, name, "no block converts", "remove it", [], about=[card])
                    elif which == "all" and name not in read:
                        self.find(place, name, "no driver of the block reads it", "remove it", [])

    def check_joined(self):
        """Check that each block is joined to a port that a card names, in both directions."""
        wrong_card = any(self.is_wrong(card) for card in self.board.cards)
        for node in self.kinds:
            port = node.child("port")
            endpoint = port and port.child("endpoint")
            remote = endpoint and self.tree.target(endpoint, "remote-endpoint")
            if self.is_wrong(node):
                continue
            if not remote or self.tree.target(remote, "remote-endpoint") is not endpoint:
                if (port or not self.board.cards) and not wrong_card:
                    self.find(node, "port", "not joined",
                              "let its endpoint and the card's be each other's remote-endpoint")
            elif node.path in self.links:
                self.check_format(node, endpoint, self.links[node.path][1])
            elif not wrong_card:
                self.find(node, "port", "no link uses it", "name %s in \"links\" of the card" % remote.parent.path)

    def check_format(self, node, endpoint, link):
        """Check the format of an I2S port, which the first DAI of its link sets, or the link."""
        if self.kinds[node] != "i2s":
            return
        first = self.dais_of(link)[0][1] or endpoint
        ends = [end for end in (first, first.parent, link.child("endpoint"), link, link.parent) if end]
        given = [end.string(name) for end in ends for name in ("dai-format", "format") if name in end.props]
        if not given or given[0] not in FORMATS:
            self.find(node, "dai-format", "\"%s\"" % given[0] if given else "missing",
                      "give one of %s" % ", ".join(FORMATS))
            return
        masters = [any(name + "-master" in end.props for end in ends) for name in ("bitclock", "frame")]
        if masters[0] != masters[1]:
            self.find(node, "frame-master", "bit and frame clock have two providers", "give both masters or none")
        for end in ends:
            if "frame-inversion" in end.props:
                self.find(end, "frame-inversion", "the port cannot do that", "remove it", [])
        for slots in endpoint.cells("dai-tdm-slot-num"):
            if not 1 <= slots <= MAX_CHANNELS:
                self.find(node, "dai-tdm-slot-num", "%d slots" % slots, "a frame has 1 to %d" % MAX_CHANNELS)
            elif slots > 2 and given[0] != TDM:
                self.find(node, "dai-tdm-slot-num", "%d slots, of which \"%s\" has 2" % (slots, given[0]),
                          "give the format \"%s\", or leave it out" % TDM)

    def prefixes(self):
        """The names of all blocks of the data sheet, enabled or not: (node, block, prefix)."""
        for node in self.tree.root.all():
            block = self.board.window(node) if node.parent and node.parent.path == "/soc" else None
            kinds = ["vendor-nc,nc1-" + block[1]] if block else []
            if block and block[1] != "xbar" and self.tree.reg(node)[0][1] == WINDOW_SIZE:
                yield node, block, node.string("sound-name-prefix"), kinds[0] in node.strings("compatible")

    def crossbar(self):
        """The routes inside of the crossbar, with the board's names of the blocks, enabled or
        not, or, if such a name is invalid or of another block, with the data sheet's."""
        names = {}
        for _, block, prefix, fits in self.prefixes():
            if fits and prefix and prefix not in names.values():
                names[block[0]] = prefix
        for name, *_ in BLOCKS.values():
            names.setdefault(name, name)
        return [("XBAR " + names[source], names[sink] + " Mixer") for source, sink in XBAR]

    def check_names(self, card):
        """Check the names of our blocks in the routes of a card."""
        known, of = {end for pair in self.crossbar() for end in pair}, {}
        for node, block, prefix, _ in self.prefixes():
            if prefix:
                of.update({name % prefix: (node, block) for name in ALL_NAMES})
            if prefix and node in self.kinds:
                known.update(name % prefix for name in NAMES.get(block[0], NAMES.get(block[1])))
        # The names of a codec's widgets are only in its driver.
        only_ours = all(node in self.kinds or not node.enabled()
                        for node in self.tree.root.all() if "#sound-dai-cells" in node.props)
        words = card.strings("routing")
        widgets = card.strings("widgets")[1::2]
        outside = [word for word in dict.fromkeys(words) if word not in known and word not in of]
        if outside and not widgets and only_ours:
            self.find(card, "widgets", "missing", "give kind and name of %s" % list_of(outside))
            return
        unknown = [word for word in outside if word not in widgets]
        if len(unknown) > 1 and only_ours:
            self.find(card, "routing", "there is no \"%s\"" % "\", \"".join(unknown),
                      "give the names of \"sound-name-prefix\" and \"widgets\"")
            return
        for word in words:
            node, block = of.get(word, (None, None))
            near = sorted(name for name in known if name.split(" ")[0] == word.split(" ")[0])
            if word in widgets or word in known and (node is None or node in self.kinds):
                continue
            if node and node not in self.kinds:
                self.find(card, "routing", "\"%s\" is of %s, which is not enabled" % (word, node.path),
                          "enable it, or leave its routes out", key=node.path)
            elif node and not is_front(block[1]) and block[0] != "I2S1":
                self.find(card, "routing", "\"%s\": %s only %s" % (word, block[0],
                          "plays; record from I2S1 or PDM0" if block[0] == "I2S0" else "records; play to I2S0 or I2S1"),
                          "correct or leave the route out", key=node.path)
            elif near:
                self.find(card, "routing", "there is no \"%s\"" % word, "one of: " + ", ".join(near), key=word)
            elif only_ours:
                self.find(card, "routing", "there is no \"%s\"" % word,
                          "name it in \"widgets\", or give a name of the crossbar, a front end or a port", key=word)

    def check_order(self, card):
        """Check that each route of a card names its sink first."""
        sinks, sources = set(), set()
        for node, kind in self.kinds.items():
            prefix = node.string("sound-name-prefix")
            plays, records = prefix + " Playback", prefix + " Capture"
            sinks.update(["XBAR " + prefix, records if is_front(kind) else plays])
            sources.update([prefix + " Mixer", plays if is_front(kind) else records])
        words = card.strings("routing")
        pairs = list(zip(words[::2], words[1::2]))
        wrong = [(sink, source) for sink, source in pairs if sink in sources and source in sinks]
        if wrong:
            fix = [word for pair in pairs for word in (pair[::-1] if pair in wrong else pair)]
            self.find(card, "routing", "\"%s\", \"%s\": the sink comes first" % wrong[0], "swap them", fix)

    def check_wires(self, card):
        """Check that routes join a block to its own input and mixer, to which it is wired."""
        ends, own = {end for pair in self.crossbar() for end in pair}, {}
        for node, kind in self.kinds.items():
            prefix = node.string("sound-name-prefix")
            if prefix:
                plays, records = ("%s %s" % (prefix, stream) for stream in ("Playback", "Capture"))
                feeds, fed = (plays, records) if is_front(kind) else (records, plays)
                own.update({feeds: "XBAR " + prefix, fed: prefix + " Mixer"})
        words = card.strings("routing")
        for sink, source in zip(words[::2], words[1::2]):
            for stream, end in ((source, sink), (sink, source)):
                if own.get(stream, end) != end and end in ends and own[stream] in ends:
                    fix = [own[stream] if word == end and stream in words[at // 2 * 2:at // 2 * 2 + 2] else word
                           for at, word in enumerate(words)]
                    self.find(card, "routing", "\"%s\" is not wired to \"%s\"" % (stream, end),
                              "make it \"%s\"" % own[stream], fix, key=stream)

    def check_routes(self, card):
        """Check that each FE of a card can be routed to some BE, each BE to some FE. Only of a card
        without findings, as these may be the reason."""
        prefixes = {node: node.string("sound-name-prefix") for node in self.kinds}
        words = card.strings("routing")
        if not words and not self.is_wrong(card):
            self.find(card, "routing", "missing", "join front ends, crossbar and ports by pairs of sink and source")
        if self.is_wrong(card):
            return
        edges = list(zip(words[1::2], words[::2])) + self.crossbar()
        mend = "join it to the crossbar in \"routing\" of %s" % card.path
        # Edges from front ends to ports, for capture against the direction of the samples.
        ways = {"Playback": edges, "Capture": [(sink, source) for source, sink in edges]}
        ours = [(node, kind) for node, kind in self.kinds.items() if self.links.get(node.path, [None])[-1] is card]
        ports, reached = [node for node, kind in ours if not is_front(kind)], set()
        for node, kind in ours:
            if is_front(kind):
                stream = "Playback" if kind == "fe-playback" else "Capture"
                found = reach(ways[stream], "%s %s" % (prefixes[node], stream))
                there = {port for port in ports if "%s %s" % (prefixes[port], stream) in found}
                reached |= there
                if not there:
                    self.find(node, "sound-name-prefix", "no route from \"%s %s\" to any back end" %
                              (prefixes[node], stream), mend, about=[card])
        for node in ports:
            # If a front end has no route, the port may lack the same one.
            if node not in reached and not self.is_wrong(card):
                self.find(node, "sound-name-prefix", "no route between \"%s\" and any front end" % prefixes[node], mend)


def check(board):
    """Check all cards of a board."""
    cards, ids, owners = Cards(board), {}, {}
    for card in board.cards:
        cards.check_pairs_of_strings(card)
        cards.check_label(card, ids)
        links = cards.check_links(card)
        cards.check_ends(card, links)
        if "links" not in {finding.prop for finding in board.findings if finding.path == card.path}:
            cards.check_sides(card, links)
            cards.check_aux(card, owners)
        cards.check_read(card, links)
    cards.check_joined()
    # A block with a finding may be another one, with other names.
    if any(board.is_wrong(node) for node in board.named()):
        return
    for card in board.cards:
        if not len(card.strings("routing")) % 2 and not len(card.strings("widgets")) % 2:
            cards.check_order(card)
            cards.check_names(card)
            cards.check_wires(card)
        cards.check_routes(card)
