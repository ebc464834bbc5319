#!/bin/bash
# mutants.sh [NAME...]: check that a test fails if a part of the DPCM engine, of the explicit
# sync (sync-*) or of the drivers (nc1-*) is missing. Each lab/mutants/NAME.patch removes
# one part. Its lines before the first "---" name the part, and the tests that must fail, for
# example
#
#   What: the FE's lock in dpcm_be_disconnect()
#   Tests: kunit fuzz=20000 rows=d1,d11_linked stress=5000
#
# The tests run in this order until one fails. A mutant that survives all of them is a
# failure: a test is missing. First all tests run without a mutant, and must pass. The
# tests, where they run, and the meaning of a value after "=":
#
#   kunit        unit tests, user mode kernel
#   fuzz         dpcm-fuzz, user mode kernel; number of operations
#   params       dpcm-params, user mode kernel; names of tests
#   drivers      check-drivers.sh; number of sequences for each kind of card
#   rows         dpcm-rows, four vCPUs; names of tests
#   stress       dpcm-stress, two vCPUs; number of closes and route changes
#   trace, kinds, puts, nomem     dpcm-*, two vCPUs; names of tests
#   suspend, refuse, volume       nc-*, instruction clock; names of tests
#   sync, sync64                  noncoherent-rows with 32-bit and with 64-bit time,
#                                 instruction clock; names of tests
#   programs, oss, planes         noncoherent-*, instruction clock; names of tests
#   differ       noncoherent-differ, instruction clock; number of players
#   sync-trace, sync-nomem        noncoherent-*, instruction clock; names of tests
#   sync-fuzz    noncoherent-fuzz, instruction clock; number of operations
#   sync-arm64   noncoherent-rows on the kernel of check ARCH=arm64; names of tests
#   race         noncoherent-race, two vCPUs; seconds
#   armv5        noncoherent-mmap on the board of check-armv5.sh
#   kcsan        noncoherent-race on the kernel of check-kcsan.sh; seconds. Only a report
#                of a function of this project counts
#
#   Apps: aplay_rw speaker_test
#
# A line like this names cases of check-apps.sh. Each of them must fail as well.
. "$(dirname "$0")/lib.sh"
. "$top/lab/stage.sh"
. "$top/lab/soc.sh"
. "$top/lab/kcsan.sh"

"$top/lab/packages.sh" tree kernel arm64 guest tests uml
lock mutants
out=$top/out/mutants
rm -rf "$out"
mkdir -p "$out"
mutants=("$@")
[ $# != 0 ] || mapfile -t mutants < <(find "$top/lab/mutants" -maxdepth 1 -name '*.patch' -printf '%f\n' 2>/dev/null | sed 's/\.patch$//' | sort)
[ ${#mutants[@]} != 0 ] || die "lab/mutants holds no patch"

header() { sed -n "/^---/q; s/^$1: *//p" "$top/lab/mutants/$2.patch"; }
mapfile -t all < <(for mutant in "${mutants[@]}"; do header Tests "$mutant" | xargs -n 1; done | sed 's/=.*//' | sort -u)
case " ${all[*]} " in *" kunit "* | *" fuzz "* | *" params "* | *" drivers "*)
	"$top/lab/kernel.sh" "$KVER-uml"
	case " ${all[*]} " in *" drivers "*) "$top/lab/kernel.sh" "$KVER-stockuml" ;; esac
	"$top/lab/selftests.sh" dpcm-fuzz dpcm-drivers dpcm-params
	;;
esac
case " ${all[*]} " in *" rows "* | *" stress "* | *" programs "* | *" differ "* | *" oss "* | *" sync "* | *" sync64 "* | *" sync-fuzz "* | *" race "* | *" trace "* | *" kinds "* | *" puts "* | *" sync-trace "* | *" suspend "* | *" refuse "* | *" volume "* | *" planes "* | *" nomem "* | *" sync-nomem "*)
	"$top/lab/rootfs.sh"
	"$top/lab/kernel.sh" "$KVER-debug"
	"$top/lab/selftests.sh"
	;;
esac
case " ${all[*]} " in *" sync-arm64 "*)
	"$top/lab/rootfs.sh"
	"$top/lab/kernel.sh" "$KVER-arm64"
	"$top/lab/selftests.sh"
	;;
esac
case " ${all[*]} " in *" kcsan "*)
	"$top/lab/rootfs.sh"
	"$top/lab/kernel.sh" "$KVER-kcsan"
	"$top/lab/selftests.sh"
	;;
esac
case " ${all[*]} " in *" armv5 "*)
	"$top/lab/packages.sh" armel
	"$top/lab/kernel.sh" "$KVER-armv5"
	"$top/lab/selftests.sh" armel
	;;
esac
for mutant in "${mutants[@]}"; do
	[ -z "$(header Apps "$mutant")" ] || { "$top/lab/rootfs.sh" apps; "$top/lab/kernel.sh" "$KVER-demo"; break; }
done
exec 8>"$build/lock.tree-$tag"
flock -s 8

# Build the kernel of flavour $1 with mutant $2, or with none.
mutate() {
	local dir=$build/$tag-mutant-$1 files=$build/mutant.files file patch
	patch=$(mutant_patch "$2")
	rm -rf "$files"
	mkdir -p "$files"
	if [ "$2" != none ]; then
		for file in $(touched "$patch"); do
			replace "$tree/$file" "$files/$file"
		done
		bare_apply "$files" "$patch"
	fi
	soc_sources "$dir" "$files"
	soc_modules "$tag-$1" "$dir"
}

# Boot the mutant, or the kernel of flavour $2, for the programs of $1/list.
uml() {
	local run=none pairs=() program
	[ ! -s "$1/list" ] || {
		run=check
		pairs=("lab/list=$1/list")
		for program in dpcm-fuzz dpcm-drivers dpcm-params; do pairs+=("lab/$program=$build/selftests-$tag-host/$program"); done
	}
	"$top/lab/uml.sh" "$tag-${2:-mutant-uml}" $run "$1/run" 300 "${pairs[@]}"
}
guest() { "$top/lab/guest.sh" "$tag-mutant-debug" nc1-phone "$1" check "$3/run" 1200 lab/list="$3/list" "lab/$2=$build/selftests-$tag/$2"; }
# Print the tests of program $1 whose names begin with one of the words in $2, separated by
# commas; without words, all tests.
row_names() {
	local word
	for word in ${2//,/ }; do
		sed -n 's/^\t{ "\([a-z0-9_]*\)",.*/\1/p' "$tree/tools/testing/selftests/alsa/$1.c" |
			grep -E "^${word}(_|\$)" || die "$1 has no test $word"
	done | xargs
}

# Run mutant $1 with the cases "$@" of check-apps.sh. The last line of its output is the
# result; a case that did not end has not detected the mutant.
try_apps() {
	local mutant=$1 dir=$out/$1-apps missed="" name
	shift
	mutate demo "$mutant"
	rm -rf "$dir"
	"$top/lab/run-apps.sh" "$tag-mutant-demo" "$dir" "$@" || true
	for name in "$@"; do
		[ -s "$dir/$name/status" ] && grep -q "^not ok [0-9]* $name\$" "$dir/apps.tap" || missed="$missed $name"
	done
	say "apps: ${missed:+survived$missed, of }$# cases"
}

# Compare $1 sequences for each kind of card with stock, whose calls are recorded once.
run_drivers() {
	local dir=$2 stock=$out/stock-drivers-$1 died=0
	mkdir -p "$stock"
	say "dpcm-drivers 300 DPCM_DRIVERS_OUT=/dev/lab/calls $1 1" | tee "$dir/list" >"$stock/list"
	[ -s "$stock/run/calls" ] || uml "$stock" stockuml || died=1
	uml "$dir" || died=1
	python3 "$top/lab/drivers.py" drivers "$dir/list" "$stock/run" "$dir/run" >"$dir/count"
	verdict "$dir/count" && [ $died = 0 ]
}

# Run test $1 with argument $2 and judge it.
run_test() {
	local test=$1 argument=$2 dir=$3 died=0 suites=() names
	mkdir -p "$dir"
	case $test in
	kunit) : >"$dir/list"; suites=("$top/lab/kunit"); uml "$dir" || died=1 ;;
	fuzz) say "dpcm-fuzz 500 -q ${argument:-20000} 1" >"$dir/list"; uml "$dir" || died=1 ;;
	params) say "dpcm-params 300 $argument" >"$dir/list"; uml "$dir" || died=1 ;;
	drivers) run_drivers "${argument:-20}" "$dir"; return ;;
	rows)
		names=$(row_names dpcm-rows "$argument")
		say "dpcm-rows 600 $names" >"$dir/list"
		guest parallel4 dpcm-rows "$dir" || died=1
		;;
	sync | sync64 | programs)
		local program=noncoherent-rows
		[ "$test" != programs ] || program=noncoherent-programs
		names=$(row_names $program "$argument")
		[ "$test" != sync64 ] || program=noncoherent-time64
		say "$program 600 $names" >"$dir/list"
		guest exact $program "$dir" || died=1
		;;
	differ) say "noncoherent-differ 300 ${argument:-15}" >"$dir/list"; guest exact noncoherent-differ "$dir" || died=1 ;;
	oss) say "noncoherent-oss 120 $argument" >"$dir/list"; guest exact noncoherent-oss "$dir" || died=1 ;;
	sync-arm64)
		names=$(row_names noncoherent-rows "$argument")
		say "noncoherent-rows 600 $names" >"$dir/list"
		"$top/lab/guest.sh" "$tag-mutant-arm64" nc1-phone exact check "$dir/run" 1200 lab/list="$dir/list" \
			lab/noncoherent-rows="$build/selftests-$tag/noncoherent-rows" || died=1
		;;
	sync-fuzz) say "noncoherent-fuzz 900 ${argument:-4000} 1" >"$dir/list"; guest exact noncoherent-fuzz "$dir" || died=1 ;;
	kinds) say "dpcm-kinds 600 $argument" >"$dir/list"; guest parallel dpcm-kinds "$dir" || died=1 ;;
	puts) say "dpcm-puts 300 $argument" >"$dir/list"; guest parallel dpcm-puts "$dir" || died=1 ;;
	trace) say "dpcm-trace 120 $argument" >"$dir/list"; guest parallel dpcm-trace "$dir" || died=1 ;;
	sync-trace) say "noncoherent-trace 60 $argument" >"$dir/list"; guest exact noncoherent-trace "$dir" || died=1 ;;
	nomem) say "dpcm-nomem 300 $argument" >"$dir/list"; guest parallel dpcm-nomem "$dir" || died=1 ;;
	sync-nomem) say "noncoherent-nomem 300 $argument" >"$dir/list"; guest exact noncoherent-nomem "$dir" || died=1 ;;
	planes) say "noncoherent-planes 60 $argument" >"$dir/list"; guest exact noncoherent-planes "$dir" || died=1 ;;
	suspend) say "nc-suspend 300 $argument" >"$dir/list"; guest exact nc-suspend "$dir" || died=1 ;;
	refuse) say "nc-refuse 300 $argument" >"$dir/list"; guest exact nc-refuse "$dir" || died=1 ;;
	volume) say "nc-volume 300 $argument" >"$dir/list"; guest exact nc-volume "$dir" || died=1 ;;
	armv5)
		printf '%s\n' "noncoherent-mmap 120" "guest-aplay.sh 120" >"$dir/list"
		echo "options snd-dummy fake_buffer=0" >"$dir/dummy.conf"
		"$top/lab/guest.sh" "$tag-mutant-armv5" versatilepb exact check "$dir/run" 300 lab/list="$dir/list" \
			lab/noncoherent-mmap="$build/selftests-$tag-armel/noncoherent-mmap" \
			etc/modprobe.d/dummy.conf="$dir/dummy.conf" || died=1
		;;
	race)
		say "noncoherent-race $((180 + ${argument:-60})) ${argument:-60}" >"$dir/list"
		guest parallel noncoherent-race "$dir" || died=1
		;;
	kcsan)
		kcsan_functions "$tag-kcsan" >"$dir/functions"
		say "noncoherent-race 300 ${argument:-40}" >"$dir/list"
		APPEND="loglevel=7" "$top/lab/guest.sh" "$tag-mutant-kcsan" nc1-phone parallel check "$dir/run" 400 lab/list="$dir/list" \
			lab/noncoherent-race="$build/selftests-$tag/noncoherent-race" || died=1
		# Only KCSAN's reports count here; the test "race" judges the program's results.
		if [ $died = 0 ] && ! kcsan_ours "$dir/functions" "$dir/others" <"$dir/run/console.log" | grep -m 1 'BUG: KCSAN' >"$dir/found"; then
			say "tap: 1 passed, 0 failed" >"$dir/count"
		else
			printf '%s\n' "FAILED kcsan: $(sed 's/.*BUG/BUG/' "$dir/found")" "tap: 0 passed, 1 failed" >"$dir/count"
		fi
		verdict "$dir/count"
		return
		;;
	stress) say "dpcm-stress 900 ${argument:-5000}" >"$dir/list"; guest parallel dpcm-stress "$dir" || died=1 ;;
	esac
	python3 "$top/lab/tap.py" guest "$test" "$dir/list" "$dir/run/live.log" "$dir/run/console.log" "${suites[@]}" >"$dir/count"
	verdict "$dir/count" && [ $died = 0 ]
}

# Run the tests "$@" on mutant $1; the last line of $out/$1.txt is the result.
try() {
	local mutant=$1 test name kernel built="" begin spent=0 status
	shift
	for name in kunit params fuzz drivers trace kinds puts nomem suspend refuse volume planes sync-nomem armv5 sync programs differ oss sync64 sync-arm64 sync-trace sync-fuzz race rows stress kcsan; do
		for test in "$@"; do
			[ "${test%%=*}" = $name ] || continue
			case $name in kunit | params | fuzz | drivers) kernel=uml ;; armv5 | kcsan) kernel=$name ;; sync-arm64) kernel=arm64 ;; *) kernel=debug ;; esac
			case $built in *$kernel*) ;; *)
				# Not with ||, which would disable set -e in it.
				set +e
				(set -e; mutate $kernel "$mutant")
				status=$?
				set -e
				[ $status = 0 ] || { say "does not build"; return; }
				built="$built $kernel"
				;;
			esac
			begin=$SECONDS
			case $test in *=*) ;; *) test="$test=" ;; esac
			if ! (run_test $name "${test#*=}" "$out/$mutant-$name"); then
				say "$name, $((spent + SECONDS - begin)) s: $(grep -m 1 '^FAILED' "$out/$mutant-$name/count")"
				return
			fi
			spent=$((spent + SECONDS - begin))
		done
	done
	say "survived, $spent s"
}

for mutant in "${mutants[@]}"; do
	[ -n "$(header What "$mutant")" ] && [ -n "$(header Tests "$mutant")" ] ||
		die "lab/mutants/$mutant.patch does not say What and Tests"
	for test in $(header Tests "$mutant"); do
		case $test in
		kunit | params=* | drivers | drivers=* | trace | kinds=* | puts=* | nomem | sync-nomem | sync-trace | sync-trace=* | differ | differ=* | oss | suspend | refuse | volume | planes=* | armv5 | fuzz | fuzz=* | rows | stress | stress=* | sync | sync64 | sync-fuzz | sync-fuzz=* | race | race=* | kcsan | kcsan=*) ;;
		rows=*) row_names dpcm-rows "${test#*=}" >"$build/mutant.rows" ;;
		programs=*) row_names noncoherent-programs "${test#*=}" >"$build/mutant.rows" ;;
		sync=* | sync64=* | sync-arm64=*) row_names noncoherent-rows "${test#*=}" >"$build/mutant.rows" ;;
		*) die "lab/mutants/$mutant.patch: no test is called $test" ;;
		esac
	done
done
failed=0
row() { printf '%-32s %-48s %s\n' "$1" "$2" "$3" | tee -a "$out/table.txt"; }
step "mutant-none" 120 try none "${all[@]}"
result=$(tail -n 1 "$log/mutant-none.log")
row "-" "nothing" "$result"
case $result in survived*) ;; *) die "the tests fail without a mutant" ;; esac
for mutant in "${mutants[@]}"; do
	what=$(header What "$mutant")
	mapfile -t tests < <(header Tests "$mutant" | xargs -n 1)
	step "mutant-$mutant" 60 try "$mutant" "${tests[@]}"
	result=$(tail -n 1 "$log/mutant-$mutant.log")
	case $result in survived* | "does not build"*) failed=$((failed + 1)) ;; esac
	row "$mutant" "$what" "$result"
	[ -n "$(header Apps "$mutant")" ] || continue
	mapfile -t tests < <(header Apps "$mutant" | xargs -n 1)
	step "mutant-$mutant-apps" 120 try_apps "$mutant" "${tests[@]}"
	result=$(tail -n 1 "$log/mutant-$mutant-apps.log")
	case $result in *survived*) failed=$((failed + 1)) ;; esac
	row "" "" "$result"
done
[ $failed = 0 ] || die "$failed of ${#mutants[@]} mutants were not detected"
say "all ${#mutants[@]} mutants were detected; out/mutants/table.txt"
