# shellcheck shell=bash
# The project as a series of commits: the patches of patches/VERSION/series with
# the overlay parts of lab/parts in between. Sourced by apply.sh and export.sh;
# needs lib.sh and stage.sh.

# Value of KEY in part $1; with no KEY the message below the first empty line.
part() {
	awk -v name="[$1]" -v key="${2:-}" '
		/^\[.*\]$/ { on = ($0 == name); body = 0; next }
		!on { next }
		body && key == "" { lines = lines $0 "\n"; next }
		/^$/ { body = 1; next }
		!body && key != "" && index($0, key ": ") == 1 { print substr($0, length(key) + 3) }
		END { sub(/\n+$/, "", lines); if (lines != "") print lines }' "$top/lab/parts"
}

parts() { sed -n 's/^\[\(.*\)\]$/\1/p' "$top/lab/parts" | grep -vx cover; }

# The part that file $1 belongs to.
part_of() {
	local name glob
	for name in $(parts); do
		set -f
		for glob in $(part "$name" paths); do
			# shellcheck disable=SC2254 # a pattern is meant
			case $1 in $glob) printf '%s\n' "$name"; set +f; return ;; esac
		done
		set +f
	done
	die "lab/parts has no part for $1"
}

# "part NAME" and "patch FILE" lines in the order of the commits for version $1.
commits() {
	local version=$1 patch name done=" "
	local used list
	used=" $(overlay_files | while read -r file; do part_of "$file"; done | sort -u | tr '\n' ' ')"
	list=$(series "$version")
	for patch in $list ''; do
		for name in $(parts); do
			case $used in *" $name "*) ;; *) continue ;; esac
			case $done in *" $name "*) continue ;; esac
			# shellcheck disable=SC2254 # a pattern is meant
			case $patch in '' | $(part "$name" before)) printf 'part %s\n' "$name"; done="$done$name " ;; esac
		done
		[ -z "$patch" ] || printf 'patch %s\n' "$patch"
	done
}

# Commits are the user's own: no name made up from the host's.
need_identity() {
	git -C "$1" -c user.useConfigOnly=true var GIT_COMMITTER_IDENT >/dev/null 2>&1 ||
		die "git does not know you; set user.name and user.email with git config"
}

# commit_series REPO VERSION: write the commits on top of HEAD and print the last
# one. Neither a branch nor a file of the working tree changes.
commit_series() {
	local repo=$1 version=$2 head author="" email="" date="" subject kind name file work
	work=$(mktemp -d "$build/commit.XXXXXX")
	# The caller takes what is printed: this is a subshell, with an end of its own.
	# shellcheck disable=SC2064 # the folder of now is meant
	trap "rm -rf '$work'" EXIT
	export GIT_INDEX_FILE=$work/index
	head=$(git -C "$repo" rev-parse --verify HEAD)
	git -C "$repo" read-tree "$head"
	# The parts are by whom the patches are by.
	name=$(series "$version")
	name=${name%%$'\n'*}
	if [ -n "$name" ]; then
		git -C "$repo" mailinfo "$work/msg" "$work/diff" <"$top/patches/$version/$name" >"$work/info"
		author=$(sed -n 's/^Author: //p' "$work/info")
		email=$(sed -n 's/^Email: //p' "$work/info")
	fi
	overlay_files | while read -r file; do printf '%s %s\n' "$(part_of "$file")" "$file"; done >"$work/files"
	commits "$version" >"$work/commits"
	while read -r kind name; do
		if [ "$kind" = patch ]; then
			git -C "$repo" mailinfo "$work/msg" "$work/diff" <"$top/patches/$version/$name" >"$work/info"
			author=$(sed -n 's/^Author: //p' "$work/info")
			email=$(sed -n 's/^Email: //p' "$work/info")
			date=$(sed -n 's/^Date: //p' "$work/info")
			subject=$(sed -n 's/^Subject: //p' "$work/info")
			git -C "$repo" apply --cached --whitespace=nowarn "$work/diff"
		else
			date=""
			subject=$(part "$name" subject)
			part "$name" >"$work/msg"
			while read -r part file; do
				[ "$part" != "$name" ] || printf '100644 %s\t%s\n' \
					"$(git -C "$repo" hash-object -w --no-filters "$top/$file")" "$file"
			done <"$work/files" | git -C "$repo" update-index --index-info
		fi
		head=$({ printf '%s\n\n' "$subject"; cat "$work/msg"; } | git stripspace |
			GIT_AUTHOR_NAME=$author GIT_AUTHOR_EMAIL=$email GIT_AUTHOR_DATE=$date \
			git -C "$repo" commit-tree -p "$head" "$(git -C "$repo" write-tree)")
	done <"$work/commits"
	printf '%s\n' "$head"
}
