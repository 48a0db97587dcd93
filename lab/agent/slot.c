// What happens to the slot of a port that is served for hotplug: cards come and go, and the administrator switches it.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include "agent.h"

#define PVPANIC 0x505

// The machine stands still until the recorder (monitor.py) has done what was asked, so it takes no time.
static void ask_surroundings(const char *op, struct fn *f)
{
	say("@monitor %s %s", op, f->alias);
	begin(op, f);
	outb(1, PVPANIC);
	untimed();
	put(",\"ret\":0");
	finish();
}

// Somebody presses the attention button; the card leaves when the slot's power is off.
static void op_unplug(struct fn *f) { ask_surroundings("unplug", f); }

static void op_plug(struct fn *f) { ask_surroundings("plug", f); }

// /sys/bus/pci/slots/N, whose address is that of the bus below the port
static int slot_path(struct fn *port, const char *attr, char *path, size_t n)
{
	char address[32], below[32];
	struct dirent *d;
	snprintf(below, sizeof below, "%.5s%02x:00", port->bdf, port->cfg[0x19]);
	DIR *slots = opendir("/sys/bus/pci/slots");
	int found = 0;
	while (slots && !found && (d = readdir(slots))) {
		snprintf(path, n, "/sys/bus/pci/slots/%s/address", d->d_name);
		if (slurp(path, address, sizeof address) < 0) continue;
		chomp(address);
		found = !strcmp(address, below);
		snprintf(path, n, "/sys/bus/pci/slots/%s/%s", d->d_name, attr);
	}
	if (slots) closedir(slots);
	return found;
}

static void op_slot_read(struct fn *f)
{
	char path[320];
	if (slot_path(f, T[2], path, sizeof path)) read_file("slot_read", f, path);
}

static void op_slot_write(struct fn *f)
{
	char path[320];
	if (slot_path(f, T[2], path, sizeof path)) write_file("slot_write", f, path);
}

const struct operation slot_operations[] = {
	{ "plug", op_plug }, { "unplug", op_unplug },
	{ "slot_read", op_slot_read }, { "slot_write", op_slot_write },
	{ 0 },
};
