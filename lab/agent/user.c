// What the user of a device does: opens and closes, ioctls, reads, writes and mappings.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/vfio.h>
#include "agent.h"

#ifndef VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY
#define VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY 3
#endif

#define REGION(index) ((uint64_t)(index) << 40)
#define CLOSED_FD 777

struct grp { int group, fd, container, users; };
static struct grp G[MAXFN]; static int ng;

static struct grp *grp_of(int group)
{
	for (int i = 0; i < ng; i++) if (G[i].group == group) return &G[i];
	return 0;
}

static int open_group(struct fn *f, struct grp *g, const char **stage)
{
	char p[64];
	*stage = "container";
	g->group = f->group; g->users = 0;
	g->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (g->container < 0) return -errno;
	snprintf(p, sizeof p, "/dev/vfio/%d", f->group);
	*stage = "group";
	g->fd = open(p, O_RDWR | O_CLOEXEC);
	if (g->fd < 0) { int e = errno; close(g->container); return -e; }
	*stage = "set_container";
	if (!ioctl(g->fd, VFIO_GROUP_SET_CONTAINER, &g->container)) {
		*stage = "set_iommu";
		if (!ioctl(g->container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)) return 0;
	}
	int e = errno;
	close(g->fd); close(g->container);
	return -e;
}

static int do_open(struct fn *f, const char **stage)
{
	struct grp *g = grp_of(f->group);
	if (!g) {
		int r = open_group(f, &G[ng], stage);
		if (r < 0) return r;
		g = &G[ng++];
	}
	*stage = "device_fd";
	char name[128];
	snprintf(name, sizeof name, "%s%s%s", f->bdf, opt("token") ? " vf_token=" : "", opt("token") ? opt("token") : "");
	int fd = TIMED(ioctl(g->fd, VFIO_GROUP_GET_DEVICE_FD, name));
	if (fd < 0) {
		int e = errno;
		if (!g->users) { close(g->fd); close(g->container); *g = G[--ng]; }
		return -e;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (f->devfd >= 0) f->below[f->nbelow++] = f->devfd;
	f->devfd = fd;
	g->users++;
	*stage = 0;
	return 0;
}

static void op_open(struct fn *f)
{
	int again = nt > 2 && !strcmp(T[2], "again");
	if (f->devfd >= 0 && (!again || f->nbelow == 4)) return;
	const char *stage = 0;
	begin("open", f);
	if (opt("token")) put(",\"token\":\"%s\"", opt("token"));
	int r = do_open(f, &stage);
	put(",\"ret\":%d", r);
	if (r) put(",\"stage\":\"%s\"", stage);
	finish();
}

void unmap_all(struct fn *f)
{
	for (int i = 0; i < f->nwindows; i++) munmap(f->windows[i].p, f->windows[i].len);
	f->nwindows = 0;
}

int close_last(struct fn *f, int keep)
{
	if (!keep) unmap_all(f);
	if (f->devfd < 0) return -EBADF;
	int r = TIMED(close(f->devfd)) < 0 ? -errno : 0;
	f->devfd = f->nbelow ? f->below[--f->nbelow] : -1;
	struct grp *g = grp_of(f->group);
	if (g && !--g->users) { close(g->fd); close(g->container); *g = G[--ng]; }
	return r;
}

static void op_close(struct fn *f)
{
	int keep = nt > 2 && !strcmp(T[2], "keep");
	begin("close", f);
	if (keep) put(",\"keep_mappings\":true");
	put(",\"ret\":%d", close_last(f, keep));
	finish();
}

// ---------------------------------------------------------------- ioctls

static long ask(struct fn *f, unsigned long request, void *arg)
{
	int r = TIMED(ioctl(f->devfd, request, arg));
	int ret = r < 0 ? -errno : r;
	put(",\"ret\":%d", ret);
	return ret;
}

// "argsz=N" and "flags=N" in place of what a structure has
static uint32_t or_said(const char *key, uint32_t usual)
{
	return opt(key) ? strtoul(opt(key), 0, 0) : usual;
}

// the same, written down only where it was said
static uint32_t argsz_or(uint32_t usual)
{
	if (opt("argsz")) put(",\"argsz\":%u", or_said("argsz", 0));
	return or_said("argsz", usual);
}

static void *or_null(void *arg)
{
	if (!opt("null")) return arg;
	put(",\"arg\":\"null\"");
	return 0;
}

// the eventfd of "efd=SLOT|-1|bad|file"; what was opened for it is to be closed
static int said_eventfd(struct fn *f, const char *said, int *opened)
{
	*opened = -1;
	if (!strcmp(said, "-1")) return -1;
	if (!strcmp(said, "bad")) return CLOSED_FD;
	if (!strcmp(said, "file")) return *opened = open("/proc/version", O_RDONLY | O_CLOEXEC);
	return slot_fd(f, said);
}

static void op_info(struct fn *f)
{
	uint8_t buf[1024] = { 0 };
	struct vfio_device_info *di = (void *)buf;
	begin("info", f);
	di->argsz = argsz_or(sizeof *di);
	if (ask(f, VFIO_DEVICE_GET_INFO, or_null(di)) >= 0)
		put(",\"out_argsz\":%u,\"flags\":%u,\"num_regions\":%u,\"num_irqs\":%u", di->argsz, di->flags, di->num_regions, di->num_irqs);
	finish();
}

static void put_region_capabilities(uint8_t *buf, struct vfio_region_info *ri)
{
	uint32_t c = (ri->flags & VFIO_REGION_INFO_FLAG_CAPS) ? ri->cap_offset : 0;
	int first = 1, guard = 16;
	while (c && c < 4000 && guard--) {
		struct vfio_info_cap_header *h = (void *)(buf + c);
		put("%s{\"id\":%u,\"version\":%u", first ? "" : ",", h->id, h->version);
		if (h->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
			struct vfio_region_info_cap_sparse_mmap *s = (void *)h;
			put(",\"areas\":[");
			for (unsigned i = 0; i < s->nr_areas && i < 16; i++)
				put("%s[%llu,%llu]", i ? "," : "", (unsigned long long)s->areas[i].offset, (unsigned long long)s->areas[i].size);
			put("]");
		}
		put("}");
		first = 0;
		c = h->next;
	}
}

static void op_region_info(struct fn *f)
{
	uint8_t *buf = calloc(1, 4096);
	struct vfio_region_info *ri = (void *)buf;
	begin("region_info", f);
	ri->index = strtol(T[2], 0, 0);
	put(",\"index\":%d", ri->index);
	ri->argsz = argsz_or(4096);
	if (!ask(f, VFIO_DEVICE_GET_REGION_INFO, or_null(ri))) {
		put(",\"out_argsz\":%u,\"flags\":%u,\"size\":%llu,\"offset\":%llu,\"caps\":[", ri->argsz, ri->flags,
		    (unsigned long long)ri->size, (unsigned long long)ri->offset);
		put_region_capabilities(buf, ri);
		put("]");
	}
	free(buf);
	finish();
}

static void op_irq_info(struct fn *f)
{
	struct vfio_irq_info ii = { .argsz = sizeof ii };
	begin("irq_info", f);
	ii.index = strtol(T[2], 0, 0);
	put(",\"index\":%u", ii.index);
	ii.argsz = argsz_or(sizeof ii);
	if (ask(f, VFIO_DEVICE_GET_IRQ_INFO, &ii) >= 0) put(",\"flags\":%u,\"count\":%u", ii.flags, ii.count);
	finish();
}

// feature FN probe|get|set NUMBER [HEX | efd=SLOT|-1|bad|file] [argsz=N] [flags=N] [null=1] [edge=1]
static void op_feature(struct fn *f)
{
	uint8_t *buf = calloc(1, 4096);
	struct vfio_device_feature *df = (void *)buf;
	const char *how = T[2];
	int number = strtol(T[3], 0, 0), opened = -1;
	begin("feature", f);
	put(",\"how\":\"%s\",\"number\":%d", how, number);
	uint32_t flags = number & VFIO_DEVICE_FEATURE_MASK;
	if (strstr(how, "probe")) flags |= VFIO_DEVICE_FEATURE_PROBE;
	if (strstr(how, "get")) flags |= VFIO_DEVICE_FEATURE_GET;
	if (strstr(how, "set")) flags |= VFIO_DEVICE_FEATURE_SET;
	size_t size = 0;
	if (opt("efd")) {
		struct { int32_t fd; uint32_t reserved; } w = { said_eventfd(f, opt("efd"), &opened), 0 };
		put(",\"eventfd\":\"%s\"", opt("efd"));
		memcpy(df->data, &w, size = sizeof w);
	} else if (nt > 4 && !strchr(T[4], '=')) {
		size = unhex(T[4], df->data, 2048);
		put(",\"payload\":\""); put_hex(df->data, size); put("\"");
	}
	if (strstr(how, "get") && !size) size = 1024;
	df->argsz = or_said("argsz", sizeof *df + size);
	df->flags = or_said("flags", flags);
	put(",\"argsz\":%u,\"flags\":%u", df->argsz, df->flags);
	void *arg = or_null(df);
	uint8_t *edge = 0;
	if (opt("edge")) {
		// the header lies in a mapped page, the payload in the unmapped one after it
		edge = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		munmap(edge + 4096, 4096);
		memcpy(edge + 4096 - sizeof *df, df, sizeof *df);
		arg = edge + 4096 - sizeof *df;
		put(",\"arg\":\"edge\"");
	}
	if (!ask(f, VFIO_DEVICE_FEATURE, arg) && strstr(how, "get") && !strstr(how, "probe")) { put(",\"data\":\""); put_hex(df->data, 16); put("\""); }
	if (edge) munmap(edge, 4096);
	if (opened >= 0) close(opened);
	free(buf);
	finish();
}

// one eventfd a vector, named by what it is for
static size_t put_irq_eventfds(struct fn *f, struct vfio_irq_set *s)
{
	int32_t *p = (void *)s->data;
	const char *all = opt("fd") ? opt("fd") : "";
	put(",\"eventfds\":[");
	for (unsigned i = 0; i < s->count && i < 64; i++) {
		char name[24];
		if (i) put(",");
		if (!strcmp(all, "-1")) { p[i] = -1; put("-1"); continue; }
		if (!strcmp(all, "bad")) { p[i] = CLOSED_FD; put("\"bad\""); continue; }
		snprintf(name, sizeof name, "%s%d.%u", !strcmp(T[3], "trigger") ? "irq" : T[3], s->index, s->start + i);
		p[i] = slot_fd(f, name);
		put("\"%s\"", name);
	}
	put("]");
	return 4 * s->count;
}

// set_irqs FN INDEX mask|unmask|trigger none|bool|eventfd START COUNT [HEX] [fd=-1|bad] [argsz=N] [flags=N]
static void op_set_irqs(struct fn *f)
{
	uint8_t *buf = calloc(1, 4096);
	struct vfio_irq_set *s = (void *)buf;
	s->index = strtol(T[2], 0, 0); s->start = strtoul(T[5], 0, 0); s->count = strtoul(T[6], 0, 0);
	begin("set_irqs", f);
	put(",\"index\":%d,\"action\":\"%s\",\"data_type\":\"%s\",\"start\":%u,\"count\":%u", s->index, T[3], T[4], s->start, s->count);
	size_t size = 0;
	uint32_t flags = !strcmp(T[3], "mask") ? VFIO_IRQ_SET_ACTION_MASK
		: !strcmp(T[3], "unmask") ? VFIO_IRQ_SET_ACTION_UNMASK : VFIO_IRQ_SET_ACTION_TRIGGER;
	if (!strcmp(T[4], "none")) flags |= VFIO_IRQ_SET_DATA_NONE;
	else if (!strcmp(T[4], "bool")) {
		flags |= VFIO_IRQ_SET_DATA_BOOL;
		size = s->count;
		if (nt > 7 && !strchr(T[7], '=')) size = unhex(T[7], s->data, 512);
		else memset(s->data, 1, s->count);
		put(",\"value\":\""); put_hex(s->data, size); put("\"");
	} else {
		flags |= VFIO_IRQ_SET_DATA_EVENTFD;
		size = put_irq_eventfds(f, s);
	}
	s->argsz = or_said("argsz", sizeof *s + size);
	s->flags = or_said("flags", flags);
	put(",\"argsz\":%u,\"flags\":%u", s->argsz, s->flags);
	ask(f, VFIO_DEVICE_SET_IRQS, s);
	free(buf);
	finish();
}

static void op_reset(struct fn *f)
{
	begin("reset", f);
	ask(f, VFIO_DEVICE_RESET, 0);
	finish();
}

static void op_hot_reset_info(struct fn *f)
{
	uint8_t *buf = calloc(1, 4096);
	struct vfio_pci_hot_reset_info *h = (void *)buf;
	begin("hot_reset_info", f);
	h->argsz = argsz_or(4096);
	long ret = ask(f, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, h);
	if (!ret || ret == -ENOSPC) {
		put(",\"flags\":%u,\"count\":%u,\"devices\":[", h->flags, h->count);
		for (unsigned i = 0; !ret && i < h->count && i < 64; i++)
			put("%s{\"group\":%u,\"bdf\":\"%04x:%02x:%02x.%x\"}", i ? "," : "", h->devices[i].group_id,
			    h->devices[i].segment, h->devices[i].bus, h->devices[i].devfn >> 3, h->devices[i].devfn & 7);
		put("]");
	}
	free(buf);
	finish();
}

// hot_reset FN [groups=own|all|none|bad] [flags=N]
static void op_hot_reset(struct fn *f)
{
	uint8_t buf[256] = { 0 };
	struct vfio_pci_hot_reset *h = (void *)buf;
	const char *which = opt("groups") ? opt("groups") : "all";
	begin("hot_reset", f);
	put(",\"groups\":\"%s\"", which);
	int n = 0;
	if (!strcmp(which, "own")) { struct grp *g = grp_of(f->group); if (g) h->group_fds[n++] = g->fd; }
	else if (!strcmp(which, "all")) for (int i = 0; i < ng; i++) h->group_fds[n++] = G[i].fd;
	else if (!strcmp(which, "bad")) h->group_fds[n++] = CLOSED_FD;
	h->count = n;
	h->argsz = sizeof *h + 4 * n;
	if (opt("flags")) { h->flags = or_said("flags", 0); put(",\"flags\":%u", h->flags); }
	put(",\"count\":%d", n);
	ask(f, VFIO_DEVICE_PCI_HOT_RESET, h);
	finish();
}

// ioctl FN NUMBER: type ';', base 100, no argument
static void op_ioctl(struct fn *f)
{
	int n = strtol(T[2], 0, 0);
	begin("ioctl", f);
	put(",\"number\":%d", n);
	ask(f, _IO(';', 100 + n), 0);
	finish();
}

// ioeventfd FN BAR OFF WIDTH VALUE [efd=SLOT|-1|bad|file] [argsz=N] [flags=N]
static void op_ioeventfd(struct fn *f)
{
	int bar, opened;
	if (!bar_of(f, T[2], &bar)) return;
	uint64_t off = strtoull(T[3], 0, 0);
	const char *said = opt("efd") ? opt("efd") : "-1";
	struct vfio_device_ioeventfd e = { .data = strtoull(T[5], 0, 0), .offset = REGION(bar) + off };
	begin("ioeventfd", f);
	e.argsz = or_said("argsz", sizeof e);
	e.flags = or_said("flags", strtoul(T[4], 0, 0));
	e.fd = said_eventfd(f, said, &opened);
	put(",\"bar\":%d,\"off\":%llu,\"flags\":%u,\"value\":%llu,\"eventfd\":\"%s\",\"argsz\":%u", bar, (unsigned long long)off, e.flags,
	    (unsigned long long)e.data, said, e.argsz);
	ask(f, VFIO_DEVICE_IOEVENTFD, &e);
	if (opened >= 0) close(opened);
	finish();
}

static void op_eventfd_read(struct fn *f)
{
	uint64_t v = 0;
	begin("eventfd_read", f);
	put(",\"slot\":\"%s\"", T[2]);
	ssize_t r = read(slot_fd(f, T[2]), &v, 8);
	put(",\"ret\":%ld,\"count\":%llu", r < 0 ? (long)-errno : r, (unsigned long long)(r < 0 ? 0 : v));
	finish();
}

static void op_eventfd_write(struct fn *f)
{
	uint64_t v = 1;
	begin("eventfd_write", f);
	put(",\"slot\":\"%s\"", T[2]);
	ssize_t r = TIMED(write(slot_fd(f, T[2]), &v, 8));
	put(",\"ret\":%ld", r < 0 ? (long)-errno : r);
	finish();
}

// ---------------------------------------------------------------- reads, writes, mappings

static void rw(struct fn *f, const char *op, int index, const char *what, uint64_t off, size_t len, const uint8_t *data)
{
	uint8_t *buf = calloc(1, len + 16);
	begin(op, f);
	if (what) put(",\"%s\":%d", what, index);
	put(",\"off\":%llu,\"len\":%zu", (unsigned long long)off, len);
	if (data) { put(",\"value\":\""); put_hex(data, len); put("\""); }
	ssize_t r = data ? TIMED(pwrite(f->devfd, data, len, REGION(index) + off)) : TIMED(pread(f->devfd, buf, len, REGION(index) + off));
	long ret = r < 0 ? -errno : r;
	put(",\"ret\":%ld", ret);
	if (!data && ret > 0) { put(",\"data\":\""); put_hex(buf, ret); put("\""); }
	free(buf);
	finish();
}

static void op_cfg_read(struct fn *f)
{
	uint64_t off; size_t len = strtoul(T[3], 0, 0);
	if (offset_of(f, T[2], &off) && len <= 4096) rw(f, "cfg_read", VFIO_PCI_CONFIG_REGION_INDEX, 0, off, len, 0);
}

static void op_cfg_write(struct fn *f)
{
	uint64_t off; uint8_t data[2048];
	if (offset_of(f, T[2], &off)) rw(f, "cfg_write", VFIO_PCI_CONFIG_REGION_INDEX, 0, off, unhex(T[3], data, sizeof data), data);
}

// cfg_sweep FN FROM COUNT WIDTH: one cfg_read event per access
static void op_cfg_sweep(struct fn *f)
{
	uint64_t off; size_t n = strtoul(T[3], 0, 0), w = strtoul(T[4], 0, 0);
	if (!offset_of(f, T[2], &off)) return;
	for (uint64_t o = off; o < off + n; o += w) rw(f, "cfg_read", VFIO_PCI_CONFIG_REGION_INDEX, 0, o, w, 0);
}

static void op_bar_read(struct fn *f)
{
	int bar;
	if (bar_of(f, T[2], &bar)) rw(f, "bar_read", bar, "bar", strtoull(T[3], 0, 0), strtoul(T[4], 0, 0), 0);
}

static void op_bar_write(struct fn *f)
{
	int bar; uint8_t data[2048];
	if (bar_of(f, T[2], &bar)) rw(f, "bar_write", bar, "bar", strtoull(T[3], 0, 0), unhex(T[4], data, sizeof data), data);
}

static void op_mmap(struct fn *f)
{
	int bar;
	if (!bar_of(f, T[2], &bar) || f->nwindows == 8) return;
	uint64_t off = strtoull(T[3], 0, 0);
	size_t len = strtoul(T[4], 0, 0);
	begin("mmap", f);
	put(",\"bar\":%d,\"off\":%llu,\"len\":%zu", bar, (unsigned long long)off, len);
	void *p = TIMED(mmap(0, len, PROT_READ | PROT_WRITE, MAP_SHARED, f->devfd, REGION(bar) + off));
	put(",\"ret\":%d", p == MAP_FAILED ? -errno : 0);
	if (p != MAP_FAILED) f->windows[f->nwindows++] = (struct window){ bar, off, len, p };
	finish();
}

static void op_munmap(struct fn *f)
{
	if (!f->nwindows) return;
	begin("munmap", f);
	unmap_all(f);
	put(",\"ret\":0");
	finish();
}

static __thread sigjmp_buf fault_jmp; static __thread volatile sig_atomic_t fault;

static void on_fault(int s) { fault = s; siglongjmp(fault_jmp, 1); }

void catch_faults(void)
{
	struct sigaction sa = { .sa_handler = on_fault };
	sigaction(SIGBUS, &sa, 0);
	sigaction(SIGSEGV, &sa, 0);
}

static void load(volatile uint8_t *p, uint8_t *to, size_t len)
{
	if (len == 1) *to = *p;
	else if (len == 2) *(uint16_t *)to = *(volatile uint16_t *)p;
	else if (len == 4) *(uint32_t *)to = *(volatile uint32_t *)p;
	else *(uint64_t *)to = *(volatile uint64_t *)p;
}

static void store(volatile uint8_t *p, const uint8_t *from, size_t len)
{
	if (len == 1) *p = *from;
	else if (len == 2) *(volatile uint16_t *)p = *(uint16_t *)from;
	else if (len == 4) *(volatile uint32_t *)p = *(uint32_t *)from;
	else *(volatile uint64_t *)p = *(uint64_t *)from;
}

static struct window *window_of(struct fn *f, int bar, uint64_t off, size_t len)
{
	for (int i = 0; i < f->nwindows; i++) {
		struct window *w = &f->windows[i];
		if (w->bar == bar && off >= w->off && off + len <= w->off + w->len) return w;
	}
	return 0;
}

static void touch(struct fn *f, const char *op, int bar, uint64_t off, size_t len, const uint8_t *data)
{
	struct window *w = window_of(f, bar, off, len);
	if (!w) return;
	uint8_t buf[8] = { 0 };
	begin(op, f);
	put(",\"bar\":%d,\"off\":%llu,\"len\":%zu", bar, (unsigned long long)off, len);
	if (data) { put(",\"value\":\""); put_hex(data, len); put("\""); memcpy(buf, data, len); }
	volatile uint8_t *p = (volatile uint8_t *)w->p + (off - w->off);
	fault = 0;
	double start = now();
	if (!sigsetjmp(fault_jmp, 1)) {
		if (data) store(p, buf, len); else load(p, buf, len);
	}
	stamp(start);
	if (fault) put(",\"ret\":0,\"fault\":\"%s\"", fault == SIGBUS ? "SIGBUS" : "SIGSEGV");
	else {
		put(",\"ret\":%zu", len);
		if (!data) { put(",\"data\":\""); put_hex(buf, len); put("\""); }
	}
	finish();
}

static void op_mmap_read(struct fn *f)
{
	int bar;
	if (bar_of(f, T[2], &bar)) touch(f, "mmap_read", bar, strtoull(T[3], 0, 0), strtoul(T[4], 0, 0), 0);
}

static void op_mmap_write(struct fn *f)
{
	int bar; uint8_t data[8];
	if (bar_of(f, T[2], &bar)) touch(f, "mmap_write", bar, strtoull(T[3], 0, 0), unhex(T[4], data, 8), data);
}

const struct operation user_operations[] = {
	{ "open", op_open }, { "close", op_close, 1 },
	{ "info", op_info, 1 }, { "region_info", op_region_info, 1 }, { "irq_info", op_irq_info, 1 }, { "hot_reset_info", op_hot_reset_info, 1 },
	{ "cfg_read", op_cfg_read, 1 }, { "cfg_write", op_cfg_write, 1 }, { "cfg_sweep", op_cfg_sweep, 1 },
	{ "bar_read", op_bar_read, 1 }, { "bar_write", op_bar_write, 1 },
	{ "mmap", op_mmap, 1 }, { "munmap", op_munmap }, { "mmap_read", op_mmap_read }, { "mmap_write", op_mmap_write },
	{ "feature", op_feature, 1 }, { "set_irqs", op_set_irqs, 1 }, { "ioeventfd", op_ioeventfd, 1 },
	{ "eventfd_read", op_eventfd_read }, { "eventfd_write", op_eventfd_write },
	{ "reset", op_reset, 1 }, { "hot_reset", op_hot_reset, 1 }, { "ioctl", op_ioctl, 1 },
	{ 0 },
};
