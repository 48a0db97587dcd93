// The functions under watch: what sysfs and configuration space say of them.
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "agent.h"

struct fn F[MAXFN];
int nf;

char *attr_path(struct fn *f, const char *attr)
{
	static __thread char b[256];
	snprintf(b, sizeof b, "/sys/bus/pci/devices/%s/%s", f->bdf, attr);
	return b;
}

long attr(struct fn *f, const char *name, char *buf, size_t n)
{
	long r = slurp(attr_path(f, name), buf, n);
	if (r >= 0) chomp(buf);
	return r;
}

int is_there(struct fn *f) { return access(attr_path(f, "vendor"), F_OK) == 0; }

int has_driver(struct fn *f) { return access(attr_path(f, "driver"), F_OK) == 0; }

int is_endpoint(struct fn *f) { return !strcmp(f->type, "endpoint") || f->physfn >= 0; }

struct fn *by_name(const char *s)
{
	for (int i = 0; i < nf; i++)
		if (!strcmp(F[i].alias, s) || !strcmp(F[i].bdf, s)) return &F[i];
	return 0;
}

int cap_at(struct fn *f, int id)
{
	if (!(f->cfg[6] & 0x10)) return -1;
	int p = f->cfg[0x34] & 0xfc, guard = 48;
	while (p >= 0x40 && guard--) {
		if (f->cfg[p] == id) return p;
		p = f->cfg[p + 1] & 0xfc;
	}
	return -1;
}

int ecap_at(struct fn *f, int id)
{
	if (f->cfglen < 4096) return -1;
	int p = 0x100, guard = 100;
	while (p >= 0x100 && guard--) {
		uint32_t h;
		memcpy(&h, f->cfg + p, 4);
		if (!h || h == 0xffffffff) return -1;
		if ((int)(h & 0xffff) == id) return p;
		p = (h >> 20) & 0xffc;
	}
	return -1;
}

// "0x44", "68", "PM+4", "CAP09", "ECAP0001+8"; 0 when the capability is absent
int offset_of(struct fn *f, const char *s, uint64_t *out)
{
	static const struct { const char *n; int id; } names[] = {
		{ "PM", 1 }, { "VPD", 3 }, { "MSIX", 0x11 }, { "MSI", 5 }, { "EXP", 0x10 }, { "AF", 0x13 },
	};
	if (isdigit((unsigned char)*s)) { *out = strtoull(s, 0, 0); return 1; }
	char name[32]; long add = 0;
	snprintf(name, sizeof name, "%s", s);
	char *plus = strchr(name, '+');
	if (plus) { *plus = 0; add = strtol(plus + 1, 0, 0); }
	int p = -1;
	if (!strncmp(name, "ECAP", 4)) p = ecap_at(f, strtol(name + 4, 0, 16));
	else if (!strncmp(name, "CAP", 3)) p = cap_at(f, strtol(name + 3, 0, 16));
	else for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i].n)) p = cap_at(f, names[i].id);
	if (p < 0) return 0;
	*out = p + add;
	return 1;
}

// a BAR number, or "M" for the first memory BAR of a page or more, "IO" for the first I/O BAR
int bar_of(struct fn *f, const char *s, int *out)
{
	if (isdigit((unsigned char)*s)) { *out = atoi(s); return 1; }
	char *p = f->resources;
	for (int i = 0; i < 6 && *p; i++) {
		unsigned long long a, b, fl;
		if (sscanf(p, "%llx %llx %llx", &a, &b, &fl) != 3) break;
		if (!strcmp(s, "M") && (fl & 0x200) && b - a + 1 >= 4096) { *out = i; return 1; }
		if (!strcmp(s, "IO") && (fl & 0x100)) { *out = i; return 1; }
		p = strchr(p, '\n');
		if (!p) break;
		p++;
	}
	return 0;
}

int slot_fd(struct fn *f, const char *name)
{
	for (int i = 0; i < f->nslots; i++)
		if (!strcmp(f->slots[i].name, name)) return f->slots[i].fd;
	if (f->nslots == MAXSLOT) return -1;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	snprintf(f->slots[f->nslots].name, 24, "%s", name);
	f->slots[f->nslots++].fd = fd;
	return fd;
}

void drop_slots(struct fn *f)
{
	for (int i = 0; i < f->nslots; i++) close(f->slots[i].fd);
	f->nslots = 0;
}

static void put_fn_state(struct fn *f)
{
	char b[64];
	put("{\"ps\":");
	if (attr(f, "power_state", b, sizeof b) >= 0) put_str(b); else put("null");   // 5.10 has no such file
	attr(f, "power/runtime_status", b, sizeof b); put(",\"rs\":"); put_str(b);
	attr(f, "power/runtime_usage", b, sizeof b); put(",\"usage\":%d", atoi(b));
	attr(f, "power/runtime_active_kids", b, sizeof b); put(",\"kids\":%d", atoi(b));
	attr(f, "power/control", b, sizeof b); put(",\"ctl\":"); put_str(b);
	attr(f, "power/runtime_enabled", b, sizeof b); put(",\"en\":"); put_str(b);
	if (attr(f, "d3cold_allowed", b, sizeof b) >= 0) put(",\"d3\":%d}", atoi(b));
	else put(",\"d3\":null}");
}

void put_state(void)
{
	int first = 1;
	put("{");
	for (int i = 0; i < nf; i++) {
		if (!is_there(&F[i])) continue;
		put("%s\"%s\":", first ? "" : ",", F[i].bdf);
		put_fn_state(&F[i]);
		first = 0;
	}
	put("}");
}

const char *state_text(struct fn *f)
{
	static char r[512];
	size_t at = text_length();
	if (!is_there(f)) return "";
	put_fn_state(f);
	snprintf(r, sizeof r, "%.*s", (int)(text_length() - at), text_from(at));
	text_cut(at);
	return r;
}

int is_moving(void)
{
	char b[32];
	for (int i = 0; i < nf; i++) {
		attr(&F[i], "power/runtime_status", b, sizeof b);
		if (!strcmp(b, "suspending") || !strcmp(b, "resuming")) return 1;
	}
	return 0;
}

void read_static(struct fn *f)
{
	char b[256];
	int fd = open(attr_path(f, "config"), O_RDONLY | O_CLOEXEC);
	f->cfglen = fd < 0 ? 0 : pread(fd, f->cfg, 4096, 0);
	if (fd >= 0) close(fd);
	attr(f, "resource", f->resources, sizeof f->resources);
	attr(f, "power/control", f->control, sizeof f->control);
	if (attr(f, "power/autosuspend_delay_ms", f->delay, sizeof f->delay) < 0) f->delay[0] = 0;
	attr(f, "d3cold_allowed", f->d3, sizeof f->d3);
	attr(f, "power/wakeup", f->wakeup, sizeof f->wakeup);
	attr(f, "reset_method", f->resets, sizeof f->resets);
	ssize_t n = readlink(attr_path(f, "iommu_group"), b, sizeof b - 1);
	f->group = -1;
	if (n > 0) { b[n] = 0; f->group = atoi(strrchr(b, '/') + 1); }
}
