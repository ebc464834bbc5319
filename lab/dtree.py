"""Read a compiled device tree."""
import struct
import sys

import libfdt

OFF = ("disabled", "reserved")


class Node:
    """A node: its path, its properties as bytes, its children by name."""

    def __init__(self, path, parent):
        self.path, self.parent, self.props, self.children = path, parent, {}, {}

    def cells(self, name):
        """A property as numbers."""
        value = self.props.get(name, b"")
        return list(struct.unpack(">%dI" % (len(value) // 4), value[:len(value) // 4 * 4]))

    def strings(self, name):
        """A property as strings."""
        return self.props[name].decode("latin-1").split("\0")[:-1] if name in self.props else []

    def string(self, name):
        """The first of them."""
        return (self.strings(name) + [""])[0]

    def name(self):
        """The name without unit address."""
        return self.path.split("/")[-1].split("@")[0]

    def named(self, name):
        """The children of that name, with a unit address or without."""
        return [child for child in self.children.values() if child.name() == name]

    def child(self, name):
        """The first of them."""
        return next(iter(self.named(name)), None)

    def all(self):
        """The node and all below, in the order of the tree."""
        yield self
        for child in self.children.values():
            yield from child.all()

    def enabled(self):
        """Whether neither the node nor one of its parents is disabled. An invalid status does not
        count as disabled, so that it is the only finding."""
        status = self.string("status")
        return status not in OFF and not status.startswith("fail") and (self.parent is None or self.parent.enabled())


class Tree:
    """A compiled device tree."""

    def __init__(self, blob):
        try:
            fdt = libfdt.FdtRo(blob)
        except libfdt.FdtException:
            sys.exit("error: not a compiled device tree")
        self.root = self.read(fdt, 0, None)
        self.nodes = {node.path: node for node in self.root.all()}
        self.phandles = {node.cells("phandle")[0]: node for node in self.root.all() if node.cells("phandle")}

    def read(self, fdt, offset, parent):
        """The node at an offset, and all below."""
        path = "/" if parent is None else parent.path.rstrip("/") + "/" + fdt.get_name(offset)
        node = Node(path, parent)
        at = fdt.first_property_offset(offset, libfdt.QUIET_NOTFOUND)
        while at >= 0:
            prop = fdt.get_property_by_offset(at)
            node.props[prop.name] = bytes(prop)
            at = fdt.next_property_offset(at, libfdt.QUIET_NOTFOUND)
        at = fdt.first_subnode(offset, libfdt.QUIET_NOTFOUND)
        while at >= 0:
            node.children[fdt.get_name(at)] = self.read(fdt, at, node)
            at = fdt.next_subnode(at, libfdt.QUIET_NOTFOUND)
        return node

    def targets(self, node, name):
        """The nodes that the cells of a property point to, None where there is none."""
        return [self.phandles.get(cell) for cell in node.cells(name)]

    def target(self, node, name):
        """The first of them."""
        return (self.targets(node, name) + [None])[0]

    def specifiers(self, node, name, cells_name):
        """The entries of a property as (node, cells); the node is None where there is none."""
        cells, at, entries = node.cells(name), 0, []
        while at < len(cells):
            target = self.phandles.get(cells[at])
            size = (target.cells(cells_name) + [0])[0] if target else 0
            entries.append((target, cells[at + 1:at + 1 + size]))
            if target and cells_name not in target.props:
                break
            at += 1 + size
        return entries

    @staticmethod
    def reg(node):
        """The ranges in reg as (address, size), as the parent counts cells."""
        cells = node.cells("reg")
        high, low = ((node.parent.cells("#%s-cells" % what) + [default])[0]
                     for what, default in (("address", 2), ("size", 1)))

        def number(part):
            return int("".join("%08x" % cell for cell in part) or "0", 16)

        ranges, step = [], high + low
        for at in range(0, len(cells) - step + 1 if step else 0, step):
            ranges.append((number(cells[at:at + high]), number(cells[at + high:at + step])))
        return ranges
