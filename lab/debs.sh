# shellcheck shell=bash
# Debian packages that are only unpacked: no root, no maintainer scripts, no foreign
# architecture on the host. Sourced. $apt is a folder for an apt of our own; the packages
# are stored in $debs.

# The suites that have linux-source-$1, or the package $1.
suites() { sed -n "s/#.*//; s/^$1 *//p" "$top/lab/suites"; }

# mirrors SUITE...: a line for apt for each, at the host's own mirrors.
mirrors() {
	local codename suite release
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && say "$VERSION_CODENAME")
	# shellcheck disable=SC2016 # apt fills these in
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' >"$apt/mirrors"
	for suite; do
		# Security has a mirror of its own.
		release=$codename
		[[ $suite != *-security ]] || release=$codename-security
		awk -v name="$release" -v suite="$suite" '$2 == name && $3 == "main" { print "deb", $1, suite, $3 }' "$apt/mirrors"
	done | sort -u
}

# apt_for ARCH STATUS SUITE...: make $apt, with the lists of what the SUITEs have; one
# that the mirror does not have, or whose signature is wrong, is left out. STATUS is a dpkg
# status file.
apt_for() {
	local arch=$1 status=$2
	shift 2
	# Packages for all architectures are in the lists of each one.
	[ "$arch" != all ] || arch=$(dpkg --print-architecture)
	rm -rf "${apt:?}"
	mkdir -p "$apt/state/lists/partial" "${debs:?}/partial" "$apt/etc"
	cp "$status" "$apt/status"
	mirrors "$@" >"$apt/etc/sources.list"
	[ -s "$apt/etc/sources.list" ] || { say "apt has no mirror of Debian $*"; return 1; }
	cat >"$apt/apt.conf" <<-END
	Dir::State "$apt/state";
	Dir::State::status "$apt/status";
	Dir::Cache "$apt/cache";
	Dir::Etc::sourcelist "$apt/etc/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	APT::Architecture "$arch";
	APT::Architectures { "$arch"; };
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Acquire::Languages "none";
	END
	apt-get -q -c "$apt/apt.conf" update || true
}

# fetch_debs ARCH INSTALLED LIST...: fetch the packages of the host's own release that
# the LISTs name, with their dependencies, but not those that the dpkg status file INSTALLED
# has (/dev/null: none). A line "-PACKAGE" in a LIST: it counts as installed, as only parts
# that do not run here depend on it.
fetch_debs() {
	local arch=$1 installed=$2 codename status
	shift 2
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && say "$VERSION_CODENAME")
	status=$(mktemp "$build/status.XXXXXX")
	sed -n 's/#.*//; s/^-//p' "$@" | xargs -r printf \
		'Package: %s\nStatus: install ok installed\nVersion: 99:99\nArchitecture: all\nMulti-Arch: foreign\nMaintainer: none\nDescription: none\n\n' >"$status.ours"
	awk -v RS= -v ORS='\n\n' 'FILENAME == ARGV[1] { ours[$2] = 1; print; next } !($2 in ours)' "$status.ours" "$installed" >"$status"
	apt_for "$arch" "$status" "$codename"
	rm -f "$status" "$status.ours"
	sed -e 's/#.*//; /^-/d' "$@" | xargs apt-get -q -c "$apt/apt.conf" -y --download-only install
}
