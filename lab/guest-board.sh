# shellcheck shell=dash
# In the guest: wait until all is bound that will be, and leave in /out the kernel's log
# with its levels (dmesg) and a line for each platform device that has a node: the path
# of the node, and the driver that is bound or "-" (bound). If there is a list of programs
# they are run before that, as in guest-check.sh.

# Where the card is not bound the kernel says what it waits for, or why it failed. Rarely
# asked: the guest's time costs the host nothing, what runs in it does.
card() { cat /proc/asound/card[0-9]*/id 2>/dev/null | grep -v -m 1 -x NC1Bench; }
settled() {
	card >/tmp/card ||
		dmesg | grep -q -e ' sound: deferred probe pending' -e ' sound: error'
}
left=30
until settled; do
	left=$((left - 1))
	[ $left -gt 0 ] || break
	sleep 2
done

# A card that is there can be opened: without a route that fails, and must do no harm.
if card=$(readlink "/proc/asound/$(cat /tmp/card)"); then
	(: >"/dev/snd/pcmC${card#card}D0p") 2>/dev/null || true
fi

# shellcheck source=lab/guest-check.sh
[ ! -e "${lab:-/lab}/list" ] || . "${lab:-/lab}/guest-check.sh"

dmesg -r >/out/dmesg
# Linux 6.1 logs who waits, but not for what.
! grep -q 'deferred probe pending$' /out/dmesg || sed 's/^/<4>/' /sys/kernel/debug/devices_deferred >>/out/dmesg
for device in /sys/bus/platform/devices/*; do
	[ -e "$device/of_node" ] || continue
	node=$(readlink -f "$device/of_node")
	driver=-
	[ ! -e "$device/driver" ] || driver=$(basename "$(readlink "$device/driver")")
	echo "${node#/sys/firmware/devicetree/base} $driver"
done >/out/bound
