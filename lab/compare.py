#!/usr/bin/env python3
"""Compare the input with the output of the ports, frame by frame.

compare.py probe WAV ENV        Check that the hardware can play this file. Writes the
                                values that the guest needs to ENV.
compare.py compare WAV RUN OUT  RUN is the folder that guest-demo.sh wrote. Writes the
                                ports as WAV files to OUT, with the board's names of
                                them, and the rows of the table (facts.tsv) and the
                                data for the picture to RUN.

Both end with one line on stderr and status 1 if the check fails. The rule: for each
frame of the input the output of a port is exactly that frame or, while it was not
routed, zeros; and at least one port has it.
"""
import array
import os
import re
import struct
import sys

# Sample bits and bytes in memory: ALSA's name for them.
FORMATS = {(16, 2): "S16_LE", (24, 4): "S24_LE", (32, 4): "S32_LE"}
RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000,
         88200, 96000, 176400, 192000)
MAX_BYTES = 32 << 20        # the guest holds the input and two recordings in memory
PORTS = ("I2S0", "I2S1")
BLOCK = 512                 # frames compared at once
COLUMNS = 1200              # of the picture


class Refused(Exception):
    """One line with the reason."""


class Wav:
    """A PCM WAV file: rate, channels, bits, sample bytes, frame bytes, data."""

    def __init__(self, path):
        with open(path, "rb") as f:
            raw = f.read()
        if raw[:4] != b"RIFF" or raw[8:12] != b"WAVE":
            raise Refused("is not a WAV file")
        chunks, at = {}, 12
        while at + 8 <= len(raw) and b"data" not in chunks:
            name, size = struct.unpack_from("<4sI", raw, at)
            chunks[name] = raw[at + 8:at + 8 + size]
            at += 8 + size + size % 2
        fmt = chunks.get(b"fmt ", b"")
        if len(fmt) < 16 or b"data" not in chunks:
            raise Refused("is a WAV file without sound")
        tag, self.channels, self.rate, _, self.frame, self.bits = struct.unpack_from("<HHIIHH", fmt)
        if tag == 0xfffe and len(fmt) >= 26:
            self.bits = struct.unpack_from("<H", fmt, 18)[0] or self.bits
            tag = struct.unpack_from("<H", fmt, 24)[0]
        if tag != 1:
            raise Refused("is not PCM (WAV format %#x)" % tag)
        self.sample = self.frame // max(self.channels, 1)
        self.data = chunks[b"data"]
        if self.frame:
            self.data = self.data[:len(self.data) // self.frame * self.frame]
            self.frames = len(self.data) // self.frame

    def playable(self):
        """Raise Refused if NC1 cannot play the file."""
        if (self.bits, self.sample) not in FORMATS:
            raise Refused("has %d-bit samples in %d bytes; the hardware takes 16 in 2, 24 in 4 and 32 in 4"
                          % (self.bits, self.sample))
        if not 1 <= self.channels <= 8:
            raise Refused("has %d channels; the hardware takes 1 to 8" % self.channels)
        if self.rate not in RATES:
            raise Refused("has %d Hz; the hardware takes %s" % (self.rate, ", ".join(map(str, RATES))))
        if self.frames < self.rate // 2:
            raise Refused("is shorter than half a second: no time to switch the route")
        if len(self.data) > MAX_BYTES:
            raise Refused("has %d MiB of sound; the lab takes up to %d" % (len(self.data) >> 20, MAX_BYTES >> 20))

    def header(self, size):
        """A WAV header for SIZE bytes of this format."""
        return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, self.channels,
                           self.rate, self.rate * self.frame, self.frame, self.bits, b"data", size)


def sign_extend(data):
    """24 bits in 32: fill the upper byte with the sign."""
    data = bytearray(data)
    data[3::4] = bytes(data[2::4]).translate(bytes(128) + b"\xff" * 128)
    return bytes(data)


def counters(path):
    """Lines such as "FE0 start 17 frames 4" as {"FE0": {"start": 17, "frames": 4}}."""
    table = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            name, *words = line.split()
            table[name] = {k: int(v) for k, v in zip(words[::2], words[1::2])}
    return table


def states(wanted, heard, frame):
    """Runs (first, end, state) of frames: "on" equal to the input, "off" zeros, "any" where
    the input is silent and the port too, "bad" anything else."""
    silence = bytes(frame * BLOCK)
    runs = []

    def add(first, end, state):
        if runs and runs[-1][2] == state:
            runs[-1] = (runs[-1][0], end, state)
        else:
            runs.append((first, end, state))

    def judge(a, b, quiet):
        if a == b:
            return "any" if a == quiet else "on"
        return "off" if b == quiet else "bad"

    for at in range(0, len(wanted), frame * BLOCK):
        a, b = wanted[at:at + frame * BLOCK], heard[at:at + frame * BLOCK]
        first = at // frame
        # Add a block that is silent in both as a whole; compare any other one frame by frame.
        state = judge(a, b, silence[:len(a)])
        if state == "any":
            add(first, first + len(a) // frame, state)
            continue
        for i in range(0, len(a), frame):
            n = first + i // frame
            add(n, n + 1, judge(a[i:i + frame], b[i:i + frame], silence[:frame]))
    return runs


def edges(runs):
    """Frames at which a port was switched on or off; none in silence, where it has no effect."""
    found, last = [], None
    for first, _, state in runs:
        if state in ("on", "off"):
            if last is not None and state != last:
                found.append((first, state))
            last = state
    return found


def uncovered(runs_of_ports, frames):
    """The first frame that is at no port, or None."""
    heard = bytearray(frames)
    for runs in runs_of_ports:
        for first, end, state in runs:
            if state in ("on", "any"):
                heard[first:end] = b"\1" * (end - first)
    at = heard.find(0)
    return None if at < 0 else at


def envelope(wav, data):
    """COLUMNS lines "seconds lowest highest" of full scale 1, all channels."""
    samples = array.array("h" if wav.sample == 2 else "i", data)
    scale = float(1 << (wav.bits - 1))
    step = max(1, wav.frames // COLUMNS) * wav.channels
    for at in range(0, len(samples), step):
        part = samples[at:at + step]
        yield "%.6f %.5f %.5f\n" % (at / wav.channels / wav.rate, min(part) / scale, max(part) / scale)


def names(run, file):
    """Lines such as "I2S0 Speaker" as {"I2S0": "Speaker"}."""
    with open(os.path.join(run, file), encoding="ascii") as f:
        return dict(line.split() for line in f)


def take(wav, run, port, start):
    """The output of a port while the input played; before and after that it must be silent."""
    bench = counters(os.path.join(run, "bench"))[port + "-out"]
    if bench["overruns"]:
        raise Refused("the recording of %s lost frames (%d overruns)" % (port, bench["overruns"]))
    with open(os.path.join(run, port + ".raw"), "rb") as f:
        raw = f.read()
    if wav.bits == 24:
        raw = sign_extend(raw)
    first = (start - bench["start"]) * wav.frame
    if first < 0:
        raise Refused("the recording of %s began after the playback" % port)
    if len(raw) < first + len(wav.data):
        raise Refused("the recording of %s ends too early" % port)
    if any(raw[:first]) or any(raw[first + len(wav.data):]):
        raise Refused("%s put out sound outside of the stream" % port)
    return raw[first:first + len(wav.data)]


def compare(path, run, out):
    """Check the run; write the files even if it failed."""
    wav = Wav(path)
    wanted = sign_extend(wav.data) if wav.bits == 24 else wav.data
    front_end = list(names(run, "front_end"))[0]
    fe = counters(os.path.join(run, "fe"))[front_end]
    called = names(run, "ports")
    runs, problems = {}, []
    switches = []
    pictures = [("in", wanted)]
    for port in PORTS:
        heard = take(wav, run, port, fe["start"])
        with open(os.path.join(out, called[port].lower() + ".wav"), "wb") as f:
            f.write(wav.header(len(heard)) + heard)
        pictures.append((port, heard))
        runs[port] = states(wanted, heard, wav.frame)
        wrong = [r for r in runs[port] if r[2] == "bad"]
        if wrong:
            problems.append("%s put out %d frames that are neither the input nor silence, the first is frame %d"
                            % (port, sum(r[1] - r[0] for r in wrong), wrong[0][0]))
        switches += [(frame, port, state) for frame, state in edges(runs[port])]
    for name, data in pictures:
        with open(os.path.join(run, name + ".dat"), "w", encoding="ascii") as f:
            f.writelines(envelope(wav, data))
    switches.sort()
    with open(os.path.join(run, "switches.dat"), "w", encoding="ascii") as f:
        f.writelines("%.6f %s %s\n" % (frame / wav.rate, port, state) for frame, port, state in switches)

    missing = uncovered(runs.values(), wav.frames)
    if missing is not None:
        problems.append("no port put out frame %d" % missing)
    if fe["underruns"]:
        problems.append("%s had %d underruns" % (front_end, fe["underruns"]))
    # Where the input is silent a switch has no effect.
    middle = slice(wav.frames // 20 * 8 * wav.frame, wav.frames // 20 * 13 * wav.frame)
    seen = {port: [s for _, p, s in switches if p == port] for port in PORTS}
    if any(wanted[middle]) and seen != {"I2S0": ["off", "on"], "I2S1": ["on", "off"]}:
        problems.append("the route did not go to I2S1 and back, seen was: "
                        + (", ".join("%s %s" % s[1:] for s in switches) or "no change"))
    facts(wav, run, switches, problems)
    if problems:
        raise Refused("; ".join(problems))


def facts(wav, run, switches, problems):
    """The rows of the table: name, tab, value."""
    def text(name):
        with open(os.path.join(run, name), encoding="ascii") as f:
            return f.read().strip("\0\n ")
    sync = {}
    for line in text("sync").splitlines():
        words = line.split()
        sync[words[0]] = dict((k, int(v)) for k, v in re.findall(r"(\w+) (\d+)", " ".join(words[1:])))
    moved = sync["for_device"]["bytes"] + sync["for_cpu"]["bytes"]
    calls = sync["for_device"]["calls"] + sync["for_cpu"]["calls"]
    audio = sync["audio"]["bytes"]
    needs = text("need_sync") == "1"
    rows = [
        ("kernel", text("kernel")),
        ("machine", text("machine")),
        ("buffer", "%s, %s" % ("non-coherent" if needs else "coherent",
                               "needs sync (%d sync calls)" % calls if needs else "needs no sync")),
        ("cache maintenance", "%.2f bytes per byte of audio" % (moved / audio if audio else 0)),
        ("sound", "%d Hz, %d channel%s, %s" % (wav.rate, wav.channels, "s" * (wav.channels > 1),
                                               FORMATS[wav.bits, wav.sample])),
        ("frames played", "%d" % wav.frames),
        ("bit-exact", "no" if problems else "yes"),
        ("route switches", "%d at frame %s" % (len(switches), ", ".join(
            "%d (%s %s)" % s for s in switches)) if switches else "0"),
    ]
    with open(os.path.join(run, "facts.tsv"), "w", encoding="utf-8") as f:
        f.writelines("%s\t%s\n" % row for row in rows)


def probe(path, env):
    """Check the file and write the guest's variables."""
    wav = Wav(path)
    wav.playable()
    with open(env, "w", encoding="ascii") as f:
        f.write("RATE=%d\nCHANNELS=%d\nFORMAT=%s\nFRAMES=%d\nFRAME_BYTES=%d\nSECONDS_LONG=%d\n" % (
            wav.rate, wav.channels, FORMATS[wav.bits, wav.sample], wav.frames, wav.frame,
            wav.frames // wav.rate + 1))


def main(args):
    """Run the command."""
    try:
        if len(args) == 3 and args[0] == "probe":
            probe(*args[1:])
        elif len(args) == 4 and args[0] == "compare":
            compare(*args[1:])
        else:
            raise Refused(__doc__)
    except (Refused, OSError) as why:
        if isinstance(why, OSError):
            why = "cannot be read: %s" % why.strerror
        print("error: %s %s" % (args[1] if args[:1] == ["probe"] else "demo:", why), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
