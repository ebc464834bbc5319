# shellcheck shell=bash
# Compile and check device tree sources outside of the kernel's build. Sourced.

# compile_dts DTS DTB [OPTION...]: as the kernel would, with the NC1's .dtsi files. Errors go
# to stderr.
compile_dts() {
	local dts=$1 dtb=$2 dir
	shift 2
	dir=$(dirname "$dts")
	cpp -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I "$dir" -I "$tree/arch/arm/boot/dts/vendor-nc" \
		-I "$tree/arch/arm/boot/dts" -I "$tree/include" -I "$tree/scripts/dtc/include-prefixes" "$dts" -o "$dtb.pre" &&
		dtc -q -I dts -O dtb -b 0 -i "$dir" "$@" -o "$dtb" "$dtb.pre"
}

# fetch_dt_schema SUITE...: unpack the newest version of these suites into $root. It must run
# with the Python of the host.
fetch_dt_schema() {
	apt_for all /dev/null "$@"
	rm -rf "$root" "$root.new" "$debs"/*.deb
	(cd "$debs" && apt-get -q -c "$apt/apt.conf" download dt-schema)
	dpkg-deb -x "$debs"/dt-schema_*.deb "$root.new"
	PYTHONPATH=$root.new/usr/lib/python3/dist-packages "$root.new/usr/bin/dt-validate" --version
	mv "$root.new" "$root"
}
# Provide dt-schema: that of the host if it is installed; else that of the host's release
# or, if there is none, that of one of lab/suites.
need_dt_schema() {
	local root=$build/dt-schema apt=$build/apt-dt-schema debs=$build/apt-dt-schema/cache codename
	command -v dt-validate >/dev/null && return
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && say "$VERSION_CODENAME")
	lock dt-schema
	# shellcheck disable=SC2046 # a list
	[ -x "$root/usr/bin/dt-validate" ] || step dt-schema 20 fetch_dt_schema $(apt-cache show dt-schema >/dev/null 2>&1 && say "$codename" || suites dt-schema)
	export PATH=$root/usr/bin:$PATH PYTHONPATH=$root/usr/lib/python3/dist-packages
}

# no_board FILE: why it cannot be the source of a board and how to find one, or nothing.
no_board() {
	if [ -d "$1" ]; then
		printf 'a folder; name one of its .dts files\n'
	elif [ ! -e "$1" ]; then
		printf 'does not exist\n'
	elif [ ! -s "$1" ]; then
		printf 'empty; porting.rst has the text of a board\n'
	elif [ "$(head -c 4 "$1" | od -An -tx1 | tr -d ' \n')" = d00dfeed ]; then
		printf 'a compiled device tree; name its source\n'
	elif ! grep -qI . "$1"; then
		printf 'not text; name the source of a board\n'
	elif [ "${1%.dtsi}" != "$1" ]; then
		printf 'a part of boards; name a .dts file that includes it\n'
	fi
}
