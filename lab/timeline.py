#!/usr/bin/python3
"""Draw a trace of streams as one picture.

timeline.py [OPTIONS] -o NAME TRACE     writes NAME.svg and NAME.png

TRACE is the text of /sys/kernel/tracing/trace, what `trace-cmd report` prints, or a
trace.dat. Useful are the events of snd_dpcm and snd_pcm_sync, hwptr, applptr and xrun of
snd_pcm, and what is written to trace_marker.

  --title TEXT        what the picture is about
  --from S, --to S    only this part, in seconds of the axis of the picture: after the
                      first event; with --compare after the first mark, if both have one
  --pcm NAME[,NAME]   the rings of these PCMs only (pcmC0D0p), or "none"
  --compare TRACE     a second trace to the right of the first, lanes and times aligned
  --labels A,B        titles of the two, left and right
  --axis time|even    even: each event has the same space, a wait a little more, and the two
                      traces are aligned at every mark. Without this option: even,
                      unless there are rings

How to read it, from top to bottom, time runs to the right:

- Dashed lines are the marks that the test program wrote.
- A lane for each front end (FE), then for each link, then for each back end (BE). The
  colour of a bar is the state; of a link, the requested run. A triangle is a command that
  was executed, the colour of its edge is the CPU. Below a BE is the FE whose runtime it
  borrows.
- A lane for each ring buffer: the positions of the DMA and of the application, and as
  vertical bars the frames that were synced, coloured by the caller. Ticks at the
  bottom are interrupts.
- A grey band is a wait, in a picture in which each event has the same space.
- Red is an error: commands that failed, underruns, an FE that plays while its BE does not,
  a runtime that changes during a trigger of its BE. timeline_parse.py describes the rules
  for the last two.
"""
import argparse
import io
import math
import os
import re
import sys

from timeline_draw import picture
from timeline_parse import Refused, load


class Window:
    """The events of a trace that are drawn, and their times after the zero."""

    def __init__(self, trace, by_mark, start, end):
        self.trace = trace
        zero = trace.marks[0].at if by_mark else 0
        self.zero_is = "the mark \"%s\"" % trace.marks[0].text if by_mark else "the first event"
        self.times = [event.time - trace.events[zero].time for event in trace.events]
        self.shown = [at for at, time in enumerate(self.times)
                      if (start is None or time >= start) and (end is None or time <= end)]
        if not self.shown:
            raise Refused("%s: no event between --from and --to; it has %.6f to %.6f s"
                          % (trace.name, self.times[0], self.times[-1]))
        self.first, self.last = self.shown[0], self.shown[-1]
        self.marks = [mark for mark in trace.marks if self.first <= mark.at <= self.last]
        self.x, self.left, self.right, self.unit, self.usual = [], 0, 0, None, 0

    def place(self, bar):
        """Where a bar is in the window, or None."""
        if bar.start > self.last or bar.end is not None and bar.end < self.first:
            return None
        return (self.left if bar.start < self.first else self.x[bar.start],
                self.right if bar.end is None or bar.end > self.last else self.x[bar.end])

    def sees(self, at):
        return self.first <= at <= self.last


def time_axis(windows):
    """Position is time, in a unit with short numbers."""
    low = min(window.times[window.first] for window in windows)
    high = max(window.times[window.last] for window in windows)
    unit, factor = next(((u, f) for u, f in (("s", 1), ("ms", 1e3)) if high - low >= 2 / f), ("µs", 1e6))
    margin = max((high - low) * 0.02, 1e-6)
    for window in windows:
        window.x = [time * factor for time in window.times]
        window.left, window.right, window.unit = (low - margin) * factor, (high + margin) * factor, unit


def even_axis(windows):
    """Each event has the same space; equal marks of two traces are aligned."""
    common = 0
    if len(windows) == 2:
        pairs = zip(*(window.marks for window in windows))
        common = next((i for i, (a, b) in enumerate(pairs) if a.text != b.text),
                      min(len(window.marks) for window in windows))
    gaps = sorted(after - before for window in windows for before, after in zip(window.times, window.times[1:]))
    usual = max(gaps[len(gaps) // 2] if gaps else 0, 1e-6)
    for window in windows:
        window.x, window.usual, x = [0.0] * len(window.times), usual, 1.0
        for at in window.shown:
            if at > window.first:
                gap = window.times[at] - window.times[at - 1]
                x += (0.3 if at in window.trace.quiet else 1) + 2.3 * math.log10(1 + gap / usual)
            window.x[at] = x
    # The distance between two marks is that of the wider trace.
    for i in range(common):
        target = max(window.x[window.marks[i].at] for window in windows)
        for window in windows:
            shift = target - window.x[window.marks[i].at]
            for at in range(window.marks[i].at, window.last + 1):
                window.x[at] += shift
    right = max(window.x[window.last] for window in windows) + 1.5
    for window in windows:
        window.left, window.right, window.unit = 0, right, None


class Options(argparse.ArgumentParser):
    """Options, with one line for a wrong one."""

    def error(self, message):
        raise Refused("%s; timeline.py --help shows how it is called" % message)


def options(args):
    parser = Options(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                     usage=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("trace", metavar="TRACE", help=argparse.SUPPRESS)
    parser.add_argument("-o", dest="out", metavar="NAME", required=True, help=argparse.SUPPRESS)
    for name in ("--title", "--pcm", "--compare", "--labels"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    for name, dest in (("--from", "start"), ("--to", "end")):
        parser.add_argument(name, dest=dest, type=float, help=argparse.SUPPRESS)
    parser.add_argument("--axis", choices=("time", "even"), help=argparse.SUPPRESS)
    found = parser.parse_args(args)
    if found.labels is not None:
        found.labels = found.labels.split(",")
        if not found.compare or len(found.labels) != 2:
            raise Refused("--labels names the two traces of --compare: give two names with a comma between them")
    elif found.compare:
        found.labels = [os.path.basename(path) for path in (found.trace, found.compare)]
    if None not in (found.start, found.end) and found.start >= found.end:
        raise Refused("--from %g is not before --to %g; swap them" % (found.start, found.end))
    found.out = re.sub(r"\.(svg|png)$", "", found.out)
    folder = os.path.dirname(found.out) or "."
    if not os.path.isdir(folder) or not os.path.basename(found.out):
        raise Refused("-o %s: there is no such folder; make it, or name another one" % found.out)
    return found


def main(args):
    try:
        found = options(args)
        traces = [load(path) for path in (found.trace, found.compare) if path]
        pcms = found.pcm.split(",") if found.pcm else []
        there = sorted({pcm for trace in traces for pcm, ring in trace.rings.items() if ring.has_moved()})
        for pcm in pcms:
            if pcm not in there + ["none"]:
                raise Refused("--pcm %s: there is no such ring; there is %s"
                              % (pcm, ", ".join(there) or "none at all"))
        by_mark = len(traces) == 2 and all(trace.marks for trace in traces)
        windows = [Window(trace, by_mark, found.start, found.end) for trace in traces]
        rings = [pcm for pcm in there if not pcms or pcm in pcms]
        (time_axis if found.axis == "time" or rings and found.axis is None else even_axis)(windows)
        try:
            figure = picture(windows, found.labels, found.title, rings)
        except ImportError:
            raise Refused("matplotlib is missing; install the Debian package python3-matplotlib and run this "
                          "with /usr/bin/python3") from None
        drawn = {}
        for kind, how in (("svg", {"metadata": {"Date": None}}), ("png", {"dpi": 110})):
            drawn[kind] = io.BytesIO()
            figure.savefig(drawn[kind], format=kind, **how)
        for kind, data in drawn.items():
            with open("%s.%s" % (found.out, kind), "wb") as f:
                # A picture may be a part of a patch, which must have no blanks at ends of lines.
                f.write(data.getvalue() if kind == "png" else re.sub(rb" +\n", b"\n", data.getvalue()))
    except Refused as why:
        print("error: %s" % why, file=sys.stderr)
        return 2
    except OSError as why:
        print("error: %s: %s; name another place with -o" % (why.filename, why.strerror), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
