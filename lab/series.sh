# shellcheck shell=bash
# Write the project as commits: patches/VERSION/series has the patches of each series,
# lab/parts the files of the overlay that each series adds. Sourced by apply.sh and
# export.sh; needs lib.sh and stage.sh.

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

parts() { sed -n 's/^\[\(.*\)\]$/\1/p' "$top/lab/parts"; }

# "PART FILE" lines for the overlay's files for version $1.
part_files() {
	local name names file glob
	local -A paths
	names=$(parts)
	for name in $names; do paths[$name]=$(part "$name" paths); done
	overlay_files "$1" | while read -r file; do
		for name in $names ''; do
			[ -n "$name" ] || die "lab/parts has no part for $file"
			set -f
			for glob in ${paths[$name]}; do
				# shellcheck disable=SC2254 # a pattern is meant
				case $file in $glob) printf '%s %s\n' "$name" "$file"; break 2 ;; esac
			done
			set +f
		done
		set +f
	done
}

# The series of version $1 in the order in which they are sent, and the patches of series $2.
all_series() { sed -n 's/^# series //p' "$top/patches/$1/series"; }
patches_of() {
	series "$1" | awk -v want="$2" '
		FNR == NR { known[$1]; next }
		/^# series / { on = ($3 == want); next }
		on && $1 in known { print $1 }' - "$top/patches/$1/series"
}

# "series NAME", "part NAME" and "patch FILE" lines in the order of the commits for
# version $1.
commits() {
	local version=$1 name patch part used left list
	used=$(part_files "$version" | cut -d' ' -f1 | sort -u)
	list=$(all_series "$version")
	[ "$(for name in $list; do patches_of "$version" "$name"; done)" = "$(series "$version")" ] ||
		die "patches/$version/series has patches above its first line \"# series NAME\""
	for part in $used; do
		grep -qxF -e "$(part "$part" series)" <<<"$list" ||
			die "lab/parts: patches/$version/series has no series \"$(part "$part" series)\" for part $part"
	done
	for name in $list; do
		printf 'series %s\n' "$name"
		left=$(for part in $(parts); do
			[ "$(part "$part" series)" != "$name" ] || ! grep -qx "$part" <<<"$used" || printf '%s ' "$part"
		done)
		for patch in $(patches_of "$version" "$name") ''; do
			for part in $left; do
				# shellcheck disable=SC2254 # a pattern is meant
				case $patch in
				'' | $(part "$part" before))
					printf 'part %s\n' "$part"
					left=${left/"$part "/}
					;;
				esac
			done
			[ -z "$patch" ] || printf 'patch %s\n' "$patch"
		done
	done
}

# Commits have the user's own name, not one that git derives from the host.
need_identity() {
	git -C "$1" -c user.useConfigOnly=true var GIT_COMMITTER_IDENT >/dev/null 2>&1 ||
		die "git has no name for commits; set user.name and user.email with git config"
}

# commit_series REPO VERSION: write the commits on top of HEAD, and print the last one of
# each series as "NAME COMMIT". Neither a branch nor a file of the working tree changes.
# The user is the author; the dates are those of the patches, so that the commits are the
# same each time.
commit_series() {
	local repo=$1 version=$2 head author email date subject kind name file work last=""
	work=$(mktemp -d "$build/commit.XXXXXX")
	# The caller reads the output, so this is a subshell, whose trap runs at its own end.
	# shellcheck disable=SC2064 # the folder of now is meant
	trap "rm -rf '$work'" EXIT
	export GIT_INDEX_FILE=$work/index
	head=$(git -C "$repo" rev-parse --verify HEAD)
	git -C "$repo" read-tree "$head"
	author=$(git -C "$repo" var GIT_COMMITTER_IDENT)
	email=${author##*<} author=${author% <*}
	part_files "$version" >"$work/files"
	commits "$version" >"$work/commits"
	name=$(series "$version" | sed -n 1p)
	date=$(sed -n 's/^Date: //p' "$top/patches/$version/$name")
	while read -r kind name; do
		case $kind in
		series)
			[ -z "$last" ] || printf '%s %s\n' "$last" "$head"
			last=$name
			continue
			;;
		patch)
			git -C "$repo" mailinfo "$work/msg" "$work/diff" <"$top/patches/$version/$name" >"$work/info"
			date=$(sed -n 's/^Date: //p' "$work/info")
			subject=$(sed -n 's/^Subject: //p' "$work/info")
			git -C "$repo" apply --cached --whitespace=nowarn "$work/diff"
			;;
		part)
			subject=$(part "$name" subject)
			part "$name" >"$work/msg"
			while read -r part file; do
				[ "$part" != "$name" ] || printf '100644 %s\t%s\n' \
					"$(overlay_text "$version" "$file" | git -C "$repo" hash-object -w --no-filters --stdin)" "$file"
			done <"$work/files" | git -C "$repo" update-index --index-info
			;;
		esac
		head=$({ printf '%s\n\n' "$subject"; cat "$work/msg"; } | git stripspace |
			GIT_AUTHOR_NAME=$author GIT_AUTHOR_EMAIL=${email%>*} \
			GIT_AUTHOR_DATE=$date \
			git -C "$repo" commit-tree -p "$head" "$(git -C "$repo" write-tree)")
	done <"$work/commits"
	printf '%s %s\n' "$last" "$head"
}
