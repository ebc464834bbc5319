"""Parse a trace into the model that timeline.py draws.

A trace is a list of events, each at a time, on a CPU, from a task. Read in order they
give the states of each front end (FE) and back end (BE) and their duration, the time of
each link between two of them and the run that it requested, and the positions of the DMA
and the application in the ring of a PCM. A Trace holds these. Positions are numbers of
events, not times: two events may have the same time and still have an order, and the
picture may space them freely.

Two rules are checked: a BE must run while an FE that runs is linked to it, and only then;
and the runtime that a BE borrows must not change during a command. A Fault records where
a rule is broken. There is no fault if that ends before the next operation of the task
that began it (the BE is triggered first, then the FE), or if the trace does not have it
from its beginning.
"""
import bisect
import collections
import errno
import re
import shutil
import subprocess

STREAM = "(?P<stream>playback|capture)"
RUN = "idle|stopped|suspended|paused|started"
CMD = "(?P<cmd>start|stop|pause|release|suspend|resume|drain|nothing)"
PCM = r"(?P<pcm>pcmC\d+D\d+[pc]/sub\d+)"
# Names of DAI links may have blanks in them.
PATTERNS = {name: re.compile(pattern + r"\s*$") for name, pattern in {
    "dpcm_link": f"fe=(?P<fe>.+) be=(?P<be>.+) {STREAM} (?P<what>connect|leave|disconnect|reparent)",
    "dpcm_state": f"(?P<kind>fe|be)=(?P<name>.+) {STREAM} (?P<state>new|open|hw_params|prepare|start|"
                  "stop|paused|suspend|hw_free|close)",
    "dpcm_fe_trigger": f"fe=(?P<fe>.+) {STREAM} {CMD} err=(?P<err>-?\\d+)",
    "dpcm_link_trigger": f"fe=(?P<fe>.+) be=(?P<be>.+) {STREAM} {CMD} was=(?P<was>{RUN}) "
                         f"asks=(?P<asks>{RUN}) ready=(?P<ready>[01])",
    "dpcm_be_trigger": f"be=(?P<be>.+) {STREAM} does=(?P<does>{RUN}) wanted=(?P<wanted>{RUN}): {CMD} "
                       r"err=(?P<err>-?\d+) why=(asked|there|unprepared|no_command)",
    "snd_pcm_sync": PCM + r": (?P<who>\w+) to (?P<to>device|cpu)(?P<atomic>, atomic)?: pos=(?P<pos>\d+), "
                    r"frames=(?P<frames>\d+), bytes=\d+, buf=(?P<buf>[1-9]\d*)",
    "hwptr": PCM + r": (?P<why>IRQ|POS): pos=(?P<pos>\d+), old=(?P<old>\d+), base=(?P<base>\d+), "
             r"period=(?P<period>\d+), buf=(?P<buf>[1-9]\d*)",
    "applptr": PCM + r": prev=(?P<prev>\d+), curr=(?P<curr>\d+), avail=\d+, period=(?P<period>\d+), "
               r"buf=(?P<buf>[1-9]\d*)",
    "xrun": PCM + r": XRUN: old=(?P<old>\d+), base=\d+, period=(?P<period>\d+), buf=(?P<buf>[1-9]\d*)",
}.items()}
NUMBERS = {"err", "ready", "pos", "frames", "buf", "old", "base", "period", "prev", "curr"}

# "   task-89    [001] d..2.    12.345678: event: text"; trace-cmd leaves the flags out,
# and there may be a tgid before the CPU.
PREFIX = re.compile(r"^\s*(?P<task>.+?-\d+)\s+(?:\([ \d-]+\)\s+)?\[(?P<cpu>\d+)\]\s+(?:\S+\s+)?"
                    r"(?P<time>\d+\.\d+):\s+(?:\w+:(?=\w))?(?P<name>\w+):\s*(?P<text>.*)$")
OURS = re.compile(r"\b(%s): " % "|".join(PATTERNS))
LOST = re.compile(r"^CPU:\s*\d+ \[(?:LOST )?(\d+) EVENTS(?: DROPPED)?\]")
WRITTEN = re.compile(r"^# entries-in-buffer/entries-written: (\d+)/(\d+)")

# The states after an operation and after a command.
STATE = {"new": "closed", "open": "open", "hw_params": "hw_params", "prepare": "prepared",
         "start": "running", "stop": "stopped", "paused": "paused", "suspend": "suspended",
         "hw_free": "open", "close": "closed"}
COMMAND = {"start": "running", "release": "running", "resume": "running", "stop": "stopped",
           "pause": "paused", "suspend": "suspended"}
DOES = {"started": "running", "stopped": "stopped", "paused": "paused", "suspended": "suspended"}
# The stock core repeats the result of a trigger, which the event of the trigger has.
TRIGGERED = ("start", "stop", "paused", "suspend")
# The state of an FE before its first command in the trace.
BEFORE = {"pause": "running", "release": "paused", "resume": "suspended", "suspend": "running"}
# The highest number of laps of a ring between two events that counts as right.
LAPS = 64
# An operation of a task without marks ends after this number of seconds.
OPERATION = 0.02

Event = collections.namedtuple("Event", "time cpu task name args")
Mark = collections.namedtuple("Mark", "at text kind")
Bar = collections.namedtuple("Bar", "start end state")
Fault = collections.namedtuple("Fault", "lane start end text")


class Refused(Exception):
    """One line: the fault, and how to mend it."""


class Lane:
    """An FE, a BE or a link: its bars, and marks along them.

    A bar that starts at -1 began before the trace; one that ends at None has not ended
    in it. busy: commands that have not ended (state: the command, with a "?" if the beginning is
    a guess); runtime: whose runtime a BE borrows.
    """

    def __init__(self, kind, name, stream):
        self.kind, self.name, self.stream = kind, name, stream
        self.bars, self.marks, self.busy, self.runtime, self.leaves = [], [], [], [], []

    def enter(self, at, state, bars=None, before=None):
        """Begin that state, None: no state; before: the state until then. False if the state is
        the same."""
        bars = self.bars if bars is None else bars
        if not bars and before:
            bars.append(Bar(-1, None, before))
        if bars and bars[-1].end is None:
            if bars[-1].state == state:
                return False
            bars[-1] = bars[-1]._replace(end=at)
        if state:
            bars.append(Bar(at, None, state))
        return True

    @property
    def state(self):
        """The state at the end of what was read."""
        return self.bars[-1].state if self.bars and self.bars[-1].end is None else None


class Ring:
    """The buffer of a PCM.

    hw: (event, frames since the start, ring, True if the line goes on to here);
    appl: (event, from, to, ring); syncs: (event, who, [(from, to), ...]); irqs and xruns:
    events, the latter with the position in the ring.
    """

    def __init__(self):
        self.size = self.period = 0
        self.hw, self.appl, self.syncs, self.irqs, self.xruns = [], [], [], [], []

    def has_moved(self):
        """Whether there is anything to draw."""
        return len(self.hw) > 1 or bool(self.appl or self.syncs or self.xruns)


def ranges(pos, frames, size):
    """The parts of the ring that hold this number of frames from pos on."""
    if frames >= size:
        return [(0, size)]
    pos %= size
    if pos + frames <= size:
        return [(pos, pos + frames)]
    return [(pos, size), (0, pos + frames - size)]


def refusal(cmd, err):
    return "%s: %s" % (cmd, errno.errorcode.get(-err, err))


class Trace:
    """A parsed trace: lanes by (kind, name, stream), rings by PCM, marks, faults; and the events
    that are not drawn (quiet)."""

    def __init__(self, lines, name):
        self.name, self.events, self.marks, self.faults = name, [], [], []
        self.lanes, self.rings, self.quiet, self.lost = {}, {}, set(), 0
        self._marks_of = collections.defaultdict(list)
        self._touched = collections.defaultdict(dict)    # FE: {link: its request before}
        self._last = {}     # task: its last event that can begin a command
        self._read(lines)
        for at, event in enumerate(self.events):
            getattr(self, "_" + event.name)(at, **event.args)
            # An interrupt may come in between.
            if event.name.startswith(("dpcm", "mark")):
                self._last[event.task] = at
        self._find_silence()
        self._find_swaps()
        self.faults.sort(key=lambda fault: fault.start)

    def _read(self, lines):
        count, unread, first = 0, 0, None
        for count, line in enumerate(lines, 1):
            lost = LOST.match(line)
            written = WRITTEN.match(line)
            if lost or written:
                self.lost += int(lost[1]) if lost else int(written[2]) - int(written[1])
            prefix = PREFIX.match(line)
            if line.startswith("#") or not prefix and not OURS.search(line):
                continue
            args = self._args(prefix["name"], prefix["text"]) if prefix else None
            if args and args[1].get("state") in TRIGGERED:
                continue
            if args:
                # Each CPU has an idle task of its own.
                task = prefix["task"] + (prefix["cpu"] if prefix["task"].endswith("-0") else "")
                self.events.append(Event(float(prefix["time"]), int(prefix["cpu"]), task, *args))
            elif not prefix or prefix["name"] in PATTERNS:
                unread += 1
                first = first or count
        if unread:
            raise Refused("%s: %d of %d lines tell of our events and cannot be read, the first is line %d; "
                          "record it again, or take them out" % (self.name, unread, count, first))
        if all(event.name == "mark" for event in self.events):
            raise Refused("%s: none of %d lines is an event of snd_dpcm, snd_pcm_sync or snd_pcm; switch these on "
                          "(events/snd_dpcm/enable in /sys/kernel/tracing) and record it again" % (self.name, count))
        self.events.sort(key=lambda event: event.time)

    @staticmethod
    def _args(name, text):
        if name == "print" and text.startswith("tracing_mark_write: "):
            name, text = text.split(": ", 1)
        if name == "tracing_mark_write":
            return "mark", {"text": text.strip()}
        match = PATTERNS[name].match(text) if name in PATTERNS else None
        if not match:
            return None
        return name, {key: int(value) if key in NUMBERS else value for key, value in match.groupdict().items()}

    def _lane(self, kind, name, stream):
        return self.lanes.setdefault((kind, name, stream), Lane(kind, name, stream))

    def _ring(self, pcm, size, period=0):
        ring = self.rings.setdefault(pcm[:-5] if pcm.endswith("/sub0") else pcm, Ring())
        ring.size, ring.period = max(ring.size, size), period or ring.period
        return ring

    # One function for each event

    def _mark(self, at, text):
        self.marks.append(Mark(at, text, "user"))
        self._marks_of[self.events[at].task].append(at)

    def _dpcm_link(self, at, fe, be, stream, what):
        lane = self._lane("be", be, stream)
        if what == "reparent":
            lane.enter(at, fe if fe != "-" else None, lane.runtime)
            return
        self._lane("fe", fe, stream)
        link = self._lane("link", (fe, be), stream)
        if what == "connect":
            link.enter(at, "linked")
            return
        if not link.bars:
            link.enter(at, "linked", before="linked")
        if what == "leave":
            link.leaves.append(Bar(at, None, "leaving"))
            return
        link.enter(at, None)
        if link.leaves and link.leaves[-1].end is None:
            link.leaves[-1] = link.leaves[-1]._replace(end=at)

    def _dpcm_state(self, at, kind, name, stream, state):
        if not self._lane(kind, name, stream).enter(at, STATE[state]):
            self.quiet.add(at)
        if kind == "fe":
            self._ask_nothing(at, name, stream)

    def _dpcm_fe_trigger(self, at, fe, stream, cmd, err):
        lane = self._lane("fe", fe, stream)
        touched = self._touched.pop((fe, stream), {})
        if err < 0:
            lane.marks.append(Mark(at, refusal(cmd, err), "refused"))
            # The command failed: restore the requests of its links.
            for link, was in touched.items() if cmd != "stop" else ():
                if link.state:
                    link.enter(at, was)
        else:
            lane.marks.append(Mark(at, cmd, "command"))
        if cmd in COMMAND and (err >= 0 or cmd == "stop"):
            lane.enter(at, COMMAND[cmd], before=BEFORE.get(cmd))
        if cmd == "stop":
            self._ask_nothing(at, fe, stream)

    def _ask_nothing(self, at, fe, stream):
        """Reset the links of an FE that was stopped, prepared or freed, with or without events of theirs."""
        for link in self.lanes.values():
            if link.kind == "link" and link.name[0] == fe and link.stream == stream and link.state:
                link.enter(at, "linked")

    def _dpcm_link_trigger(self, at, fe, be, stream, cmd, was, asks, ready):
        self._lane("fe", fe, stream)
        self._lane("be", be, stream)
        link = self._lane("link", (fe, be), stream)
        was, asks = (DOES[x] if x in DOES and x != "stopped" else "linked" for x in (was, asks))
        self._touched[(fe, stream)].setdefault(link, link.state or was)
        if not link.enter(at, asks, before=was):
            self.quiet.add(at)
        if not ready:
            link.marks.append(Mark(at, cmd + ": not ready", "nothing"))

    def _dpcm_be_trigger(self, at, be, stream, does, wanted, cmd, err):
        lane = self._lane("be", be, stream)
        if cmd != "nothing":
            begin = self._begin_of(at, be, stream)
            if begin is not None:
                guess = "" if self.events[begin].name == "dpcm_link_trigger" else "?"
                lane.busy.append(Bar(begin, at, cmd + guess))
        if err < 0:
            lane.marks.append(Mark(at, refusal(cmd, err), "refused"))
            self._take_back(at, be, stream)
            lane.enter(at, lane.state or DOES.get(does), before=DOES.get(does))
            return
        if cmd != "nothing":
            lane.marks.append(Mark(at, cmd, "command"))
        elif does == wanted != "stopped":
            # A request is the reason why nothing changed.
            lane.marks.append(Mark(at, "", "nothing"))
        else:
            self.quiet.add(at)
        told = cmd != "nothing" or wanted == "stopped" != does
        if does == "idle" or not told and lane.bars:
            return
        lane.enter(at, DOES[wanted if told else does], before=DOES[does])

    def _begin_of(self, at, be, stream):
        """Where the task that was in this BE's trigger entered it: at the event of the link,
        or, on a kernel that has no such event, after the mark of the operation."""
        last = self._last.get(self.events[at].task)
        if last is None:
            return None
        event = self.events[last]
        if event.name == "mark":
            return last
        mine = event.args.get("be") == be and event.args["stream"] == stream
        return last if event.name == "dpcm_link_trigger" and mine else None

    def _take_back(self, at, be, stream):
        """Restore the request of the link for which a BE was called with a command that failed."""
        last = self._last.get(self.events[at].task)
        event = self.events[last] if last is not None else None
        if not event or event.name != "dpcm_link_trigger" or event.args["be"] != be or event.args["cmd"] == "stop":
            return
        link = self._lane("link", (event.args["fe"], be), stream)
        link.enter(at, self._touched[(event.args["fe"], stream)].get(link, link.state))

    def _snd_pcm_sync(self, at, pcm, who, to, atomic, pos, frames, buf):
        self._ring(pcm, buf).syncs.append((at, who, ranges(pos, frames, buf)))

    def _hwptr(self, at, pcm, why, pos, old, base, period, buf):
        ring = self._ring(pcm, buf, period)
        new = base + pos
        # The base is that of the lap before if this is the first event of a new lap.
        if new < old:
            new += buf
        # A new line for a stream that was restarted, or of which too many events are missing.
        goes_on = bool(ring.hw) and ring.hw[-1][1] <= old and ring.hw[-1][2] == buf and \
            new - ring.hw[-1][1] <= LAPS * buf
        ring.hw.append((at, new, buf, goes_on))
        if why == "IRQ":
            ring.irqs.append(at)

    def _applptr(self, at, pcm, prev, curr, period, buf):
        self._ring(pcm, buf, period).appl.append((at, prev, curr, buf))

    def _xrun(self, at, pcm, old, period, buf):
        self._ring(pcm, buf, period).xruns.append((at, old % buf))

    # Faults

    def _over(self, start, end):
        """Whether the task that began this ended it in the same operation."""
        if end is None:
            return False
        first, last = self.events[start], self.events[end]
        if first.task != last.task:
            return False
        marks = self._marks_of.get(first.task)
        if marks:
            return bisect.bisect_right(marks, start) == bisect.bisect_right(marks, end)
        return last.time - first.time < OPERATION

    def _find_silence(self):
        for be in [lane for lane in self.lanes.values() if lane.kind == "be" and lane.bars]:
            links = [lane for lane in self.lanes.values() if lane.kind == "link" and
                     lane.name[1] == be.name and lane.stream == be.stream]
            pairs = [(link, self.lanes["fe", link.name[0], be.stream]) for link in links]
            changes = {at for lane in [be] + [lane for pair in pairs for lane in pair]
                       for bar in lane.bars + lane.leaves for at in (bar.start, bar.end)}
            start, text = None, None
            for at in sorted(changes - {-1, None}):
                new = self._is_wrong(at, be, pairs)
                if new == text:
                    continue
                if text and not self._over(start, at):
                    self.faults.append(Fault(be, start, at, text))
                start, text = at, new
            if text:
                self.faults.append(Fault(be, start, None, text))

    @staticmethod
    def _is_wrong(at, be, pairs):
        plays = [(link, fe) for link, fe in pairs if state_at(fe.bars, at) == "running" and state_at(link.bars, at)]
        runs = state_at(be.bars, at) == "running"
        here = sorted(fe.name for link, fe in plays if not state_at(link.leaves, at))
        if here and not runs:
            return "%s plays, %s does not" % (" and ".join(here), be.name)
        # Links from before the trace may still exist.
        if runs and not plays and pairs and be.bars[0].start >= 0:
            return "%s runs for nobody" % be.name
        return None

    def _find_swaps(self):
        for be in [lane for lane in self.lanes.values() if lane.kind == "be"]:
            for busy in be.busy:
                for at in {bar.end for bar in be.runtime} - {None}:
                    if busy.start < at < busy.end:
                        self.faults.append(Fault(be, at, at, "runtime swapped under " + busy.state))


def state_at(bars, at):
    """The state after that event; None: no state, or it is not known."""
    last = bisect.bisect_right(bars, at, key=lambda bar: bar.start) - 1
    if last < 0 or bars[last].end is not None and bars[last].end <= at:
        return None
    return bars[last].state


def load(path):
    """Read a trace of ftrace or trace-cmd. Raises Refused."""
    try:
        with open(path, "rb") as f:
            raw = f.read()
    except OSError as why:
        raise Refused("%s: %s; give the text of /sys/kernel/tracing/trace, or a trace.dat"
                      % (path, why.strerror)) from None
    if raw.startswith(b"\x17\x08\x44tracing"):
        if not shutil.which("trace-cmd"):
            raise Refused("%s: to read it trace-cmd is needed; install the Debian package trace-cmd, "
                          "or give what it reports elsewhere" % path)
        ran = subprocess.run(["trace-cmd", "report", path], capture_output=True, check=False)
        if ran.returncode:
            said = ran.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing"]
            raise Refused("%s: trace-cmd cannot read it (%s); record it again" % (path, said[-1].strip()))
        raw = ran.stdout
    return Trace(raw.decode("utf-8", "replace").splitlines(), path)
