#!/usr/bin/python3
"""Test timeline.py on recorded traces, and on files that are no trace.

It needs python3-matplotlib for the one picture that it draws.
"""
import contextlib
import io
import os
import shutil
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.dont_write_bytecode = True
import timeline                                                     # noqa: E402
import timeline_draw                                                # noqa: E402
from timeline_parse import Refused, Trace, load, ranges, state_at   # noqa: E402

# D1 on Linux 6.12, from a guest: the route of FE1, which was never started, is removed.
STOCK = """\
# tracer: nop
#
# entries-in-buffer/entries-written: 29/29   #P:2
#
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
       dpcm-fuzz-67      [001] .....    22.001000: tracing_mark_write: O0
       dpcm-fuzz-67      [001] d..1.    22.006719: dpcm_link: fe=FE0 be=BE0 playback connect
       dpcm-fuzz-67      [001] .....    22.030825: dpcm_link: fe=FE0 be=BE0 playback reparent
       dpcm-fuzz-67      [001] .....    22.035376: dpcm_state: be=BE0 playback open
       dpcm-fuzz-67      [001] .....    22.036181: dpcm_state: fe=FE0 playback open
       dpcm-fuzz-67      [001] .....    22.053683: hw_interval_param: pcmC1D0p:0 000/023 SAMPLE_BITS 0 0 [0 1] 0 1 [0 1]
       dpcm-fuzz-67      [001] .....    22.067147: dpcm_state: be=BE0 playback hw_params
       dpcm-fuzz-67      [001] .....    22.067578: dpcm_state: fe=FE0 playback hw_params
       dpcm-fuzz-67      [001] .....    22.082205: dpcm_state: be=BE0 playback prepare
       dpcm-fuzz-67      [000] .....    22.088921: dpcm_state: fe=FE0 playback prepare
       dpcm-fuzz-67      [000] d..2.    22.102013: dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked
       dpcm-fuzz-67      [000] d..2.    22.102552: dpcm_state: be=BE0 playback start
       dpcm-fuzz-67      [000] d..1.    22.102854: dpcm_state: fe=FE0 playback start
       dpcm-fuzz-67      [000] d..1.    22.103158: dpcm_fe_trigger: fe=FE0 playback start err=0
       dpcm-fuzz-67      [000] d..1.    22.112167: dpcm_link: fe=FE1 be=BE0 playback connect
       dpcm-fuzz-67      [000] .....    22.135313: dpcm_state: fe=FE1 playback prepare
       dpcm-fuzz-67      [000] .....    22.140001: tracing_mark_write: -10
       dpcm-fuzz-67      [000] d..1.    22.144806: dpcm_be_trigger: be=BE0 playback does=started wanted=stopped: stop err=0 why=asked
       dpcm-fuzz-67      [000] d..1.    22.145021: dpcm_state: be=BE0 playback stop
       dpcm-fuzz-67      [000] d..1.    22.148142: dpcm_link: fe=FE0 be=BE0 playback reparent
       dpcm-fuzz-67      [000] d..1.    22.148225: dpcm_link: fe=FE1 be=BE0 playback disconnect
       dpcm-fuzz-67      [000] .....    22.160001: tracing_mark_write: D0
       dpcm-fuzz-67      [000] d..1.    22.168967: dpcm_state: fe=FE0 playback stop
       dpcm-fuzz-67      [000] d..1.    22.169080: dpcm_fe_trigger: fe=FE0 playback stop err=0
"""
# The part that differs with this project, as trace-cmd prints it.
OURS = """\
cpus=2
       dpcm-fuzz-74    [001]    22.000000: print:                tracing_mark_write: O0
       dpcm-fuzz-74    [001]    23.568666: dpcm_link:            fe=FE0 be=BE0 playback connect
       dpcm-fuzz-74    [001]    23.582079: dpcm_state:           be=BE0 playback open
       dpcm-fuzz-74    [001]    23.620727: dpcm_be_trigger:      be=BE0 playback does=idle wanted=stopped: nothing err=0 why=unprepared
       dpcm-fuzz-74    [001]    23.660720: dpcm_state:           be=BE0 playback prepare
       dpcm-fuzz-74    [001]    23.664762: dpcm_be_trigger:      be=BE0 playback does=stopped wanted=stopped: nothing err=0 why=there
       dpcm-fuzz-74    [001]    23.674309: dpcm_state:           fe=FE0 playback prepare
       dpcm-fuzz-74    [001]    23.700541: dpcm_link_trigger:    fe=FE0 be=BE0 playback start was=stopped asks=started ready=1
       dpcm-fuzz-74    [001]    23.702362: dpcm_be_trigger:      be=BE0 playback does=stopped wanted=started: start err=0 why=asked
       dpcm-fuzz-74    [001]    23.702962: dpcm_fe_trigger:      fe=FE0 playback start err=0
       dpcm-fuzz-74    [001]    23.717104: dpcm_link:            fe=FE1 be=BE0 playback connect
       dpcm-fuzz-74    [001]    23.733493: dpcm_state:           fe=FE1 playback prepare
       dpcm-fuzz-74    [001]    23.740000: print:                tracing_mark_write: -10
       dpcm-fuzz-74    [001]    23.741687: dpcm_link:            fe=FE1 be=BE0 playback leave
       dpcm-fuzz-74    [001]    23.742132: dpcm_link_trigger:    fe=FE1 be=BE0 playback stop was=stopped asks=stopped ready=1
       dpcm-fuzz-74    [001]    23.742604: dpcm_be_trigger:      be=BE0 playback does=started wanted=started: nothing err=0 why=there
       dpcm-fuzz-74    [001]    23.745016: dpcm_link:            fe=FE1 be=BE0 playback disconnect
       dpcm-fuzz-74    [001]    23.750000: print:                tracing_mark_write: D0
       dpcm-fuzz-74    [001]    23.758319: dpcm_link_trigger:    fe=FE0 be=BE0 playback stop was=started asks=stopped ready=1
       dpcm-fuzz-74    [001]    23.759702: dpcm_be_trigger:      be=BE0 playback does=started wanted=stopped: stop err=0 why=asked
       dpcm-fuzz-74    [001]    23.759990: dpcm_fe_trigger:      fe=FE0 playback stop err=0
"""


def trace(*texts, task="t-9", cpu=0):
    """A trace of events a millisecond apart; a text may be (task, text)."""
    lines = []
    for i, text in enumerate(texts):
        who, text = text if isinstance(text, tuple) else (task, text)
        lines.append("%16s [%03d] d..2. %12.6f: %s" % (who, cpu, 5 + i / 1000, text))
    return Trace(lines, "test")


def bars(lane):
    return [tuple(bar) for bar in lane.bars]


def states(lane):
    return [bar.state for bar in lane.bars]


class Recorded(unittest.TestCase):
    def setUp(self):
        self.stock = Trace(STOCK.splitlines(), "stock")
        self.ours = Trace(OURS.splitlines(), "ours")

    def test_states(self):
        for found in self.stock, self.ours:
            self.assertEqual([mark.text for mark in found.marks], ["O0", "-10", "D0"])
            fe = found.lanes["fe", "FE0", "playback"]
            self.assertEqual(states(fe)[-3:], ["prepared", "running", "stopped"])
            self.assertEqual([mark.text for mark in fe.marks], ["start", "stop"])
            be = found.lanes["be", "BE0", "playback"]
            self.assertEqual(states(be)[-3:], ["prepared", "running", "stopped"])
        # 19 of 24 lines: hw_interval_param is not one of our events, and four repeat the result of a trigger.
        self.assertEqual(len(self.stock.events), 19)
        self.assertEqual(self.stock.lost, 0)

    def test_link(self):
        self.assertEqual(states(self.ours.lanes["link", ("FE0", "BE0"), "playback"]), ["linked", "running", "linked"])
        gone = self.ours.lanes["link", ("FE1", "BE0"), "playback"]
        self.assertEqual(bars(gone), [(10, 16, "linked")])
        self.assertEqual([state_at(gone.bars, at) for at in (9, 10, 15, 16)], [None, "linked", "linked", None])
        self.assertEqual([tuple(bar) for bar in gone.leaves], [(13, 16, "leaving")])
        self.assertEqual(states(self.stock.lanes["link", ("FE1", "BE0"), "playback"]), ["linked"])

    def test_silence(self):
        fault, = self.stock.faults
        self.assertEqual(fault.text, "FE0 plays, BE0 does not")
        self.assertEqual([self.stock.events[at].name for at in fault[1:3]], ["dpcm_be_trigger", "dpcm_fe_trigger"])
        self.assertEqual(self.ours.faults, [])

    def test_nothing_to_do(self):
        marks = self.ours.lanes["be", "BE0", "playback"].marks
        self.assertEqual([(mark.kind, mark.text) for mark in marks],
                         [("command", "start"), ("nothing", ""), ("command", "stop")])
        self.assertEqual(self.ours.quiet, {3, 5, 14})


class Model(unittest.TestCase):
    def test_swap(self):
        close = [("t-2", "dpcm_link: fe=FE1 be=BE0 playback reparent"),
                 ("t-2", "dpcm_link: fe=FE0 be=BE0 playback disconnect")]
        start = ["dpcm_link_trigger: fe=FE1 be=BE0 playback start was=stopped asks=started ready=1",
                 "dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked",
                 "dpcm_fe_trigger: fe=FE1 playback start err=0"]
        before = ["dpcm_link: fe=FE0 be=BE0 playback connect", "dpcm_link: fe=FE0 be=BE0 playback reparent"]
        found = trace(*before, start[0], *close, *start[1:])
        self.assertEqual([fault[1:] for fault in found.faults], [(3, 3, "runtime swapped under start")])
        be = found.lanes["be", "BE0", "playback"]
        self.assertEqual([tuple(bar) for bar in be.busy], [(2, 5, "start")])
        self.assertEqual([tuple(bar) for bar in be.runtime], [(1, 3, "FE0"), (3, None, "FE1")])
        self.assertEqual(trace(*before, *start, *close).faults, [])
        # Without the event of the link it is a guess, which the picture marks.
        found = trace(*before, ("t-9", "tracing_mark_write: S1"), *close, *start[1:])
        self.assertEqual([fault.text for fault in found.faults], ["runtime swapped under start?"])

    def test_refused(self):
        found = trace("dpcm_link_trigger: fe=FE0 be=BE0 playback start was=stopped asks=started ready=1",
                      "dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked",
                      "dpcm_link_trigger: fe=FE0 be=BE1 playback start was=stopped asks=started ready=1",
                      "dpcm_be_trigger: be=BE1 playback does=stopped wanted=started: start err=-5 why=asked",
                      "dpcm_be_trigger: be=BE0 playback does=started wanted=stopped: stop err=0 why=asked",
                      "dpcm_fe_trigger: fe=FE0 playback start err=-5")
        self.assertEqual(states(found.lanes["be", "BE1", "playback"]), ["stopped"])
        self.assertEqual(bars(found.lanes["link", ("FE0", "BE1"), "playback"]),
                         [(-1, 2, "linked"), (2, 3, "running"), (3, None, "linked")])
        self.assertEqual(states(found.lanes["link", ("FE0", "BE0"), "playback"]), ["linked", "running", "linked"])
        for key in ("be", "BE1", "playback"), ("fe", "FE0", "playback"):
            self.assertEqual([tuple(mark)[1:] for mark in found.lanes[key].marks], [("start: EIO", "refused")])
        self.assertEqual(found.lanes["fe", "FE0", "playback"].bars, [])
        self.assertEqual(found.faults, [])

    def test_silence(self):
        up = ["dpcm_state: be=BE0 playback open", "dpcm_link: fe=FE0 be=BE0 playback connect",
              "dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked",
              "dpcm_fe_trigger: fe=FE0 playback start err=0"]
        stop = "dpcm_be_trigger: be=BE0 playback does=started wanted=stopped: stop err=0 why=asked"
        end = "dpcm_fe_trigger: fe=FE0 playback stop err=0"
        self.assertEqual(trace(*up, stop, end).faults, [])
        self.assertEqual(trace(*up, "dpcm_link: fe=FE0 be=BE0 playback leave", stop).faults, [])
        self.assertEqual([fault[1:] for fault in trace(*up, ("other-1", stop), end).faults],
                         [(4, 5, "FE0 plays, BE0 does not")])
        # A paused FE that is prepared once more
        found = trace("dpcm_link_trigger: fe=FE0 be=BE0 playback pause was=started asks=paused ready=1",
                      "dpcm_state: fe=FE0 playback prepare")
        self.assertEqual(states(found.lanes["link", ("FE0", "BE0"), "playback"]), ["running", "paused", "linked"])
        # The stop of a playback stream does not stop the capture stream.
        found = trace("dpcm_link_trigger: fe=FE0 be=BE0 capture start was=stopped asks=started ready=1", end)
        self.assertEqual(states(found.lanes["link", ("FE0", "BE0"), "capture"]), ["linked", "running"])
        # A link from before the trace, which has no event when its FE stops
        found = trace("dpcm_link_trigger: fe=FE0 be=BE0 playback start was=stopped asks=started ready=1", end,
                      "dpcm_link: fe=FE1 be=BE0 playback disconnect")
        self.assertEqual(states(found.lanes["link", ("FE0", "BE0"), "playback"]), ["linked", "running", "linked"])
        self.assertEqual(bars(found.lanes["link", ("FE1", "BE0"), "playback"]), [(-1, 2, "linked")])

    def test_from_the_middle(self):
        found = trace("dpcm_fe_trigger: fe=My FE be=x capture pause err=0",
                      "dpcm_be_trigger: be=BE0 capture does=paused wanted=started: release err=0 why=asked")
        self.assertEqual(bars(found.lanes["fe", "My FE be=x", "capture"]), [(-1, 0, "running"), (0, None, "paused")])
        self.assertEqual(bars(found.lanes["be", "BE0", "capture"]), [(-1, 1, "paused"), (1, None, "running")])
        lane = found.lanes["be", "BE0", "capture"]
        self.assertEqual([state_at(lane.bars, at) for at in (-1, 0, 1, 9)], ["paused", "paused", "running", "running"])
        found = trace("dpcm_state: be=BE0 playback open",
                      "dpcm_link: fe=FE0 be=BE0 playback connect", "dpcm_state: be=BE0 playback prepare",
                      "dpcm_be_trigger: be=BE0 playback does=stopped wanted=started: start err=0 why=asked",
                      "tracing_mark_write: x")
        self.assertEqual([fault[1:] for fault in found.faults], [(3, None, "BE0 runs for nobody")])

    def test_ring(self):
        self.assertEqual(ranges(896, 256, 1024), [(896, 1024), (0, 128)])
        self.assertEqual(ranges(768, 256, 1024), [(768, 1024)])
        self.assertEqual(ranges(5, 2048, 1024), [(0, 1024)])
        pcm = "pcmC0D0p/sub0"
        found = trace(
            "snd_pcm_sync: %s: written to device, atomic: pos=896, frames=256, bytes=1024, buf=1024" % pcm,
            "applptr: %s: prev=896, curr=1152, avail=0, period=256, buf=1024" % pcm,
            "hwptr: %s: IRQ: pos=768, old=512, base=0, period=256, buf=1024" % pcm,
            "hwptr: %s: IRQ: pos=0, old=768, base=0, period=256, buf=1024" % pcm,
            "hwptr: %s: POS: pos=64, old=1024, base=1024, period=256, buf=1024" % pcm,
            "xrun: %s: XRUN: old=1152, base=1024, period=256, buf=1024" % pcm,
            "hwptr: %s: IRQ: pos=256, old=0, base=0, period=256, buf=1024" % pcm,
            "snd_pcm_sync: pcmC0D4c/sub1: heard to cpu: pos=0, frames=8, bytes=32, buf=64")
        self.assertEqual(sorted(found.rings), ["pcmC0D0p", "pcmC0D4c/sub1"])
        ring = found.rings["pcmC0D0p"]
        self.assertEqual((ring.size, ring.period), (1024, 256))
        self.assertEqual(ring.syncs, [(0, "written", [(896, 1024), (0, 128)])])
        self.assertEqual(ring.appl, [(1, 896, 1152, 1024)])
        self.assertEqual(ring.hw, [(2, 768, 1024, False), (3, 1024, 1024, True), (4, 1088, 1024, True),
                                   (6, 256, 1024, False)])
        self.assertEqual((ring.irqs, ring.xruns), ([2, 3, 6], [(5, 128)]))

    def test_far(self):
        line = "hwptr: pcmC0D0p/sub0: POS: pos=0, old=%d, base=%d, period=4, buf=16"
        found = trace(line % (0, 0), line % (64 * 16, 64 * 16), line % (130 * 16, 130 * 16))
        self.assertEqual([goes_on for *_, goes_on in found.rings["pcmC0D0p"].hw], [False, True, False])

    def test_lost(self):
        lines = STOCK.replace("29/29", "29/129").splitlines() + ["CPU:1 [LOST 7 EVENTS]", "CPU:0 [3 EVENTS DROPPED]"]
        self.assertEqual(Trace(lines, "x").lost, 110)


class Program(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)
        for name, text in ("stock", STOCK), ("ours", OURS), ("cut", STOCK + "  t-1 [000] d.. 5.0: dpcm_state: fe=F"), \
                ("other", "nothing\n"), ("trace.dat", "\x17\x08\x44tracing"):
            with open(self.path(name), "w", encoding="latin-1") as f:
                f.write(text)

    def path(self, name):
        return os.path.join(self.dir, name)

    def refused(self, *args, says=""):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            status = timeline.main(["-o", self.path("out"), *args])
        self.assertEqual(status, 2, args)
        self.assertRegex(err.getvalue(), r"\Aerror: [^\n]*%s[^\n]*\n\Z" % says)
        self.assertEqual([name for name in os.listdir(self.dir) if name.startswith("out")], [])

    def test_refused(self):
        self.refused(self.path("none"), says="No such file or directory; give")
        self.refused(self.path("other"), says="none of 1 lines is an event of .*; switch these on")
        self.refused(self.path("cut"), says="1 of 31 lines .* cannot be read, the first is line 31; record it again")
        self.refused(self.path("stock"), "--colour", says="unrecognized arguments: --colour; timeline.py --help")
        self.refused(self.path("stock"), "--from", "2", "--to", "1", says="--from 2 is not before --to 1; swap them")
        self.refused(self.path("stock"), "--from", "9", says="no event between --from and --to; it has 0.0")
        self.refused(self.path("stock"), "--pcm", "pcmC0D0p", says="there is no such ring; there is none at all")
        self.refused(self.path("stock"), "--labels", "a,b", says="two traces of --compare")
        self.refused(self.path("stock"), "-o", self.path("no/out"), says="no such folder; make it")

    def test_trace_cmd(self):
        path = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", path)
        os.environ["PATH"] = self.dir
        self.refused(self.path("trace.dat"), says="trace-cmd is needed; install the Debian package trace-cmd")
        with open(self.path("trace-cmd"), "w", encoding="ascii") as f:
            f.write('#!/bin/sh\n[ "$1" = report ] && while read -r line; do echo "$line"; done <%s\n' % self.path("ours"))
        os.chmod(self.path("trace-cmd"), 0o755)
        self.assertEqual(len(load(self.path("trace.dat")).events), 21)
        with open(self.path("trace-cmd"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\necho too short >&2\nexit 1\n")
        with self.assertRaisesRegex(Refused, r"cannot read it \(too short\); record it again"):
            load(self.path("trace.dat"))

    def test_even_axis(self):
        windows = [timeline.Window(Trace(text.splitlines(), "x"), True, None, None) for text in (STOCK, OURS)]
        timeline.even_axis(windows)
        for window in windows:
            self.assertEqual(window.x, sorted(window.x))
            self.assertLess(window.x[-1], window.right)
        for a, b in zip(*(window.marks for window in windows)):
            self.assertAlmostEqual(windows[0].x[a.at], windows[1].x[b.at])

    def test_names(self):
        self.assertEqual(timeline_draw.short("be.audio-port@5f002000.5f002000.audio-port"), "audio-port@5f002000")
        self.assertEqual(timeline_draw.short("Compressed Playback 1"), "Compresse…Playback 1")
        self.assertEqual(timeline_draw.short("FE0"), "FE0")

    def test_picture(self):
        args = ["--compare", self.path("ours"), "--labels", "a,b", "--title", "$1", "-o", self.path("out.svg")]
        self.assertEqual(timeline.main(args + [self.path("stock")]), 0)
        xml.dom.minidom.parse(self.path("out.svg"))
        with open(self.path("out.png"), "rb") as f:
            self.assertEqual(f.read(8), b"\x89PNG\r\n\x1a\n")


if __name__ == "__main__":
    unittest.main()
