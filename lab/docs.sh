#!/bin/bash
# docs.sh: this project's pages as HTML in out/docs/, built by the kernel's own htmldocs from
# the patched tree. That builds all of sound/soc, so that links to upstream's pages there
# work. A warning about a file of this project is an error. Without KVER: Linux 7.3.
export KVER=${KVER_GIVEN:-7.3}
. "$(dirname "$0")/lib.sh"

"$top/lab/packages.sh" tree docs
"$top/lab/tree.sh"
lock docs
pages=Documentation/sound/soc
out=$build/docs
text=$log/docs-$tag.log

# Sphinx warns about a page only when it reads it, so none may be left from the last run.
rm -rf "$out"
mkdir -p "$out"
step "docs-$tag" 60 kmake htmldocs SPHINXDIRS=sound/soc

# The pages that are as in the pristine source have warnings of their own.
upstream() { comm -23 <(cd "$tree" && find "$pages" -name '*.rst' | sort) <(sort "$tree.files"); }
# kernel-doc is silent if the file that a page names has no DOC: section of that title.
sections() {
	local file title
	(cd "$tree" && grep "^$pages/.*\.rst$" "$tree.files" | xargs sed -n '/^\.\. kernel-doc::/ { N; s/.*:: \(.*\)\n *:doc: /\1\t/p }') |
		while IFS=$'\t' read -r file title; do
			grep -qsxF " * DOC: $title" "$tree/$file" || say "warning: $file has no section \"DOC: $title\""
		done
}
found=$({ cat "$text"; sections; } | grep -iE 'warning|error|critical' | grep -vFf <(upstream) || true)
[ -z "$found" ] || die "warnings about this project's pages:"$'\n'"${found//"$tree/"/}"

rm -rf "$top/out/docs"
mkdir -p "$top/out"
cp -r "$out/Documentation/output/sound/soc" "$top/out/docs"
say "out/docs/vendor-nc/index.html"
