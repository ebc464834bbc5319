# shellcheck shell=bash
# shellcheck disable=SC2034 # used by those who source it
# What apply.sh and unapply.sh have in common: the user's tree KDIR. Sourced.

[ -n "${KDIR:-}" ] || die "say which kernel tree: KDIR=DIR"
[ -d "$KDIR" ] || die "KDIR=$KDIR does not exist"
KDIR=$(realpath "$KDIR")
version=$(tree_version "$KDIR") || die "KDIR=$KDIR is no kernel tree"
[ -d "$top/patches/$version" ] || die "KDIR=$KDIR is Linux $version; supported are: $(supported)"
[ -z "${KVER_GIVEN:-}" ] || [ "$KVER_GIVEN" = "$version" ] || die "KDIR=$KDIR is Linux $version, not KVER=$KVER_GIVEN"
[ -w "$KDIR" ] || die "KDIR=$KDIR is not writable"

# A plain tree keeps its record here, a git tree in two refs of its own.
record=$KDIR/.nc1-applied
base_ref=refs/nc1/base
applied_ref=refs/nc1/applied

# A plain tree may lie inside some other git repository.
is_git() { [ -e "$KDIR/.git" ]; }
if is_git; then
	why=$(git -C "$KDIR" rev-parse --verify HEAD 2>&1) ||
		die "git cannot use $KDIR: ${why%%$'\n'*}"
fi
