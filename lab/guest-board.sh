# shellcheck shell=dash
# In the guest: wait until no more devices will be bound, and write to /out the kernel's log
# with its levels (dmesg) and a line for each platform device that has a node: the path
# of the node, and the driver that is bound or "-" (bound). If there is a list of programs
# they are run before that, as in guest-check.sh.

# If the card is not bound, the kernel logs the device that it waits for, or the error. Check
# rarely: time in the guest costs the host nothing, programs do.
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

# Open the card, if there is one: without a route that fails, and must do no harm.
if card=$(readlink "/proc/asound/$(cat /tmp/card)"); then
	(: >"/dev/snd/pcmC${card#card}D0p") 2>/dev/null || true
fi

# shellcheck source=lab/guest-check.sh
[ ! -e "${lab:-/lab}/list" ] || . "${lab:-/lab}/guest-check.sh"

dmesg -r >/out/dmesg
# Linux 6.1 logs which device waits, but not the reason.
! grep -q 'deferred probe pending$' /out/dmesg || sed 's/^/<4>/' /sys/kernel/debug/devices_deferred >>/out/dmesg
for device in /sys/bus/platform/devices/*; do
	[ -e "$device/of_node" ] || continue
	node=$(readlink -f "$device/of_node")
	driver=-
	[ ! -e "$device/driver" ] || driver=$(basename "$(readlink "$device/driver")")
	echo "${node#/sys/firmware/devicetree/base} $driver"
done >/out/bound
