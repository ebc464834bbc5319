#!/usr/bin/env python3
"""Compare the sound of the Zaurus, QEMU's WAV file and the trace, with the input.

zaurus.py sound WAV           Write the sound: noise, in which a frame that is lost, late,
                              double or old is detected, and silence.
                              The silence pushes the noise through QEMU's buffers.
zaurus.py judge WAV RUN KIND  RUN is the folder with the files of guest-zaurus.sh and
                              QEMU's heard.wav. KIND of the buffers: cached or uncached. Prints TAP.
zaurus.py recorded RUN        The same for cached buffers that were recorded into.

All of the noise must be heard to the bit, and otherwise silence. A cached buffer is synced
whole when it has been cleared, then each frame once, before the DMA reads it, and is not
mapped. An uncached one is not synced and can be mapped. Recorded frames are synced once,
after the DMA has written them. The recording is silence.
"""
import random
import struct
import sys
import wave

from tap import read, splats
from timeline_parse import PATTERNS, PREFIX

RATE, FRAME = 44100, 4
NOISE, SILENCE = 76 * 1024, 10 * 1024     # frames; whole periods
LINE = 32               # bytes of a line of an XScale's data cache


def sound(path):
    """The sound as a WAV file."""
    rand = random.Random(1)
    with wave.open(path, "wb") as out:
        out.setparams((2, 2, RATE, 0, "NONE", None))
        noise = (rand.choice((-1, 1)) * rand.randint(1, 32767) for _ in range(2 * NOISE))
        out.writeframes(struct.pack("<%dh" % (2 * NOISE), *noise) + bytes(SILENCE * FRAME))


def frames_of(path):
    """The frames of a WAV file of our format."""
    with wave.open(path, "rb") as wav:
        if (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) != (2, 2, RATE):
            raise ValueError("%s: not 16 bits, stereo, %d Hz" % (path, RATE))
        return wav.readframes(wav.getnframes())


def heard(played, recorded):
    """Check for silence, the noise, silence; the fault, or None."""
    noise = played[:NOISE * FRAME]
    start = next((at for at in range(0, len(recorded), FRAME) if any(recorded[at:at + FRAME])), None)
    if start is None:
        return "%d frames, all of them silence" % (len(recorded) // FRAME)
    for at in range(0, len(noise), FRAME):
        if recorded[start + at:start + at + FRAME] != noise[at:at + FRAME]:
            return "frame %d of %d is not what was heard" % (at // FRAME, NOISE)
    if any(recorded[start + len(noise):]):
        return "something is heard after the sound"
    return None


def events(lines):
    """The events of a trace: name, and the values."""
    for line in lines:
        prefix = PREFIX.match(line)
        match = prefix and prefix["name"] in PATTERNS and PATTERNS[prefix["name"]].match(prefix["text"])
        if match:
            yield prefix["name"], {key: int(value) if value and value.isdigit() else value
                                   for key, value in match.groupdict().items()}


def in_order(trace, frames, playback):
    """Check the order of syncs and of the hardware's pointer; the fault, or None."""
    cleared, whole, synced, hardware = 0, 0, 0, 0
    who, to = ("written", "device") if playback else ("heard", "cpu")
    for name, args in trace:
        if name == "hwptr":
            hardware += (args["pos"] - hardware) % args["buf"]
            # At the end the hardware continues for a moment, with frames that it has played already.
            if playback and hardware > synced and synced != frames:
                return "the DMA is at frame %d, handed over are %d" % (hardware, synced)
        elif name == "snd_pcm_sync":
            if args["who"] == "handover" and not synced:
                cleared, whole = args["frames"] if args["pos"] == 0 else 0, args["buf"]
            elif args["who"] != who or args["to"] != to:
                return "%s to %s of %d frames" % (args["who"], args["to"], args["frames"])
            elif args["pos"] != synced % args["buf"]:
                return "synced is frame %d of the ring, not %d" % (args["pos"], synced % args["buf"])
            else:
                synced += args["frames"]
                if not playback and synced > hardware:
                    return "taken over are %d frames, the DMA is at frame %d" % (synced, hardware)
    if not cleared or cleared != whole:
        return "the cleared buffer was not handed over"
    if synced < frames or (playback and synced != frames) or hardware < frames:
        return "synced are %d frames, the DMA did %d, of %d" % (synced, hardware, frames)
    return None


def cost(trace):
    """Bytes of cache maintenance, in whole lines."""
    total = 0
    for name, args in trace:
        if name == "snd_pcm_sync":
            first, end = args["pos"] * FRAME, (args["pos"] + args["frames"]) * FRAME
            total += -(-end // LINE) * LINE - first // LINE * LINE
    return total


def complaint(run):
    """The kernel's report of an error, or None."""
    return next((text for _, text in splats(read(run + "/console.log"))), None)


def judge(path, run, kind):
    """The results of a sound."""
    played = frames_of(path)
    trace = list(events(read(run + "/trace")))
    frames = len(played) // FRAME
    syncs = [args for name, args in trace if name == "snd_pcm_sync"]
    params = "\n".join(read(run + "/params"))
    mapped = "MMAP_INTERLEAVED" in params
    results = [("every frame is heard, to the bit", heard(played, frames_of(run + "/heard.wav")))]
    if kind == "cached":
        results += [("every frame is handed over once, before it is played", in_order(trace, frames, True)),
                    ("mmap is not offered", "it is" if mapped or "RW_INTERLEAVED" not in params else None)]
    else:
        results += [("nothing is synced", "%d times" % len(syncs) if syncs or not trace else None),
                    ("mmap is offered", None if mapped else "it is not")]
    return results + [("the kernel has no error", complaint(run))], trace, len(played)


def recorded(run):
    """The results of a recording."""
    trace = list(events(read(run + "/trace")))
    data = frames_of(run + "/recorded.wav")
    return [("silence is recorded", "it is none" if any(data) or not data else None),
            ("every frame is taken over once, after it was recorded", in_order(trace, len(data) // FRAME, False)),
            ("the kernel has no error", complaint(run))], trace, len(data)


def report(kind, results, trace, size):
    """Print TAP; the status."""
    print("TAP version 13\n1..%d" % len(results))
    for number, (name, why) in enumerate(results, 1):
        print("%s %d %s" % ("not ok" if why else "ok", number, name))
        if why:
            print("# " + why)
    print("# %s: %d bytes of cache maintenance for %d bytes of audio, %.2f for one"
          % (kind, cost(trace), size, cost(trace) / max(size, 1)))
    return any(why for _, why in results)


def main(args):
    """Choose the command."""
    if len(args) == 2 and args[0] == "sound":
        sound(args[1])
    elif len(args) == 4 and args[0] == "judge" and args[3] in ("cached", "uncached"):
        sys.exit(report(args[3], *judge(*args[1:])))
    elif len(args) == 2 and args[0] == "recorded":
        sys.exit(report("recorded", *recorded(args[1])))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
