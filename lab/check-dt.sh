#!/bin/bash
# check-dt.sh: check bindings and boards of this project with the kernel's own
# dt_binding_check and CHECK_DTBS, and the boards of lab/boards with board.py, for one
# KVER, the oldest if none is given. Prints TAP; fails if any line is "not ok".
# DTS=FILE in the environment: only look at this board, with the bindings and board.py,
# and print a line for each finding.
#
# Those targets succeed whatever they find, and they complain about many files
# that are not ours, as Debian's dt-schema is older than the kernel. So each message
# about a file of ours is a failure, and each of our files that make did not check;
# and errors planted in copies must be found.
. "$(dirname "$0")/lib.sh"
. "$top/lab/debs.sh"
. "$top/lab/dt.sh"

# Debian's device tree tools are as old as the oldest kernel.
if [ -z "${KVER_GIVEN:-}$KSRC" ]; then
	KVER=$(supported)
	export KVER=${KVER##* } KVER_GIVEN=yes
	exec "$0"
fi
DTS=${DTS:-}
why=$([ -z "$DTS" ] || no_board "$DTS")
[ -z "$why" ] || die "DTS=$DTS: $why"

bindings=Documentation/devicetree/bindings
boards=arch/arm/boot/dts/vendor-nc
schema=$bindings/processed-schema.json
out=$build/$tag-dt

# Schemas that report our boards wrongly, as dt-schema is too old:
# fsl,qe.yaml lists "simple-bus" as its second compatible. 2022.8
# therefore applies it to every simple-bus; later versions do not.
not_ours='From schema: .*/soc/fsl/cpm_qe/fsl,qe\.yaml$'

"$top/lab/packages.sh" tree kernel dt >&2
need_dt_schema >&2
"$top/lab/tree.sh" | sed 's/^/# /'
lock "$tag-dt"
exec 8>"$build/lock.tree-$tag"
flock -s 8

planted=$(mktemp -d "$build/planted.XXXXXX")
trap 'rm -rf "$planted"' EXIT

# try_make LOG ARGUMENTS...: continue after errors and never fail; the log has them.
try_make() {
	local file=$log/$tag-dt-$1.log
	shift
	kmake -k -j"$(nproc)" -Otarget W=1 DT_SCHEMA_MIN_VERSION=2022.8 "$@" >"$file" 2>&1 || true
}

check_documents() { dt-doc-validate -u "$tree/$bindings" "$@" 2>&1 || true; }
# check_dtb OPTION... DTB...
check_dtb() { dt-validate -u "$tree/$bindings" -p "$out/$schema" "$@" 2>&1 || true; }

# messages PATTERN: those on stdin that count and begin with a path that ends in
# PATTERN. A message goes on in lines that begin with a tab.
messages() {
	awk -v about="^[^ ]*/$1:" -v not_ours="$not_ours" '
		function done() { if (text ~ about && text !~ not_ours) print text }
		/^\t/ { text = text "\n" $0; next }
		{ done(); text = $0 }
		END { done() }'
}

# made LOG PRODUCT: nothing if make built and checked it, else what it said.
made() {
	grep -Eq "DTC(_CHK| \[C\]) +$2\$" "$log/$tag-dt-$1.log" && [ -s "$out/$2" ] && return
	say "${2##*/} was not built and checked; the end of build/log/$tag-dt-$1.log:"
	tail -n 5 "$log/$tag-dt-$1.log"
}

# A board given by DTS.
if [ -n "$DTS" ]; then
	compile_dts "$DTS" "$planted/board.dtb" 2>"$planted/errors" || {
		why=$(grep -m 1 -i error "$planted/errors" || head -n 1 "$planted/errors")
		die "$DTS does not compile: $why"
	}
	mkdir -p "$out"
	[ -f "$out/.config" ] || try_make config allnoconfig
	try_make schema DT_SCHEMA_FILES=vendor-nc dt_binding_check
	[ -s "$out/$schema" ] || die "the bindings cannot be read; see $log/$tag-dt-schema.log"
	check_dtb -m "$planted/board.dtb" | messages "board\.dtb" >"$planted/said"
	"$top/lab/board.py" "$DTS" "$planted/board.dtb" "$planted/said" || exit 1
	say "$DTS: no findings"
	exit
fi

count=0
failed=0
# report NAME WHY: a TAP line; a failure if there is a reason WHY.
report() {
	count=$((count + 1))
	if [ -z "$2" ]; then
		say "ok $count - $1 ($tag)"
	else
		failed=$((failed + 1))
		say "not ok $count - $1 ($tag)"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

mapfile -t documents < <(cd "$tree/$bindings" && find . -name 'vendor-nc*.yaml' -printf '%P\n' | sort)
mapfile -t names < <(cd "$tree/$boards" && find . -name '*.dts' -printf '%P\n' | sed 's/\.dts$//' | sort)
[ ${#documents[@]} != 0 ] && [ ${#names[@]} != 0 ] || die "no bindings or no boards in $tree"
say "TAP version 13"
mapfile -t broken < <("$top/lab/boards.py" write nc1-phone.dts "$planted")
[ ${#broken[@]} != 0 ] || die "lab/boards has no boards"
say "1..$((${#documents[@]} + 2 * ${#names[@]} + 4 + ${#broken[@]}))"

# Make would not check again what it has checked, whatever was found: remove its products.
# Only the schema is kept, which takes long; make builds it again if a binding changed.
mkdir -p "$out/$bindings"
rm -rf "${out:?}/$boards" "$out/$bindings/.dt-binding.checked"
find "$out/$bindings" -name 'vendor-nc*' -delete
[ -f "$out/.config" ] || try_make config allnoconfig
try_make bindings DT_SCHEMA_FILES=vendor-nc dt_binding_check
# 6.1 checks documents only when it makes the schema.
check_documents "${documents[@]/#/$tree/$bindings/}" >>"$log/$tag-dt-bindings.log"
for file in "${documents[@]}"; do
	name=${file%.yaml}
	report "binding $file" "$(
		messages "$name\.(yaml|example\.dt[sb])" <"$log/$tag-dt-bindings.log"
		# Linux 7 makes none where a document has no example.
		! grep -q '^examples:' "$tree/$bindings/$file" || made bindings "$bindings/$name.example.dtb")"
done

products=("${names[@]/#/vendor-nc/}")
products=("${products[@]/%/.dtb}")
try_make boards CHECK_DTBS=y "${products[@]}"
for name in "${names[@]}"; do
	report "board $name" "$(
		messages "vendor-nc/($name\.dt[sb]|[^/]*\.dtsi)" <"$log/$tag-dt-boards.log"
		made boards "$boards/$name.dtb")"
done

for name in "${names[@]}"; do
	report "board $name has no findings" "$(
		"$top/lab/board.py" "$name" "$out/$boards/$name.dtb" 2>&1 || true)"
done

# dt-validate and dt-check-compatible should report this, but a pattern somewhere in
# the bindings of 6.12 makes them accept any compatible.
mapfile -t compatibles < <(grep -rhoE '"vendor-nc,[^"]+"' "$tree/sound/soc/vendor-nc" "$tree/$boards" |
	tr -d '"' | sort -u)
report "every compatible has a binding" "$(
	[ ${#compatibles[@]} != 0 ] || say "there is no compatible"
	for compatible in "${compatibles[@]}"; do
		grep -qE "(const:|-) +$compatible\$" "${documents[@]/#/$tree/$bindings/}" ||
			say "$compatible is in none"
	done)"

# Planted errors: one in a document, the others in a board that was fine.
missed=""
document=sound/vendor-nc,nc1-fe
mkdir "$planted/sound"
sed 's/maxItems: 1$/maxItems: one/' "$tree/$bindings/$document.yaml" >"$planted/$document.yaml"
[ -n "$(check_documents "$planted/$document.yaml" | messages "$document\.yaml")" ] ||
	missed="maxItems: one"

dtb=$planted/phone.dtb
wanted=()
# plant MESSAGE PATH PROPERTY VALUE...: set a property, without a value remove it.
plant() {
	local path=$2
	wanted+=("${path##*/}: $1")
	shift 2
	if [ $# = 1 ]; then
		fdtput -d "$dtb" "$path" "$1"
	else
		fdtput -t s "$dtb" "$path" "$@"
	fi 2>/dev/null || missed+=$'\n'"cannot plant $* in $path"
}
cp "$out/$boards/nc1-phone.dtb" "$dtb" || true
plant "'clocks' is a required" /soc/audio-fe@5f000000 clocks
plant "dma-names:0: 'tx' was expected" /soc/audio-fe@5f000100 dma-names rx
plant "dma-names:0: 'rx' was expected" /soc/audio-fe@5f000400 dma-names tx
plant "'dma-names' does not match" /soc/audio-crossbar@5f001000 dma-names tx
plant "'resets' is a required" /soc/audio-port@5f002000 resets
plant "clock-names:1: 'mclk48k' was expected" /soc/audio-port@5f004000 clock-names bus mclk44k mclk48k
plant "'memory-region' is a required" /dma-controller memory-region
plant "'links' is a required" /sound links
check_dtb -m "$dtb" | messages "phone\.dtb" >"$planted/found"
for message in "${wanted[@]}"; do
	grep -qF "phone.dtb: $message" "$planted/found" || missed+=$'\n'"$message"
done
report "planted errors are found" "${missed:+not found: $missed}"

# Boards that are wrong in one place, and some that are not. Our bindings only: with all of
# them it takes some seconds for each board.
compile_dts "$tree/$boards/nc1-phone.dts" "$planted/base.dtb" -@
for name in "${broken[@]}"; do
	compile_dts "$planted/$name.dts" "$planted/$name.dtb"
done
# said_of NAME...: the messages of dt-validate about $planted/NAME.dtb that count.
said_of() {
	local dtbs=("${@/#/$planted/}")
	check_dtb -l vendor-nc "${dtbs[@]/%/.dtb}" | messages "[^/]*\.dtb"
}
said_of "${broken[@]}" >"$planted/said"
"$top/lab/boards.py" found "$planted/base.dtb" "$planted" "$planted/said" >"$planted/found" || true
for name in "${broken[@]}"; do
	report "board $name: findings are as listed" "$(
		awk -v name="$name" '
			/^(ok|not ok) / { mine = $NF == name; seen += mine && /^ok/ }
			mine && /^#/ { print substr($0, 3); seen++ }
			END { if (!seen) print "was not looked at" }' "$planted/found")"
done

# Do literally what a finding proposes.
mapfile -t mended < <("$top/lab/boards.py" mend "$planted" "$planted/said")
said_of "${mended[@]}" >"$planted/said-mended"
report "a board loses a finding by what its line says" "$(
	[ ${#mended[@]} != 0 ] || say "no finding names a value"
	cat "$planted/said" "$planted/said-mended" >"$planted/said-all"
	"$top/lab/boards.py" mended "$planted" "$planted/said-all")"

# Files that are no board: one sentence each.
mkdir "$planted/folder"
: >"$planted/empty.dts"
head -c 100 /dev/zero >"$planted/binary.dts"
cp "$planted/base.dtb" "$planted/compiled.dts"
printf '/dts-v1/;\n/ { compatible = "acme,board"; sound { compatible = "audio-graph-card2"; }; };\n' >"$planted/other.dts"
compile_dts "$planted/other.dts" "$planted/other.dtb"
report "what is no board gets one line" "$(
	while read -r file words; do
		found=$(no_board "$file")
		[[ $found == "$words"* ]] && [ "$(grep -c . <<<"$found")" = 1 ] || say "$file, \"$words\" expected: $found"
	done <<-EOF
		$planted/folder a folder;
		$planted/nothing.dts does not exist
		$planted/empty.dts empty;
		$planted/binary.dts not text;
		$planted/compiled.dts a compiled device tree;
		$tree/$boards/nc1.dtsi a part of boards;
	EOF
	say "$(no_board "$tree/$boards/nc1-phone.dts")"
	found=$("$top/lab/board.py" other.dts "$planted/other.dtb" || true)
	[ "$found" = "other.dts: /: compatible: no board with an NC1; include nc1.dtsi, and see porting.rst" ] ||
		say "a board of another SoC: $found")"

[ $failed = 0 ]
