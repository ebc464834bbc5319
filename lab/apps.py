#!/usr/bin/env python3
"""Programs from outside this project: compare their sound with what is heard.

apps.py sounds DIR [CASE...]  Write the sounds to DIR, and to DIR/apps the CASEs to run,
                              all if none is given. A sound is noise: no two samples
                              are related, so that one that is lost, late, double or old
                              is detected.
apps.py judge DIR RUN CSV     RUN is the folder that guest-apps.sh wrote. Prints TAP, one
                              test for each case and one for the kernel's log. Writes
                              the cost of the sync to CSV.
apps.py cost STOCK.csv OURS.csv  The costs as a table, bytes of cache maintenance for a
                              byte of audio. Ends with status 1 if a number of the
                              patched kernel is above its limit, or missing.

The rule for playback: silence, then all of the sound, to the bit, then silence. For a
recording: silence, then at least SHORTEST frames of the sound without a gap, then
silence. Two sounds at once are their sum. For a route that is switched: each frame is
heard at one of the ports or at both, and nothing else at any.
"""
import array
import csv
import os
import random
import re
import sys
import wave

from tap import read, splats

RATE = 48000
# The sum of two must not be too loud.
LOUDEST = 16000
# name: channels, seconds of noise, seed
SOUNDS = {"a.wav": (2, 10, 1), "b.wav": (2, 2, 2), "long.wav": (2, 40, 3), "mono.wav": (1, 10, 4), "short.wav": (1, 2, 5)}
# pw-cat (0.3.65) drops frames that it has not passed on when its file ends: silence.
PAD = {"mono.wav": 9600, "short.wav": 9600}
SHORTEST = 4 * RATE
# Frames. A client of dmix begins to write at the position of the device. Frames that it
# writes less than about a quarter of its period of 1024 ahead may not be heard.
DMIX_LATE = 512
# By default dmix's ring is twice as long and has 32 bits. A client mixes all of it when it
# begins, and may be interrupted.
DEFAULT_LATE = 1024
# PulseAudio rewinds to 1.3 ms before what is played when a stream begins. That is too near
# for the emulated CPU, and its card module does not have the option that increases it: up
# to 80 frames were seen to be fetched before they were written or committed.
PULSE_LATE = 256
# GStreamer plays from the second frame on, on the stock kernel as well.
GST_LATE = 1
# At its end SDL lets its buffer run empty: the device repeats a part of a period of 4096
# frames until the underrun is detected.
SDL_TAIL = 4096
# The attenuation of the speaker, in the cases that have one
DECIBELS = 6
# Bytes that may be synced in one stretch with interrupts off
LONGEST = 16384
# case: bytes of maintenance for a byte of audio, at most. alsabat and the call play 2 s:
# the handover of the cleared buffer is a large part, as it is where PulseAudio opens
# playback and capture. PulseAudio writes its whole ring again for each stream that
# begins, two in pulse_mix: no limit.
CASES = {
    "aplay_rw": 1.10, "aplay_mmap": 1.10, "aplay_short": 1.10, "arecord_rw": 1.10, "arecord_mmap": 1.10,
    "alsabat_play": 1.35, "alsabat_record": 1.35, "speaker_test": 1.10, "gst_play": 1.10, "gst_record": 1.10, "sdl_play": 1.25, "dmix": 4.00, "dsnoop": 1.10,
    "pulse_play": 1.20, "pulse_mix": None, "pulse_record": 1.20,
    "pipewire_play": 1.20, "pipewire_mix": 1.20, "pipewire_record": 1.20,
    "ucm_switch": 1.10, "ucm_record": 1.10, "ucm_call": 1.35, "pulse_ucm": 1.35, "pulse_volume": 1.35,
    "alsactl_restore": 1.10,
    "default_dmix": 4.00, "default_dsnoop": 1.10, "wireplumber_ucm": 1.20, "wireplumber_record": 1.20,
}


class Wrong(Exception):
    """One line about a failure."""


def sounds(directory, cases):
    """Write the sounds."""
    unknown = [case for case in cases if case not in CASES]
    if unknown:
        sys.exit("error: no case is called %s; choose of: %s" % (" ".join(unknown), " ".join(CASES)))
    for name, (channels, seconds, seed) in SOUNDS.items():
        dice = random.Random(seed)
        data = array.array("h", (dice.randrange(1, LOUDEST) * dice.choice((-1, 1))
                                 for _ in range(channels * seconds * RATE)))
        with wave.open(os.path.join(directory, name), "wb") as f:
            f.setnchannels(channels)
            f.setsampwidth(2)
            f.setframerate(RATE)
            f.writeframes(data.tobytes() + bytes(2 * channels * PAD.get(name, 0)))
    with open(os.path.join(directory, "apps"), "w", encoding="ascii") as f:
        f.writelines(case + "\n" for case in cases or CASES)


def load(path):
    """The frames of a file, with or without a header, as bytes."""
    if not os.path.exists(path):
        raise Wrong("there is no %s" % os.path.basename(path))
    if path.endswith(".wav"):
        with wave.open(path, "rb") as f:
            return f.readframes(f.getnframes())
    with open(path, "rb") as f:
        return f.read()


def narrow(data):
    """The 16 bits of each of DATA's samples of 32."""
    halves = array.array("h", data)
    if any(halves[::2]):
        raise Wrong("what was recorded has more than 16 bits")
    return halves[1::2].tobytes()


def quieter(data):
    """Samples of 16 bits after the volume of a port, by the rule of the data sheet."""
    factor = round(2 ** 16 * 10 ** (-DECIBELS / 20))
    return array.array("h", (sample * factor + 2 ** 15 >> 16 for sample in array.array("h", data))).tobytes()


def quiet(data, frame, what):
    """DATA must be silence."""
    if any(data):
        at = next(i for i, byte in enumerate(data) if byte)
        raise Wrong("%d bytes %s, the first at frame %d" % (len(data) - data.count(0), what, at // frame))


def sound_at(heard, piece, frame):
    """The byte at which PIECE is in HEARD, at the beginning of a frame; or -1."""
    at = heard.find(piece)
    while at >= 0 and at % frame:
        at = heard.find(piece, at + 1)
    return at


def same(heard, sound, frame, at):
    """Check that SOUND is heard from byte AT on, to the end of HEARD."""
    wrong = [i for i in range(0, min(len(heard) - at, len(sound)), frame)
             if heard[at + i:at + i + frame] != sound[i:i + frame]]
    if wrong:
        raise Wrong("%d frames of %d are not those that were played, the first is %d"
                    % (len(wrong), len(sound) // frame, wrong[0] // frame))


def find(heard, sound, frame, late):
    """The byte at which SOUND begins in HEARD; LATE frames of its beginning may be missing."""
    at = sound_at(heard, sound[late * frame:(late + 64) * frame], frame) - late * frame
    if at < 0:
        raise Wrong("the beginning of the sound was not heard in %d frames" % (len(heard) // frame))
    return at


def as_heard(heard, sound, frame, at, late):
    """SOUND, in which the samples of its first LATE frames that were not heard are silent, and a remark."""
    begin, lost = bytearray(sound[:late * frame]), set()
    for i in range(0, len(begin), 2):
        if not any(heard[at + i:at + i + 2]):
            begin[i:i + 2] = bytes(2)
            lost.add(i // frame)
    text = "%d frames" % (len(sound) // frame)
    if lost:
        text += ", %d of the first %d not heard" % (len(lost), late)
    return bytes(begin) + sound[late * frame:], text


def played(heard, sound, channels, late=0):
    """Check for all of SOUND and nothing else; some of its first LATE frames may be silent."""
    frame = 2 * channels
    at = find(heard, sound, frame, late)
    sound, text = as_heard(heard, sound, frame, at, late)
    same(heard, sound, frame, at)
    if len(heard) < at + len(sound):
        raise Wrong("heard until frame %d of %d" % ((len(heard) - at) // frame, len(sound) // frame))
    quiet(heard[:at], frame, "were heard before the sound")
    quiet(heard[at + len(sound):], frame, "were heard after the sound")
    return text


def mixed(heard, first, second, channels, late=0):
    """Check for the sum of both; FIRST begins before SECOND."""
    frame = 2 * channels
    at = find(heard, first, frame, late)
    first, text = as_heard(heard, first, frame, at, late)
    if len(heard) < at + len(first):
        raise Wrong("the first sound ends too early")
    padded = (bytes(at) + first + bytes(len(heard)))[:len(heard)]
    rest = array.array("h", ((a - b + 32768) % 65536 - 32768
                             for a, b in zip(array.array("h", heard), array.array("h", padded))))
    return text + ", and on top of them " + played(rest.tobytes(), second, channels, late)


def looped(heard, sound, channels):
    """Check for SOUND once and a part of it again, or more often."""
    frame = 2 * channels
    at = find(heard, sound, frame, 0)
    quiet(heard[:at], frame, "were heard before the sound")
    end = len(heard.rstrip(b"\0"))
    length = (end - at + frame - 1) // frame * frame
    if length <= len(sound) + SDL_TAIL * frame:
        raise Wrong("heard until frame %d of %d" % (length // frame, len(sound) // frame))
    length -= SDL_TAIL * frame
    same(heard, (sound * (length // len(sound) + 1))[:length], frame, at)
    return "%d frames of a loop of %d" % (length // frame, len(sound) // frame)


def recorded(heard, sound, channels):
    """Check for one piece of SOUND."""
    frame = 2 * channels
    first = next((i for i, byte in enumerate(heard) if byte), len(heard)) // frame * frame
    at = sound_at(sound, heard[first:first + 64 * frame], frame)
    if at < 0 or len(heard) == first:
        raise Wrong("what was recorded first is no part of the sound")
    length = min(len(heard) - first, len(sound) - at)
    same(heard, sound[at:at + length], frame, first)
    quiet(heard[first + length:], frame, "were recorded after the sound")
    if length < SHORTEST * frame:
        raise Wrong("only %d frames were recorded" % (length // frame))
    return "%d frames" % (length // frame)


def switched(ports, sound, channels, late=0):
    """Check that each frame of SOUND, except the first LATE, is at one of the PORTS or both, and nothing else."""
    frame = 2 * channels
    missing, text = set(range(len(sound) // frame)), []
    for heard in ports:
        first = next((i for i, byte in enumerate(heard) if byte), len(heard)) // frame * frame
        at = sound_at(sound, heard[first:first + 64 * frame], frame)
        if at < 0 or len(heard) == first:
            raise Wrong("what one of the ports played first is no part of the sound")
        here = set()
        for i in range(first, len(heard), frame):
            if not any(heard[i:i + frame]):
                continue
            place = i - first + at
            if heard[i:i + frame] != sound[place:place + frame]:
                raise Wrong("frame %d is not that which was played" % (place // frame))
            here.add(place // frame)
        missing -= here
        text.append("%d frames" % len(here))
    lost = {at for at in missing if at >= late}
    if lost:
        raise Wrong("%d frames came out of no port, the first is %d" % (len(lost), min(lost)))
    return " and ".join(text) + (", %d of the first %d not heard" % (len(missing), late) if missing else "")


def counters(run):
    """Check that no byte was stale or spoilt in the simulator's counters, and that there was no xrun."""
    def numbers(name, pattern):
        found = re.findall(pattern, "\n".join(read(os.path.join(run, name))))
        if not found:
            raise Wrong("the simulator has not counted (%s)" % name)
        return found

    for name, number in numbers("stale", r"(FE\d stale|spoilt) (\d+)"):
        # The late frames of these are looked up in the recording.
        if number != "0" and os.path.basename(run) not in ("dmix", "default_dmix", "pulse_ucm", "pulse_volume"):
            raise Wrong("%s %s" % (name, number))
    # These counters begin when the simulator is loaded.
    pattern = r"(\S+) start.* ((?:under|over)runs.*)"
    for (name, before), (_, after) in zip(numbers("before", pattern), numbers("after", pattern)):
        if before != after:
            raise Wrong("%s: %s, before it %s" % (name, after, before))


def judge(case, run, lab):
    """Check one case; a remark for its line."""
    def heard(name="heard.raw"):
        return load(os.path.join(run, name))

    def sound(name):
        data = load(os.path.join(lab, name))
        return data[:len(data) - 2 * SOUNDS[name][0] * PAD.get(name, 0)]

    def dmix(late):
        return mixed(heard(), sound("a.wav"), sound("b.wav"), 2, late)

    def dsnoop():
        return " and ".join(recorded(heard(name), sound("a.wav"), 2) for name in ("heard.raw", "heard2.raw"))

    rules = {
        "alsabat_play": lambda: played(heard(), heard("wanted.wav"), 2),
        "alsabat_record": lambda: "by its own judgement",
        "speaker_test": lambda: played(heard(), heard("wanted.raw"), 2),
        "gst_record": lambda: recorded(heard(), sound("a.wav"), 2),
        "gst_play": lambda: played(heard(), sound("a.wav"), 2, GST_LATE),
        "sdl_play": lambda: looped(heard(), sound("a.wav"), 2),
        "arecord_rw": lambda: recorded(heard(), sound("a.wav"), 2),
        "arecord_mmap": lambda: recorded(heard(), sound("a.wav"), 2),
        "dmix": lambda: dmix(DMIX_LATE), "default_dmix": lambda: dmix(DEFAULT_LATE),
        "dsnoop": dsnoop, "default_dsnoop": dsnoop,
        "pulse_play": lambda: played(heard(), sound("long.wav"), 2),
        "pulse_mix": lambda: mixed(heard(), sound("a.wav"), sound("b.wav"), 2),
        "pulse_record": lambda: recorded(heard(), sound("a.wav"), 2),
        "pipewire_play": lambda: played(heard(), sound("mono.wav"), 1),
        "pipewire_mix": lambda: mixed(heard(), sound("mono.wav"), sound("short.wav"), 1),
        "pipewire_record": lambda: recorded(heard("heard.wav"), sound("mono.wav"), 1),
        "ucm_switch": lambda: switched((heard(), heard("heard2.raw")), sound("a.wav"), 2),
        "pulse_ucm": lambda: switched((heard(), heard("heard2.raw")), sound("a.wav"), 2, PULSE_LATE),
        "pulse_volume": lambda: played(heard(), quieter(sound("a.wav")), 2, PULSE_LATE),
        "alsactl_restore": lambda: played(heard(), quieter(sound("a.wav")), 2),
        "wireplumber_ucm": lambda: switched((heard(), heard("heard2.raw")), sound("a.wav"), 2),
        "wireplumber_record": lambda: recorded(narrow(heard()), sound("a.wav"), 2),
        "ucm_record": lambda: recorded(heard(), sound("a.wav"), 2),
        "ucm_call": lambda: "%s, and %s of the other side" % (
            recorded(heard("heard2.raw"), sound("a.wav"), 2), played(heard(), sound("b.wav"), 2)),
    }
    text = rules.get(case, lambda: played(heard(), sound("a.wav"), 2))()
    counters(run)
    return text


def counted(run):
    """Bytes of audio, of cache maintenance, calls, bytes in one stretch with interrupts off."""
    text = " ".join(read(os.path.join(run, "sync")))
    audio = re.search(r"audio bytes ([1-9]\d*)", text)
    longest = re.search(r"longest (\d+)", text)
    if not audio or not longest:
        return None
    lines = sum(int(n) for n in re.findall(r"lines (\d+)", text))
    calls = sum(int(n) for n in re.findall(r"calls (\d+)", text))
    return int(audio.group(1)), 64 * lines, calls, int(longest.group(1))


def judge_all(lab, run, path):
    """Print TAP for all cases; True if none failed."""
    cases, bad, rows = read(os.path.join(lab, "apps")), 0, []
    print("TAP version 13\n1..%d" % (len(cases) + 1))
    for number, case in enumerate(cases, 1):
        where = os.path.join(run, case)
        try:
            if read(os.path.join(where, "status")) != ["0"]:
                raise Wrong("it ended with an error")
            print("ok %d %s: %s" % (number, case, judge(case, where, lab)))
        except Wrong as why:
            bad += 1
            print("not ok %d %s\n# %s" % (number, case, why))
            for line in read(os.path.join(where, "log"))[-5:]:
                print("# " + line)
        row = counted(where)
        if row:
            rows.append((case, *row))
    console = read(os.path.join(run, "console.log"))
    said = list(splats(console)) if console else [("boot", "nothing at all")]
    print("%s %d the kernel has no error" % ("not ok" if said else "ok", len(cases) + 1))
    for during, line in said:
        print("# %s: %s" % (during, line))
    with open(path, "w", encoding="ascii") as f:
        f.write("case,audio,maintained,calls,longest\n")
        f.writelines("%s,%d,%d,%d,%d\n" % row for row in rows)
    return not bad and not said


def cost(stock, ours):
    """Print the table; True if all limits hold."""
    def rows(path):
        with open(path, newline="", encoding="ascii") as f:
            return {row["case"]: (int(row["maintained"]) / int(row["audio"]), int(row["longest"]))
                    for row in csv.DictReader(f)}

    theirs, own, good = rows(stock), rows(ours), True
    print("%-16s %10s %8s %8s" % ("program", "stock", "ours", "limit"))
    for case, limit in CASES.items():
        text = ["%.2f" % found[case][0] if case in found else "-" for found in (theirs, own)]
        wrong = "no number" if case not in own else \
                "too much" if limit and own[case][0] > limit else \
                "%d bytes with interrupts off" % own[case][1] if own[case][1] > LONGEST else ""
        good = good and not wrong
        print("%-16s %10s %8s %8s  %s" % (case, *text, "%.2f" % limit if limit else "-", wrong))
    return good


def main(args):
    """Run the command."""
    if len(args) >= 2 and args[0] == "sounds":
        sounds(args[1], args[2:])
    elif len(args) == 4 and args[0] == "judge":
        return 0 if judge_all(*args[1:]) else 1
    elif len(args) == 3 and args[0] == "cost":
        return 0 if cost(*args[1:]) else 1
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
