"""Draw the picture of timeline.py.

A Column is one trace: a user mark is a dashed line through all of it, an FE, a BE and a
link have a lane of bars with marks on it, a PCM has its ring. All sizes are in inches, so
that the space for a word is known before it is written: words without space are left
out, and the picture has their number.
"""
import math
import re

from timeline_parse import Refused

# Colours of Okabe and Ito, which are distinct for most people; red is for errors.
RED = "#d00000"
STATES = {"open": "#e4e9ee", "hw_params": "#bfcbd6", "prepared": "#93a9bd", "running": "#2aa87f",
          "paused": "#f0e442", "suspended": "#cc79a7", "stopped": "#c9b9a6", "linked": "#ffffff"}
CPUS = ("#000000", "#e69f00", "#0072b2", "#cc79a7")
WHO = {"handover": "#b0b0b0", "written": "#56b4e9", "commit": "#0072b2", "forward": "#cc79a7",
       "silence": "#d8cf30", "ahead": "#009e73", "later": "#8a6d3b", "taken": "#f0e442",
       "heard": "#e69f00"}
BUSY, LEAVING = "////", "\\\\\\\\"
DMA, APPLICATION = "#000000", "#0072b2"
SIZE = 9            # of letters, in points
LEFT, RIGHT, BETWEEN = 1.55, 0.25, 0.3          # inches around the columns
HEIGHTS = {"fe": 0.62, "link": 0.26, "be": 0.62, "ring": 1.7}
HEAD = (0.22, 0.62)         # without and with marks
RUNTIME, FAULT = 0.18, 0.2  # more for a BE with a runtime, and for one with an error
LEGEND = 0.24       # a row of it
WAIT = 0.02, 20     # seconds, and times the usual: the waits that an even axis marks


def cpu_colour(event):
    return CPUS[event.cpu % len(CPUS)]


def span(seconds):
    """A time as text."""
    if not seconds:
        return "0"
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if abs(seconds) * factor >= 0.9995 or unit == "µs":
            digits = 3 if unit == "s" else max(0, 1 - int(math.log10(max(abs(seconds) * factor, 1))))
            return "%.*f %s" % (digits, seconds * factor, unit)
    return None


def text_width(text, size=SIZE, bold=False):
    """The approximate width in inches."""
    return len(text) * size * (0.66 if bold else 0.57) / 72


def wrapped(x0, start, x1, end, size):
    """The points of a line from frame start to frame end, cut where it leaves the ring."""
    if start == end:
        return [(x0, start % size), (x1, start % size), (math.nan, math.nan)]
    points, at, slope = [], start, (x1 - x0) / (end - start)
    while at < end:
        stop, base = min((at // size + 1) * size, end), at // size * size
        points += [(x0 + (at - start) * slope, at - base), (x0 + (stop - start) * slope, stop - base),
                   (math.nan, math.nan)]
        at = stop
    return points


def is_long(busy):
    """Whether there was another event during the command."""
    return busy.end - busy.start > 1


class Column:
    """One trace, drawn."""

    def __init__(self, window, inches, lanes, rings):
        self.window, self.trace, self.inches = window, window.trace, inches
        self.lanes, self.rings, self.omitted = lanes, rings, 0
        self.taken, self.used = {}, set()

    def width(self, left, right):
        return (right - left) / (self.window.right - self.window.left) * self.inches

    def label(self, ax, x, y, text, row, dx=4, size=SIZE, left=False, **how):
        """Write a word, dx points to the right of x, or to the left of it, unless that space is
        taken. A word that would leave the picture is written on the other side."""
        need = text_width(text, size, "weight" in how)
        at = self.width(self.window.left, x)
        if at + dx / 72 + need > self.inches + RIGHT or left and at - dx / 72 - need > 0:
            dx, how["ha"] = -dx, "right"
        start = at + dx / 72 - (need if dx < 0 else 0)
        taken = self.taken.setdefault(row, [])
        if any(start < end and begin < start + need for begin, end in taken):
            return False
        taken.append((start, start + need + 0.05))
        ax.annotate(text, (x, y), (dx, 0), textcoords="offset points", fontsize=size, va="center", **how)
        return True

    def draw(self, axes, head):
        """axes: one for all lanes, then one for each ring."""
        for ax in axes:
            ax.set_xlim(self.window.left, self.window.right)
        axes[0].set_ylim(head + sum(map(sum, self.lanes.values())), 0)
        self.user_marks(axes)
        y = head
        for key, (above, height, below) in self.lanes.items():
            lane = self.trace.lanes.get(key)
            axes[0].axhline(y, color="#e8e8e8", lw=0.8, zorder=0)
            if lane and key[0] == "link":
                self.link(axes[0], lane, y)
            elif lane:
                self.end(axes[0], lane, y + above)
            y += above + height + below
        for pcm, ax in zip(self.rings, axes[1:]):
            if pcm in self.trace.rings:
                self.ring(ax, self.trace.rings[pcm])
            else:
                ax.text(0.5, 0.5, "not in this trace", transform=ax.transAxes, ha="center", color="#888888")
        self.times(axes)

    def user_marks(self, axes):
        for mark in self.window.marks:
            x, event = self.window.x[mark.at], self.trace.events[mark.at]
            for ax in axes:
                ax.axvline(x, color=cpu_colour(event), lw=0.8, ls=(0, (3, 3)), alpha=0.6, zorder=1)
            done = any(self.label(axes[0], x, y, mark.text, ("marks", y), dx=2, weight="bold")
                       for y in (0.46, 0.28, 0.1))
            self.omitted += not done

    def bars(self, ax, lane, y, height, named):
        busy = [place[0] for place in map(self.window.place, filter(is_long, lane.busy)) if place]
        boxes = {}
        for bar in lane.bars:
            place = self.window.place(bar)
            if not place or bar.state == "closed":
                continue
            edge = 0.6 if self.width(*place) > 0.02 else 0
            boxes.setdefault((bar.state, edge), []).append(place)
            # The word about a command that has not ended needs its own space.
            room = place[0], min([place[1]] + [left for left in busy if left > place[0]])
            if named:
                running = bar.state == "running"
                self.word(ax, room, y + height / 2, bar.state, 8, color="#ffffff" if running else "#222222",
                          weight="bold" if running else "normal")
        for (state, edge), places in boxes.items():
            self.used.add(state)
            self.box(ax, places, y, height, facecolor=STATES[state], edgecolor="#555555", lw=edge)

    @staticmethod
    def box(ax, places, y, height, **how):
        how = {"lw": 0.6, "zorder": 2, **how}
        ax.broken_barh([(left, right - left) for left, right in places], (y, height), **how)

    def word(self, ax, place, y, text, size, **how):
        """Write a word in the middle, if there is space."""
        fits = text_width(text, size) + 0.04 < self.width(*place)
        if fits:
            ax.text(sum(place) / 2, y + 0.01, text, ha="center", va="center", fontsize=size, zorder=4, **how)
        return fits

    def link(self, ax, lane, y):
        self.bars(ax, lane, y + 0.05, 0.15, False)
        for place in filter(None, map(self.window.place, lane.leaves)):
            self.used.add("leaving")
            self.box(ax, [place], y + 0.05, 0.15, facecolor="none", edgecolor="#777777", hatch=LEAVING, zorder=3)
        self.commands(ax, lane, y - 0.12, y + 0.12)

    def end(self, ax, lane, y):
        """Draw an FE or a BE: labels, bar, and below a BE's bar the owner of its runtime."""
        top, height = y + 0.26, 0.28
        ax.plot([self.window.left, self.window.right], [top + height] * 2, color="#bbbbbb", lw=0.8, zorder=1)
        self.bars(ax, lane, top, height, True)
        for bar in filter(is_long, lane.busy):
            place = self.window.place(bar)
            if place:
                self.used.add("busy")
                self.box(ax, [place], top, height, facecolor="none", hatch=BUSY, edgecolor="#222222", lw=1.2,
                         ls=":" if bar.state.endswith("?") else "-", zorder=3)
                cmd, ground = bar.state.rstrip("?"), {"facecolor": "white", "edgecolor": "none", "pad": 1}
                any(self.word(ax, place, top + height / 2, word, 8, bbox=ground)
                    for word in (cmd + " under way", cmd + " …"))
        self.runtime(ax, lane, top + height + 0.11)
        self.faults(ax, lane, top, height)
        self.commands(ax, lane, y + 0.12, top)

    def runtime(self, ax, lane, y):
        swaps = {fault.start for fault in self.trace.faults if fault.lane is lane and fault.start == fault.end}
        for bar in lane.runtime:
            place = self.window.place(bar)
            if not place:
                continue
            bad = bar.start in swaps
            ax.plot(place, [y, y], color="#777777", lw=1, zorder=2)
            if self.window.sees(bar.start):
                self.used.add("runtime")
                ax.plot([place[0]], [y], marker="D", ms=5, color=RED if bad else "#777777", zorder=5,
                        mec=cpu_colour(self.trace.events[bar.start]))
            self.label(ax, place[0], y + 0.005, "runtime of " + short(bar.state), ("runtime", lane), 6, 7.5, zorder=6,
                       color=RED if bad else "#444444", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})

    def faults(self, ax, lane, top, height):
        for fault in self.trace.faults:
            place = self.window.place(fault) if fault.lane is lane else None
            if not place:
                continue
            self.used.add("fault")
            if fault.start == fault.end:
                ax.plot([place[0]] * 2, [top - 0.26, top + height + 0.11], color=RED, lw=2.2, zorder=5)
            else:
                self.box(ax, [place], top - 0.04, height + 0.08, facecolor=RED + "30", edgecolor=RED, lw=2.4,
                         zorder=4)
            self.omitted += not self.label(ax, place[0], top - 0.34, fault.text, ("faults", lane), 2, SIZE + 1,
                                           color=RED, weight="bold", zorder=7)

    def commands(self, ax, lane, y_text, y_mark):
        signs = {"refused": ("X", RED, 10, {"color": RED, "weight": "bold"}), "command": ("v", "#ffffff", 7.5, {}),
                 "nothing": ("o", "#ffffff", 4.5, {"color": "#666666"})}
        marks = [mark for mark in lane.marks if self.window.sees(mark.at)]
        x = [self.window.x[mark.at] for mark in marks]
        named = []
        for i, mark in enumerate(marks):
            # To the left of its sign, if the next one is near and the one before is not.
            near = i + 1 < len(x) and self.width(x[i], x[i + 1]) < text_width(mark.text) + 0.1
            far = i == 0 or self.width(x[i - 1], x[i]) > text_width(mark.text) + 0.2
            named.append((mark.kind != "refused", x[i], mark, near and far))
        # Commands that failed are named first.
        for _, at, mark, left in sorted(named):
            if mark.text and not self.label(ax, at, y_text, mark.text, ("commands", lane), 6, left=left, zorder=6,
                                            **signs[mark.kind][3]):
                self.omitted += 1
        self.signs(ax, [(self.window.x[mark.at], y_mark, mark) for mark in marks], signs)

    def signs(self, ax, marks, signs):
        """Draw marks (x, y, mark), with one call for all of one look."""
        alike = {}
        for x, y, mark in marks:
            alike.setdefault((mark.kind, self.trace.events[mark.at].cpu), []).append((x, y))
        for (kind, cpu), places in alike.items():
            self.used.update((kind, cpu))
            marker, face, size = signs[kind][:3]
            ax.plot(*zip(*places), marker=marker, ms=size, mfc=face, mec=CPUS[cpu % len(CPUS)], mew=1.6, zorder=6,
                    ls="")

    def ring(self, ax, ring):
        window, x, events = self.window, self.window.x, self.trace.events
        ax.set_ylim(-0.09 * ring.size, ring.size * 1.02)
        for end in range(0, ring.size + 1, ring.period if ring.period * 32 >= ring.size else ring.size):
            ax.axhline(end, color="#e8e8e8", lw=0.7, zorder=0)
        syncs = [sync for sync in ring.syncs if window.sees(sync[0])]
        for who in sorted({sync[1] for sync in syncs}):
            self.used.add(who)
            lines = [(x[at], *part) for at, asked, parts in syncs if asked == who for part in parts]
            ax.vlines(*zip(*lines), color=WHO.get(who, "#888888"), zorder=2,
                      lw=min(7, max(1.5, self.inches * 40 / len(syncs))))
        dma, steps = [], []
        for before, here in zip(ring.hw, ring.hw[1:]):
            if here[3] and window.sees(before[0]) and window.sees(here[0]):
                dma += wrapped(x[before[0]], before[1], x[here[0]], here[1], here[2])
        for (at, start, end, size), after in zip(ring.appl, ring.appl[1:] + [None]):
            if not window.sees(at):
                continue
            if abs(end - start) <= size:
                steps += wrapped(x[at], min(start, end), x[at], max(start, end), size)
            until = x[after[0]] if after and window.sees(after[0]) else window.right
            steps += [(x[at], end % size), (until, end % size), (math.nan, math.nan)]
        for name, line, colour in (("application", steps, APPLICATION), ("dma", dma, DMA)):
            if line:
                self.used.add(name)
                ax.plot(*zip(*line), color=colour, lw=1.8, zorder=4, solid_capstyle="round")
        dots = [(x[at], new % size) for at, new, size, _ in ring.hw if window.sees(at)]
        if dots:
            self.used.add("dma")
            ax.plot(*zip(*dots), ls="", marker="o", ms=3.5, color=DMA, zorder=4)
        for cpu in sorted({events[at].cpu for at in ring.irqs if window.sees(at)}):
            self.used.update(("irq", cpu))
            ax.vlines([x[at] for at in ring.irqs if window.sees(at) and events[at].cpu == cpu], -0.08 * ring.size,
                      -0.02 * ring.size, color=CPUS[cpu % len(CPUS)], lw=2, zorder=3)
        for at, pos in ring.xruns:
            if window.sees(at):
                self.used.update(("xrun", events[at].cpu))
                ax.axvline(x[at], color=RED, lw=1.2, zorder=3)
                ax.plot([x[at]], [pos], marker="X", ms=11, mfc=RED, mec=cpu_colour(events[at]), zorder=6)
                self.label(ax, x[at], ring.size * 0.9, "xrun", ("xrun", id(ring)), 5, color=RED, weight="bold")

    def times(self, axes):
        """Draw the times below, and on an even axis the waits that it shortens."""
        window = self.window
        axes[-1].set_xlabel("after " + window.zero_is)
        if window.unit:
            axes[-1].set_xlabel("%s after %s" % (window.unit, window.zero_is))
            return
        gaps = [(window.times[at] - window.times[before], before, at)
                for before, at in zip(window.shown, window.shown[1:])]
        for gap, before, at in gaps:
            if gap >= max(WAIT[0], WAIT[1] * window.usual):
                place = window.x[before] + 0.1, window.x[at] - 0.1
                for ax in axes:
                    ax.axvspan(*place, color="#000000", alpha=0.06, lw=0, zorder=0)
                self.word(axes[0], place, 0.12, span(gap), 8, style="italic", color="#555555")
        ticks, free = [], 0
        for at in window.shown:
            x = self.width(window.left, window.x[at])
            if x >= free:
                ticks.append((window.x[at], span(window.times[at])))
                free = x + 0.75
        axes[-1].set_xticks(*zip(*ticks))
        axes[-1].set_xlabel("after %s; each event has room of its own" % window.zero_is)


# The legend: groups of symbols and their look.
def legend_of(used, swatch, stroke, sign):
    """Rows of (text, handle) of all symbols in the picture."""
    states = [(name, swatch(colour)) for name, colour in STATES.items() if name != "linked" and name in used]
    links = [(word, swatch(colour, hatch)) for key, word, colour, hatch in (
        ("linked", "link that asks for nothing, as far as is known", "#ffffff", None),
        ("leaving", "link that is to go", "#ffffff", LEAVING)) if key in used]
    cpus = [("CPU%d" % cpu, sign("v", "#ffffff", CPUS[cpu % len(CPUS)]))
            for cpu in sorted(key for key in used if isinstance(key, int))]
    marks = [(word, handle) for key, word, handle in (
        ("command", "command", sign("v", "#ffffff", "#777777")),
        ("nothing", "nothing to do", sign("o", "#ffffff", "#777777", 5)),
        ("refused", "refused", sign("X", RED, "#777777")),
        ("runtime", "takes a runtime", sign("D", "#777777", "#777777", 5)),
        ("busy", "command under way", swatch("#ffffff", BUSY)),
        ("fault", "wrong", swatch(RED + "30", None, RED))) if key in used]
    ring = [(word, handle) for key, word, handle in (
        ("dma", "DMA", stroke(DMA, 2)), ("application", "application", stroke(APPLICATION, 2)),
        ("irq", "interrupt", stroke("#777777", 2, "|")), ("xrun", "xrun", sign("X", RED, "#777777"))) if key in used]
    ring += [("synced: " + who, stroke(colour, 5, "|")) for who, colour in WHO.items() if who in used]
    return [row for row in (states + links, cpus + marks, ring) if row]


def draw_legend(figure, used, notes, inches, height):
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def swatch(colour, hatch=None, edge="#555555"):
        return Patch(facecolor=colour, edgecolor=edge, hatch=hatch, lw=0.8)

    def stroke(colour, width, marker=None):
        return Line2D([], [], color=colour, lw=0 if marker else width, marker=marker, ms=10, mew=width)

    def sign(marker, face, edge, size=8):
        return Line2D([], [], lw=0, marker=marker, mfc=face, mec=edge, ms=size, mew=1.6)

    left, y = inches / figure.get_figwidth(), 0.08
    for note in reversed(notes):
        figure.text(left, y / height, note, fontsize=8, color="#666666", va="bottom")
        y += 0.17
    for row in reversed(legend_of(used, swatch, stroke, sign)):
        figure.legend([handle for _, handle in row], [text for text, _ in row], ncol=len(row), frameon=False,
                      fontsize=SIZE, loc="lower left", bbox_to_anchor=(left, y / height), columnspacing=1.3,
                      handletextpad=0.5, borderaxespad=0, borderpad=0)
        y += LEGEND


def lane_order(key):
    """Playback before capture; FEs, then links, then BEs; FE10 after FE9."""
    kind, name, stream = key
    text = " ".join(name) if kind == "link" else name
    return (stream == "capture", ("fe", "link", "be").index(kind),
            [part.zfill(9) if part.isdigit() else part for part in re.split(r"(\d+)", text)])


def short(name):
    """The node of a DAI link that audio-graph-card2 has named (be.audio-port@5f002000.5f0...);
    without its middle if it is too long."""
    name = re.sub(r"^[fb]e\.([^@.]+@[0-9a-f]+)\..*", r"\1", name)
    return name if len(name) <= 20 else name[:9] + "…" + name[-10:]


def lane_name(key):
    kind, name, stream = key
    names = [short(part) for part in (name if kind == "link" else [name])]
    return " → ".join(names) if kind == "link" else "%s %s" % (names[0], stream)


def lanes_of(windows):
    """The lanes that are not empty: {key: inches above, of, and below its bar}."""
    seen, ill, lent = set(), set(), set()
    for window in windows:
        for key, lane in window.trace.lanes.items():
            if any(window.place(bar) for bar in lane.bars if bar.state != "closed") or \
               any(window.sees(mark.at) for mark in lane.marks):
                seen.add(key)
            if any(map(window.place, lane.runtime)):
                lent.add(key)
            if any(fault.lane is lane and window.place(fault) for fault in window.trace.faults):
                ill.add(key)
    return {key: (FAULT * (key in ill), HEIGHTS[key[0]], RUNTIME * (key in lent))
            for key in sorted(seen, key=lane_order)}


def picture(windows, labels, title, rings):
    """The figure; rings: the names of the PCMs."""
    import matplotlib
    matplotlib.use("agg")
    from matplotlib import pyplot
    pyplot.rcParams.update({"font.family": "DejaVu Sans", "font.size": SIZE,
                            "svg.fonttype": "none", "svg.hashsalt": "timeline", "hatch.linewidth": 0.6, "text.parse_math": False})
    lanes, notes = lanes_of(windows), []
    if not lanes and not rings:
        raise Refused("%s: nothing happens in this part of it; take a longer one" % windows[0].trace.name)
    for window, label in zip(windows, labels or [""] * 2):
        if window.trace.lost:
            notes.append("%s%d events are lost, the picture may be wrong; raise buffer_size_kb and record again"
                         % (label and label + ": ", window.trace.lost))

    # All in inches, from the bottom up.
    left_of_all = max([LEFT] + [0.2 + text_width(lane_name(key), 8 if key[0] == "link" else 10) for key in lanes])
    full = (13.0 if len(windows) == 1 else 17.0) + left_of_all - LEFT
    inches = (full - left_of_all - RIGHT - BETWEEN * (len(windows) - 1)) / len(windows)
    head = HEAD[any(window.marks for window in windows)]
    sizes = [head + sum(map(sum, lanes.values()))] + [HEIGHTS["ring"]] * len(rings)
    top = 0.15 + 0.32 * bool(title) + 0.3 * bool(labels)
    below = 0.58 + (3 if rings else 2) * LEGEND + 0.17 * (len(notes) + 1)
    height = top + sum(sizes) + 0.12 * len(rings) + below
    figure = pyplot.figure(figsize=(full, height))
    used, omitted = set(), 0
    for i, window in enumerate(windows):
        left, y, axes = left_of_all + i * (inches + BETWEEN), height - top, []
        for size in sizes:
            y -= size
            axes.append(figure.add_axes((left / full, y / height, inches / full, size / height),
                                        sharex=axes[0] if axes else None))
            y -= 0.12
        for ax in axes:
            ax.spines[["top", "right", "left"]].set_visible(False)
            ax.tick_params(left=False, labelleft=False, labelbottom=ax is axes[-1], bottom=ax is axes[-1])
        column = Column(window, inches, lanes, rings)
        column.draw(axes, head)
        if labels:
            figure.text(left / full, (height - top + 0.06) / height, labels[i], fontsize=13, weight="bold")
        if i == 0:
            name_lanes(axes, lanes, rings, windows, head)
        used |= column.used
        omitted += column.omitted
    if omitted:
        notes.append("%d labels have no room; --from and --to show a part of it" % omitted)
    if title:
        figure.text(0.1 / full, (height - 0.1) / height, title, fontsize=15, weight="bold", va="top")
    draw_legend(figure, used, notes, left_of_all, height)
    return figure


def name_lanes(axes, lanes, rings, windows, head):
    y = head
    for key, (above, height, below) in lanes.items():
        at = y + above + (0.125 if key[0] == "link" else 0.4)
        axes[0].annotate(lane_name(key), (0, at), (-8, 0), xycoords=axes[0].get_yaxis_transform(), ha="right",
                         textcoords="offset points", va="center", fontsize=8 if key[0] == "link" else 10,
                         color="#666666" if key[0] == "link" else "#000000")
        y += above + height + below
    for pcm, ax in zip(rings, axes[1:]):
        size = max(window.trace.rings[pcm].size for window in windows if pcm in window.trace.rings)
        ax.tick_params(left=True, labelleft=True)
        ax.set_yticks([0, size // 2, size])
        ax.annotate(pcm + "\nring, frames", (0, 0.5), (-45, 0), xycoords="axes fraction", textcoords="offset points",
                    ha="right", va="center", fontsize=9)
