#!/bin/bash
# demo.sh: the main job. Build what is missing, play a WAV file on the simulated
# board while the route is switched, compare the recording with the file. BOARD in the
# environment: another board than the phone, with two ports that transmit.
. "$(dirname "$0")/lib.sh"
. "$top/lab/dt.sh"

wav=${WAV:-} board=${BOARD:-nc1-phone}
known_board "$board"
[ -z "$wav" ] || [ -e "$wav" ] || die "WAV=$wav does not exist"
[ -z "$wav" ] || [ -f "$wav" ] || die "WAV=$wav is not a file"
[ -z "$wav" ] || wav=$(realpath "$wav")
begin=$SECONDS
STEP_TIMES=$build/demo.times
export STEP_TIMES

"$top/lab/packages.sh" tree kernel guest plot
lock demo
: >"$STEP_TIMES"
run=$build/run/demo
out=$top/out
mkdir -p "$build/run" "$out"
# Refuse a file before the long steps, not after.
[ -z "$wav" ] || python3 "$top/lab/compare.py" probe "$wav" "$build/demo.env"
"$top/lab/tree.sh"
compile_dts "$tree/arch/arm/boot/dts/vendor-nc/$board.dts" "$build/demo.dtb"
[ "$(fdtget -d okay "$build/demo.dtb" /soc/audio-port@5f003000 status)" = okay ] ||
	die "BOARD=$board has no port I2S1, and the demo switches from I2S0 to that and back; choose another board"
# The input is right: remove the results of the last time.
while read -r _ name; do rm -f "$out/${name,,}.wav"; done < <(cat "$run/ports" 2>/dev/null || true)
rm -f "$out/in.wav" "$out"/demo.{txt,png}
"$top/lab/kernel.sh" "$KVER-demo"
"$top/lab/rootfs.sh"
if [ -z "$wav" ]; then
	wav=$build/rootfs/usr/share/sounds/alsa/Front_Center.wav
	python3 "$top/lab/compare.py" probe "$wav" "$build/demo.env"
fi
seconds=$(sed -n 's/^SECONDS_LONG=//p' "$build/demo.env")

step "demo-$tag" $((10 + seconds)) "$top/lab/guest.sh" "$tag-demo" "$board" exact demo "$run" \
	$((120 + 10 * seconds)) lab/in.wav="$wav" lab/demo.env="$build/demo.env"

# Make the table and the picture of a failed comparison, too.
verdict=0
start=$SECONDS
python3 "$top/lab/compare.py" compare "$wav" "$run" "$out" || verdict=1
[ -s "$run/facts.tsv" ] || exit 1
cp "$wav" "$out/in.wav"
(cd "$run" && gnuplot -e "title='$(basename "$wav" | tr -d "'\"\\\\") through $(cut -d' ' -f1 "$run/front_end"), $(head -n 1 "$run/facts.tsv" | cut -f2)'; called='$(cut -d' ' -f2 "$run/ports" | xargs)'" "$top/lab/demo.gp") 2>"$log/gnuplot.log" ||
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
say "out/: in.wav, $(cut -d' ' -f2 "$run/ports" | tr '[:upper:]' '[:lower:]' | sed 's/$/.wav/' | paste -sd, | sed 's/,/, /g'), demo.png, demo.txt"
exit $verdict
