# shellcheck shell=bash
# Shared by the scripts of lab/: folders, progress of a step, locks between two
# makes. Source it first; it only checks KVER, KSRC and numbers.

set -eu -o pipefail
shopt -s inherit_errexit
umask 022
export LC_ALL=C
# The kernel's make must not see the options of ours.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build
log=$build/log
KVER=${KVER:-6.12}
KSRC=${KSRC:-}

say() { printf '%s\n' "$*"; }

# A make that is killed does not end the processes of its scripts: each script watches
# make's process id and ends itself.
if [ -z "${LAB_MAKE:-}" ] && [ "$(cat "/proc/$PPID/comm")" = make ]; then
	export LAB_MAKE=$PPID
fi

# Print one line and exit.
die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# The kernels we carry patches for, newest first: "7.3 6.12 6.1".
supported() { (cd "$top/patches" && find . -mindepth 1 -maxdepth 1 -type d -printf '%f ' | tr ' ' '\n' | sort -rV | xargs); }

# The boards we have device trees for: "nc1-phone nc1-phone-coherent nc1-speaker nc1-tablet".
boards() { (cd "$top/arch/arm/boot/dts/vendor-nc" && find . -name '*.dts' -printf '%f\n' | sed 's/\.dts$//' | sort | xargs); }
known_board() { [[ " $(boards) " == *" $1 "* ]] || die "BOARD=$1 is not supported; choose one of: $(boards)"; }

# The "6.12" of a kernel tree.
tree_version() {
	[ -f "$1/Makefile" ] && [ -f "$1/Kconfig" ] || return 1
	awk -F' *= *' '$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { print v "." $2; exit }' "$1/Makefile"
}

[ -d "$top/patches/$KVER" ] || die "KVER=$KVER is not supported; choose one of: $(supported)"

# Numbers of the command line
for name in OPS SEED COUNT MINUTES JOBS; do
	case ${!name:-1} in *[!0-9]* | 0*) die "$name=${!name} is not supported; give a number, 1 or more" ;; esac
done

# Products of a kernel of the user's own do not mix with those of Debian's: $tag
# names the tree, and with a flavour the kernel, in build/.
tag=$KVER
if [ -n "$KSRC" ]; then
	[ -e "$KSRC" ] || die "KSRC=$KSRC does not exist"
	KSRC=$(realpath "$KSRC")
	if [ -d "$KSRC" ]; then
		version=$(tree_version "$KSRC") || die "KSRC=$KSRC is no kernel tree"
		[ "$version" = "$KVER" ] || die "KSRC=$KSRC is Linux $version; add KVER=$version if that is one of: $(supported)"
	fi
	tag=$KVER-$(printf '%s' "$KSRC" | cksum | cut -d' ' -f1)
fi
# LAB_EXTRA=NAME in the environment: with the patches of lab/NAME as well.
tag=$tag${LAB_EXTRA:+-$LAB_EXTRA}
tree=$build/tree-$tag
export KVER KSRC tree
mkdir -p "$log"

# Hold build/lock.NAME until this script ends; first wait until it is free.
lock() {
	exec 9>"$build/lock.$1"
	flock -n 9 && return
	say "waiting for another make that works on $1"
	flock 9
}

estimate() {
	[ -s "${STEP_LIVE:-}" ] || { say "$2"; return; }
	tail -c 4096 "$STEP_LIVE" | awk -v took="$1" -v guess="$2" '
		/^# [0-9]+ of [0-9]+/ && $2 > 0 { guess = sprintf("about %d", took * $4 / $2) }
		END { print guess }'
}

# step NAME SECONDS COMMAND...: run COMMAND with its output in build/log/NAME.log
# and show progress. SECONDS is the estimate for the first time; later it is the time
# that it took the last time. A program that prints "# 12 of 100" into the file STEP_LIVE
# gives a better one.
step() {
	local name=$1 guess="about $2" start=$SECONDS file=$log/$1.log pid status=0 took shown=0
	shift 2
	[ ! -s "$file.seconds" ] || guess="last time $(cat "$file.seconds")"
	say "... $name ($guess s)"
	# A process group of its own, so that an interrupt ends all of it.
	set -m
	"$@" >"$file" 2>&1 </dev/null &
	set +m
	pid=$!
	# shellcheck disable=SC2064 # the pid of now is meant
	trap "kill -- -$pid 2>/dev/null; exit 130" INT TERM HUP
	while kill -0 $pid 2>/dev/null; do
		sleep 0.2
		[ -z "${LAB_MAKE:-}" ] || [ -d "/proc/$LAB_MAKE" ] || kill "$BASHPID"
		took=$((SECONDS - start))
		[ $((took % 5)) != 0 ] || guess=$(estimate "$took" "$guess")
		if [ -t 1 ]; then
			printf '\r    %d s of %s s, %d lines ' "$took" "$guess" "$(wc -l <"$file")"
			shown=1
		elif [ $((took / 30)) -gt "$shown" ]; then
			shown=$((took / 30))
			say "    $name: $took s of $guess s"
		fi
	done
	wait $pid || status=$?
	trap - INT TERM HUP
	[ ! -t 1 ] || [ "$shown" = 0 ] || printf '\r\033[K'
	took=$((SECONDS - start))
	if [ $status != 0 ]; then
		printf 'error: %s failed after %d s, last lines of %s:\n' "$name" $took "$file" >&2
		tail -n 15 "$file" | sed 's/^/    /' >&2
		exit 1
	fi
	printf '%s\n' "$took" >"$file.seconds"
	[ -z "${STEP_TIMES:-}" ] || printf '%s\t%s\n' "$took" "$name" >>"$STEP_TIMES"
	say "ok  $name ($took s)"
}

# Print the result of tap.py in file $1; the status is 0 if it is a success.
verdict() {
	cat "$1"
	grep -q '^tap: [1-9][0-9]* passed, 0 failed$' "$1"
}

# make in the kernel tree, with products in $out. User, time and host of the build must
# not change the image. A user mode kernel is built for the architecture of the host.
kmake() {
	local target=(ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf-)
	case ${out:?} in
	*-uml | *-umlfast) target=(ARCH=um) ;;
	*-arm64 | *-kcsan) target=(ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-) ;;
	esac
	make -C "$tree" O="$out" "${target[@]}" \
		KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' "$@"
}

# The modules in $1/mods as a part of the guest's root file system, in which lib is a link
# that a folder would replace.
mods_cpio() { (cd "$1/mods" && find . -mindepth 2 | sort | cpio -o -H newc -R 0:0 --reproducible) >"$1/mods.cpio"; }
