#!/bin/bash
# model.sh: check Documentation/sound/soc/dpcm-locking*.pml with spin. This project's
# protocol must have no counterexample; that of the stock kernel, and this project's with
# a part removed, must break the rule that is named here. TAP on stdout; each
# counterexample is written to a file in out/model/.
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh" kernel model >&2
lock model
out=$top/out/model
rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d "$build/model.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$top"/Documentation/sound/soc/dpcm-locking*.pml .

count=0 failed=0 model=dpcm-locking.pml
# check NAME COMMAND...: the check passes if COMMAND succeeds; its output is printed below
# the check's line.
check() {
	local name=$1 verdict=ok start=$SECONDS
	shift
	[ -z "${LAB_MAKE:-}" ] || [ -d "/proc/$LAB_MAKE" ] || exit 130
	count=$((count + 1))
	("$@") >text 2>&1 || { verdict="not ok" failed=$((failed + 1)); }
	say "$verdict $count - $name"
	sed 's/^/# /' text
	say "    $verdict: $name ($((SECONDS - start)) s)" >&2
}

# search OPTIONS DEFINE...: compile the model with OPTIONS for the search and go through all
# states, or those up to the first wrong one; the output is in "found".
search() {
	local options=$1
	shift
	rm -f ./*.trail pan found
	spin -a "$@" "$model" >log && [ -e pan.c ] || { cat log; return 1; }
	# shellcheck disable=SC2086 # a list
	gcc $options -w -DSAFETY -DCOLLAPSE -DMEMLIM=3000 -o pan pan.c
	./pan -m100000 >found || true
}

# Print the lines that this run of the model has, "used FILE:LINE", and those that it
# reached in any place where they are used, "reached FILE:LINE".
lines() {
	./pan -d >all
	awk '
		FNR == 1 { file++ }
		file == 1 && /^unreached in / { process = $NF }
		file == 1 && /^\tdpcm-locking/ { n = $3; sub(",", "", n); never[process, n + 0] = 1 }
		file == 2 && /^proctype / { process = $2 }
		file == 2 && /^init/ { process = "init" }
		file == 2 && match($0, /dpcm-locking[a-z-]*\.pml:[0-9]+/) {
			line = substr($0, RSTART, RLENGTH)
			print "used " line
			if (!((process, $2 + 0) in never))
				print "reached " line
		}' found all
}

# of_use: check that each line of the model was reached in one of the runs before.
of_use() {
	local at never
	never=$(awk '{ seen[$1, $2] = 1 } END { for (i in seen) { split(i, p, SUBSEP)
		if (p[1] == "used" && !(("reached", p[2]) in seen)) print p[2] } }' SUBSEP=, walked | sort -t: -k1,1 -k2n)
	for at in $never; do
		say "line $at is never reached: $(sed -n "${at#*:}p" "${at%:*}")"
	done
	[ -s walked ] && [ -z "$never" ]
}

# holds DEFINE...: check that no state is wrong.
holds() {
	search -O2 "$@" || return 1
	if ! grep -q 'errors: 0$' found || grep -q -e 'not completed' -e 'too small' found; then
		cat found
		return 1
	fi
	awk '/ states, stored/ { print $1 " states" }' found
	lines >>walked
}

# serial DEFINE...: check that no state of a scene is wrong.
serial() {
	search -O0 "$@" || return 1
	grep -q 'errors: 0$' found && ! grep -e 'not completed' -e 'too small' found
}

# breaks NAME RULE DEFINE...: check that the shortest way to a wrong state ends at the
# assertion whose comment is RULE. out/model/NAME.txt shows the way, with a column for each
# process.
breaks() {
	local name=$1 rule=$2 line is
	shift 2
	search "-O0 -DBFS" "$@" || return 1
	[ -e "$model.trail" ] || { say "no counterexample"; tail -n 30 found; return 1; }
	spin -t "$@" "$model" >trail
	line=$(sed -n 's/^spin: \([^:]*:[0-9]*\), Error: assertion violated/\1/p' trail)
	is=""
	[ -z "$line" ] || is=$(sed -n "${line#*:}{s,.*/\* \(.*\) \*/.*,\1,p}" "${line%:*}")
	! grep -q '^pan:1: invalid end state' found || is=deadlock
	{
		say "# $model $*"
		sed '/^spin: trail ends/,$d; /^spin: /d' trail
		say "# broken: $is${line:+, $line}"
	} >"$out/$name.txt"
	say "breaks the rule $is: out/model/$name.txt"
	[ "$is" = "$rule" ] || { say "should have been: $rule"; return 1; }
}

# The states of the scenes are among those of this project's protocol.
check "ours" holds -DCOMMANDS=2
check "ours, the system suspends" holds -DPM -DCOMMANDS=2
check "stock, D2, a route comes" breaks d2-on heard -DSTOCK -DD2_ON
check "stock, D2, a route goes" breaks d2-off heard -DSTOCK -DD2_OFF
check "stock, D3" breaks d3 runtime -DSTOCK -DD3
# One after the other no state is wrong: the model detects the race.
check "stock, D2, a route comes, one after the other" serial -DSTOCK -DSERIAL -DD2_ON
check "stock, D3, one after the other" serial -DSTOCK -DSERIAL -DD3
while read -r part rule commands faults scene; do
	[ -n "$part" ] || continue
	check "ours without $part" breaks "without-$part" "$rule" "-DCOMMANDS=$commands" "-DFAULTS=$faults" "-DWITHOUT=$part" ${scene:+"$scene"}
done <<-END
	FE_LOCK link 0 0
	BE_LOCK link 0 0
	BORROW runtime 0 0
	READINESS callback 0 0
	JOINING heard 0 0
	IN_USE callback 0 0
	ORDER deadlock 0 0
	REFUSAL heard 2 1
	UNDO heard 1 1
	PRECEDENCE heard 0 0 -DPM
	FINAL heard 0 1 -DPM
	LOSS power 1 0 -DPM
	RESUMED resumed 1 0 -DPM
	STANDS heard 0 1 -DPM
	UNPREPARED callback 1 0 -DPM
	SECTION callback 1 0 -DPM
	RESTORED heard 1 1 -DPM
	LOST heard 1 1 -DPM
	WAITS resumed 1 0 -DPM
END

model=dpcm-locking-params.pml
check "ours, parameters" holds
for part in USED:callback BACK:params AGAIN:heard; do
	check "ours without ${part%:*}" breaks "without-${part%:*}" "${part#*:}" "-DWITHOUT=${part%:*}"
done
check "each line is of use" of_use
say "1..$count"
say "$((count - failed)) passed, $failed failed"
[ $failed = 0 ]
