# shellcheck shell=bash
# Device tree sources outside of the kernel's build. Sourced.

# compile_dts DTS DTB [OPTION...]: as the kernel would, with the NC1's .dtsi files at
# hand. What is wrong with the file goes to stderr.
compile_dts() {
	local dts=$1 dtb=$2 dir
	shift 2
	dir=$(dirname "$dts")
	cpp -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I "$dir" -I "$tree/arch/arm/boot/dts/vendor-nc" \
		-I "$tree/arch/arm/boot/dts" -I "$tree/include" -I "$tree/scripts/dtc/include-prefixes" "$dts" -o "$dtb.pre" &&
		dtc -q -I dts -O dtb -b 0 -i "$dir" "$@" -o "$dtb" "$dtb.pre"
}
