# shellcheck shell=bash
# Debian packages that are only unpacked: no root, no maintainer scripts, no foreign
# architecture on the host. Sourced. $apt is a folder for an apt of our own; the packages
# come to lie in $debs.

# fetch_debs ARCH INSTALLED LIST...: fetch the packages that the LISTs name, with what
# they depend on. INSTALLED is a dpkg status file: what it has is not fetched; /dev/null
# has nothing. A line "-PACKAGE" in a LIST: only parts that do not run here depend on it,
# it counts as installed. The mirrors are those that the host itself uses.
fetch_debs() {
	local arch=$1 installed=$2 codename
	shift 2
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && say "$VERSION_CODENAME")
	rm -rf "${apt:?}"
	mkdir -p "$apt/state/lists/partial" "${debs:?}/partial" "$apt/etc"
	sed -n 's/#.*//; s/^-//p' "$@" | xargs -r printf \
		'Package: %s\nStatus: install ok installed\nVersion: 99:99\nArchitecture: all\nMulti-Arch: foreign\nMaintainer: none\nDescription: none\n\n' >"$apt/status.ours"
	awk -v RS= -v ORS='\n\n' 'FILENAME == ARGV[1] { ours[$2] = 1; print; next } !($2 in ours)' "$apt/status.ours" "$installed" >"$apt/status"
	# shellcheck disable=SC2016 # apt fills these in
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v name="$codename" '$2 == name && $3 == "main" { print "deb", $1, $2, $3 }' |
		sort -u >"$apt/etc/sources.list"
	[ -s "$apt/etc/sources.list" ] || { say "apt knows no source for Debian $codename"; return 1; }
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
	apt-get -q -c "$apt/apt.conf" update
	sed -e 's/#.*//; /^-/d' "$@" | xargs apt-get -q -c "$apt/apt.conf" -y --download-only install
}
