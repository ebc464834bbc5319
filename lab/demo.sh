#!/bin/bash
# demo.sh: the main job. Build what is missing, play a WAV file on the simulated
# board while the route is switched, compare what came out with what went in.
. "$(dirname "$0")/lib.sh"

wav=${WAV:-}
[ -z "$wav" ] || [ -f "$wav" ] || die "WAV=$wav does not exist"
[ -z "$wav" ] || wav=$(realpath "$wav")
begin=$SECONDS
STEP_TIMES=$build/demo.times
export STEP_TIMES

"$top/lab/packages.sh"
lock demo
: >"$STEP_TIMES"
run=$build/run/demo
out=$top/out
mkdir -p "$build/run" "$out"
rm -f "$out"/{in,speaker,headset}.wav "$out"/demo.{txt,png}
# Refuse a file before the long steps, not after.
[ -z "$wav" ] || python3 "$top/lab/compare.py" probe "$wav" "$build/demo.env"
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/rootfs.sh"
if [ -z "$wav" ]; then
	wav=$build/rootfs/usr/share/sounds/alsa/Front_Center.wav
	python3 "$top/lab/compare.py" probe "$wav" "$build/demo.env"
fi
seconds=$(sed -n 's/^SECONDS_LONG=//p' "$build/demo.env")

step "demo-$tag" $((10 + seconds)) "$top/lab/guest.sh" "$tag-demo" nc1-phone exact demo "$run" \
	$((120 + 10 * seconds)) lab/in.wav="$wav" lab/demo.env="$build/demo.env"

# The table and the picture are made of a failed comparison too.
verdict=0
start=$SECONDS
python3 "$top/lab/compare.py" compare "$wav" "$run" "$out" || verdict=1
[ -s "$run/facts.tsv" ] || exit 1
cp "$wav" "$out/in.wav"
(cd "$run" && gnuplot -e "title='$(basename "$wav" | tr -d "'\"\\\\") through FE0, $(head -n 1 "$run/facts.tsv" | cut -f2)'" "$top/lab/demo.gp") 2>"$log/gnuplot.log" ||
	die "gnuplot failed: $(tail -n 1 "$log/gnuplot.log")"
mv "$run/demo.png" "$out/demo.png"
printf '%s\tcompare and draw\n' $((SECONDS - start)) >>"$STEP_TIMES"
{
	awk -F'\t' '{ printf "%-18s %s\n", $1, $2 }' "$run/facts.tsv"
	awk -F'\t' '{ printf "%-18s %-24s %4d s\n", NR == 1 ? "time" : "", $2, $1 }' "$STEP_TIMES"
	printf '%-18s %-24s %4d s\n' "" "in all" $((SECONDS - begin))
} >"$out/demo.txt"
say
cat "$out/demo.txt"
say
say "out/: in.wav, speaker.wav, headset.wav, demo.png, demo.txt"
exit $verdict
