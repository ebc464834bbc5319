# shellcheck shell=bash
# Build the modules below sound of a kernel a second time, from other sources, for the
# same vmlinux. So a stock kernel (stock.sh) and a mutant (mutants.sh) are built fast:
# all that differs is in modules, and objects elsewhere that include its headers do not
# depend on the lines that differ. All of that is checked. Sourced.

# The project's headers, patched ones too. A build with other headers has a folder that
# precedes the tree's in the search path.
soc_headers() { grep '^include/' "$tree.files" || true; }

# soc_sources DIR FILES: bring the sources in DIR up to date: those in the folder FILES,
# by kernel path, and the tree's for all others. Time stamps change with the contents
# only, so that make builds no more than necessary.
soc_sources() {
	local dir=$1 files=$2 new=$1.new file
	rm -rf "$new"
	mkdir -p "$dir" "$new/include"
	cp -al "$tree/sound" "$new/sound"
	for file in $(soc_headers) $(files_in "$files"); do
		case $file in
		sound/* | include/*) ;;
		*) die "$file is neither in sound nor a header: it would need a kernel of its own" ;;
		esac
		if [ -f "$files/$file" ]; then
			replace "$files/$file" "$new/$file"
		else
			replace "$tree/$file" "$new/$file"
		fi
	done
	rsync -rc --delete --exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' --exclude='.*' \
		--exclude=Module.symvers --exclude=modules.order --exclude=built-in.a "$new/sound" "$new/include" "$dir/"
	rm -rf "$new"
}

# depends FILE DIR [OPTION...]: print the objects in DIR that were compiled with FILE, from
# the compiler's dependency files.
depends() {
	local file=$1 dir=$2
	shift 2
	find "$dir" "$@" -name '.*.o.cmd' -exec grep -lF "$file" {} + || true
}

# Check that the object whose command is in the file $1, of the kernel in $out, is the same
# with the headers in $2.
same_object() {
	local command object new=$2/same.o
	command=$(sed -n '1{s/^[^:]*:= //; s/ -Wp,-MMD,[^ ]*//; p}' "$1")
	object=${command##* -o }
	object=${object%% *}
	command=${command/ -nostdinc / -I$2/include -nostdinc }
	(cd "$out" && eval "${command/ -o $object/ -o $new}" && cmp "$new" "$object")
}

# Object files whose command is in the files on stdin, without those of sound's
# modules: these are built a second time.
not_ours() {
	local file
	while read -r file; do
		case $file in
		"$out"/sound/*) grep -q -e ' -DMODULE ' "$file" || printf '%s\n' "$file" ;;
		*) printf '%s\n' "$file" ;;
		esac
	done
}

# soc_modules BASE DIR: build the modules of DIR/sound for the kernel BASE,
# and put BASE's other ones beside them into DIR/mods and DIR/mods.cpio.
soc_modules() {
	local base=$1 dir=$2 out=$build/$1 mods=$2/mods file wrong release
	# gcc is called with -nostdinc anyway; this variable is the first on its command line.
	kmake -j"$(nproc)" M="$dir/sound" NOSTDINC_FLAGS="-I$dir/include -nostdinc" modules
	for file in $(soc_headers); do
		wrong=$(depends "$tree/$file" "$dir/sound" | head -n 1)
		[ -z "$wrong" ] || die "$wrong was compiled with $tree/$file"
		! cmp -s "$dir/$file" "$tree/$file" || continue
		depends "$file" "$out" | not_ours >"$dir/others"
		while read -r wrong; do
			same_object "$wrong" "$dir" || die "$wrong depends on $file, which differs for sound only"
		done <"$dir/others"
	done
	rm -rf "$mods"
	cp -al "$out/mods" "$mods"
	release=$(basename "$mods"/lib/modules/*)
	(cd "$mods/lib/modules/$release/kernel/sound" && find . -name '*.ko') | while read -r file; do
		[ -f "$dir/sound/$file" ] || die "sound/$file was not built a second time"
		replace "$dir/sound/$file" "$mods/lib/modules/$release/kernel/sound/$file"
	done
	for file in snd-soc-core snd-pcm; do
		[ -n "$(find "$mods/lib/modules/$release/kernel/sound" -name "$file.ko")" ] || die "$file is no module in $base"
	done
	# The lists of modules are links to BASE's.
	rm -f "$mods/lib/modules/$release"/modules.{dep,alias,symbols,softdep,devname,builtin.bin,builtin.alias,dep.bin,weakdep}*
	depmod -b "$mods" "$release"
	mods_cpio "$dir"
	# All other modules are BASE's.
	ln -sfn "../$base/arch" "$dir/arch"
	ln -sfn "../$base/vmlinux" "$dir/vmlinux"
}
