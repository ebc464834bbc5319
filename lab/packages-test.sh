#!/bin/bash
# packages-test.sh: test the messages of packages.sh with a list of packages and an apt that
# are made here. Prints the failures.
# shellcheck disable=SC2016 # $ is for others here
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d "$build/packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lab" "$work/patches/$KVER" "$work/bin"
cp "$top/lab/lib.sh" "$top/lab/packages.sh" "$work/lab/"
printf '%s\n' '# a list' '[has]' 'here' '' '[wants]' 'here' 'wanted' '' '[cannot]' 'nowhere' 'wanted' >"$work/lab/packages.txt"
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}
# A user; "here" is installed, "wanted" is not, Debian has no "nowhere".
fake id 'echo 1000'
fake dpkg-query 'case $4 in here) printf installed ;; *) exit 1 ;; esac'
fake apt-cache 'case $2 in nowhere) ;; *) echo "$2 | 1 | mirror" ;; esac'
for name in sudo apt-get; do fake $name "echo called >>'$work/called'"; done

# expect STATUS TEXT GROUP...: packages.sh must end with this status and print TEXT
expect() {
	local wanted=$1 text=$2 said status=0
	shift 2
	said=$(PATH=$work/bin:$PATH "$work/lab/packages.sh" "$@" 2>&1) || status=$?
	[ $status = "$wanted" ] || say "$*: status $status"
	# shellcheck disable=SC2053 # a pattern
	[[ "$said" == $text ]] || say "$*: $said"
}
expect 0 "" has
expect 1 "*as root*    apt-get update && apt-get install --no-install-recommends wanted" has wants
expect 1 "error: Debian * has no package nowhere; *bookworm*" wants cannot
expect 1 "error: *no group other" other
# The apt of a new host has no lists yet.
fake apt-cache 'true'
expect 1 "*install --no-install-recommends wanted nowhere" wants cannot
[ ! -e "$work/called" ] || say "a user's packages.sh calls apt-get"

# A command needs each group, and each group that a command needs is in the list.
diff <(sed -n 's/^\[\(.*\)\]$/\1/p' "$top/lab/packages.txt" | sort) \
	<(sed -n 's/^[[:space:]]*"$top\/lab\/packages\.sh" \([^>&]*\).*/\1/p; s/.*groups="\?\([a-z0-9 ]*\).*/\1/p; s/.*arch:+ \(arm64\)}.*/\1/p' "$top"/lab/*.sh |
		tr ' ' '\n' | sed '/^$/d; /\$/d' | sort -u)
