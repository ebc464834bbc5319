#!/bin/bash
# lava.sh [check]: do the work of a farm of boards on this machine: jobs for LAVA, each with
# seeds of its own, run one after the other by LAVA's own dispatcher on a QEMU device, and
# their results merged. No server and no docker; LAVA must be root, for which fakeroot is
# sufficient. JOBS, SEED, OPS (random operations of dpcm-fuzz in each job) and COUNT
# (closes and route changes of dpcm-stress) in the environment; LAVA_MODS is a folder of
# modules other than the kernel's own, such as lab/mutants.sh builds.
# check: jobs that must be reported as failed: a program that fails, one that hangs, one
# that skips its tests, a kernel that warns, a guest that dies, and one without output.
. "$(dirname "$0")/lib.sh"
. "$top/lab/debs.sh"
. "$top/lab/long.sh"

what=${1:-run}
out=$top/out/lava
[ "$what" = run ] || out=$top/out/check-lava
jobs=${JOBS:-2} seed=${SEED:-1} ops=${OPS:-200} count=${COUNT:-100}
[ "$what" = run ] || jobs=3
python=/usr/bin/python3
"$top/lab/packages.sh" tree kernel guest tests lava
lock lava
rm -rf "$out"
mkdir -p "$out/artifacts" "$build/run"
$python "$top/lab/lava.py" jobs "$top/lab/lava/job-qemu.yaml" "$out" "file://$out/artifacts" \
	"$seed" "$jobs" "$ops" "$count"

# LAVA itself, with its dependencies that this machine lacks.
root=$build/lava-root
dispatcher() {
	local apt=$build/apt-lava-root debs=$build/apt-lava-root/cache/archives deb
	fetch_debs "$(dpkg --print-architecture)" /var/lib/dpkg/status "$top/lab/lava/packages.txt"
	rm -rf "$root"
	mkdir "$root"
	for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$root"; done
}
stamp=$(cat "$top/lab/debs.sh" "$top/lab/lava/packages.txt" | cksum)
[ "$(cat "$root.from" 2>/dev/null)" = "$stamp" ] || {
	rm -f "$root.from"
	step lava-dispatcher 20 dispatcher
	say "$stamp" >"$root.from"
}

# LAVA's own check of the jobs, including that of a real board, and of the device.
templates() {
	local board=$build/run/lava-board
	mkdir -p "$board"
	$python "$top/lab/lava.py" jobs "$top/lab/lava/job-board.yaml" "$board" http://farm 1 1 1 1
	PYTHONPATH=$root/usr/lib/python3/dist-packages $python "$root/usr/share/lava-common/lava-schema.py" \
		job "$out/job-1.yaml" "$board/job-1.yaml"
	PYTHONPATH=$root/usr/lib/python3/dist-packages $python "$root/usr/share/lava-common/lava-schema.py" \
		device --no-render "$top/lab/lava/device-qemu.yaml"
}
step lava-templates 5 templates

# The files that boards of a farm download.
artifacts() {
	local kernel=$build/$tag-debug
	cd "$out/artifacts"
	cp "$kernel/arch/arm/boot/zImage" .
	cp "$kernel/arch/arm/boot/dts/vendor-nc/nc1-phone.dtb" board.dtb
	cp "$build/rootfs-lava.cpio" rootfs.cpio
	tar -czf modules.tar.gz -C "${LAVA_MODS:-$kernel/mods}" lib/modules -C "$top/lab" init
	cp -r "$build/kselftest-$tag/install" kselftest
	[ "$what" = run ] || bad_programs kselftest
	tar -czf kselftest.tar.gz -C kselftest .
	rm -r kselftest
	tar -czf tests.tar.gz -C "$top" lab/lava/kselftest.yaml lab/lava/kselftest.sh
}
# Programs that each fail in a way of their own.
bad_programs() {
	local name text
	while read -r name text; do
		printf '#!/bin/sh\n%b\n' "$text" >"$1/alsa/$name"
		chmod +x "$1/alsa/$name"
		say "alsa:$name" >>"$1/kselftest-list.txt"
	done <<-'END'
	good	echo 1..1; echo "ok 1 fine"
	fails	echo 1..2; echo "ok 1 one"; echo "not ok 2 two"; exit 1
	short	echo 1..3; echo "ok 1 one"; echo "ok 2 two"
	skips	echo "1..0 # SKIP nothing here"; exit 4
	hangs	echo 1..1; exec sleep 1000
	splat	echo 1..1; echo "<4>BUG: planted" >/dev/kmsg; echo "ok 1 all is well"
	dies	echo 1..1; echo c >/proc/sysrq-trigger; sleep 1000
	END
}
"$top/lab/kernel.sh" "$KVER-debug"
"$top/lab/rootfs.sh" lava
"$top/lab/kselftest.sh"
step lava-artifacts 10 artifacts

# LAVA works below the prefix, and needs no network. Its output is its log.
say "{prefix: $build/run/lava-, dispatcher_ip: 127.0.0.1}" >"$build/run/lava.yaml"
machine=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
lava_run() {
	local be_root=()
	[ "$(id -u)" = 0 ] || be_root=(fakeroot --)
	PYTHONPATH=$root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$root/usr/lib/$machine:$root/lib/$machine \
		"${be_root[@]}" $python "$root/usr/bin/lava-run" --job-id "$1" --output-dir "$build/run/lava-out" \
		--device "$top/lab/lava/device-qemu.yaml" --dispatcher "$build/run/lava.yaml" "$out/job-$1.yaml" >"$out/job-$1.log" 2>&1 || {
		tail -n 1 "$out/job-$1.log"
		return 1
	}
}
logs=()
run_jobs() {
	local job
	for ((job = 1; job <= $1; job++)); do
		logs+=("$out/job-$job.log")
		(step "lava-job-$job" 120 lava_run $job) || true
	done
}
merge() { $python "$top/lab/lava.py" merge "${logs[@]}"; }

if [ "$what" = run ]; then
	run_jobs "$jobs"
	merge
	exit
fi
# The first job continues after each failure; in the second the guest dies, in the third it
# has no output for longer than LAVA waits. The fourth one has no log.
sed -i 's/TESTS: .*/TESTS: good fails short skips hangs splat/; s/LIMIT: .*/LIMIT: 20/' "$out/job-1.yaml"
sed -i 's/TESTS: .*/TESTS: good dies/' "$out/job-2.yaml"
sed -i 's/TESTS: .*/TESTS: hangs/; /- test:/,$ s/minutes: .*}/minutes: 1}/' "$out/job-3.yaml"
run_jobs 3 2>/dev/null
logs+=("$out/job-4.log")
merge >"$out/merged" && die "lava.py merge found nothing wrong; see $out/merged"
grep -e '^FAILED' -e 'passed,' "$out/merged" | sed 's/: LAVA: .*/: LAVA/' | diff - <(cat <<-'END'
	FAILED job-1.log: fails.2_two: fail
	FAILED job-1.log: fails: fail
	FAILED job-1.log: short: fail
	FAILED job-1.log: skips: skip
	FAILED job-1.log: hangs: fail
	FAILED job-1.log: kernel: BUG: planted
	FAILED job-2.log: kernel: Kernel panic - not syncing: sysrq triggered crash
	FAILED job-2.log: kernel: Call trace:
	FAILED job-2.log: LAVA
	FAILED job-2.log: the board died or was silent: the end of the tests is missing
	FAILED job-3.log: LAVA
	FAILED job-3.log: the board died or was silent: the end of the tests is missing
	FAILED job-4.log: no log: No such file or directory
	FAILED job-4.log: LAVA did not end the job
	FAILED job-4.log: the board died or was silent: the end of the tests is missing
	9 passed, 15 failed
	END
) || die "lava.py merge did not report just what went wrong; see $out/merged"
say "all reported: a test that fails, is short, is skipped, hangs or makes the kernel warn; a guest that dies or is silent; a job without a log"
