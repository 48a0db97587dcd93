// Puts everything back between two scenarios.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"

// status bits that events on the link or errors set and that nothing needs to clear
static int status_byte(struct fn *f, int k)
{
	int e = cap_at(f, 0x10), a = ecap_at(f, 1);
	if (k == 6 || k == 7 || k == 0x1e || k == 0x1f) return 1;
	if (e > 0 && (k - e == 0x0a || k - e == 0x0b || k - e == 0x12 || k - e == 0x13 || k - e == 0x1a || k - e == 0x1b ||
		      k - e == 0x20 || k - e == 0x21 || k - e == 0x22 || k - e == 0x23)) return 1;
	if (a > 0 && k >= a && ((k - a >= 4 && k - a < 8) || (k - a >= 0x10 && k - a < 0x14) || (k - a >= 0x18 && k - a < 0x2c) || (k - a >= 0x30 && k - a < 0x34))) return 1;
	return 0;
}

static void cfg_put(struct fn *f, int fd, int off, int len)
{
	uint8_t b[4];
	if (off + len <= f->cfglen && pread(fd, b, len, off) == len && memcmp(b, f->cfg + off, len))
		if (pwrite(fd, f->cfg + off, len, off) != len) return;
}

// resets whatever lies below the ports, so that no register of a device carries
// anything from one scenario into the next, and writes the config spaces back
void clean_devices(void)
{
	for (int i = 0; i < nf; i++) {
		uint8_t c[2], on[2];
		if (strcmp(F[i].type, "root_port")) continue;
		int fd = open(attr_path(&F[i], "config"), O_RDWR | O_CLOEXEC);
		if (fd < 0) continue;
		if (pread(fd, c, 2, 0x3e) == 2) {
			on[0] = c[0] | 0x40; on[1] = c[1];
			if (pwrite(fd, on, 2, 0x3e) == 2) { nap(5); if (pwrite(fd, c, 2, 0x3e) != 2) say("@note bridge control"); nap(200); }
		}
		close(fd);
	}
	for (int i = 0; i < nf; i++) {
		struct fn *f = &F[i];
		if (!strcmp(f->type, "root_port") || f->physfn >= 0) continue;      // bridges below it come before what is below them
		int fd = open(attr_path(f, "config"), O_RDWR | O_CLOEXEC);
		if (fd < 0) continue;
		for (int o = 0x0c; o < f->cfglen; o += 4) cfg_put(f, fd, o, 4);
		cfg_put(f, fd, 4, 2);
		close(fd);
	}
}

// a function that no driver ever had reads power_state "unknown"; one bind and unbind settles it
static void warm(struct fn *f)
{
	give_to(f, "vfio-pci");
	settle();
	take_back(f);
	settle();
}

// virtual functions are looked at while their physical function has them enabled for a moment
static void meet_virtual_functions(struct fn *physical)
{
	const char *parameter = "/sys/module/vfio_pci/parameters/enable_sriov";
	char usual[8];
	slurp(parameter, usual, sizeof usual);
	spit(parameter, "Y");
	give_to(physical, "vfio-pci");
	settle();
	spit(attr_path(physical, "sriov_numvfs"), "2");
	settle();
	for (int i = 0; i < nf; i++) if (F[i].physfn == physical - F) read_static(&F[i]);
	spit(attr_path(physical, "sriov_numvfs"), "0");
	take_back(physical);
	spit(parameter, usual);
	settle();
}

void warm_up(void)
{
	for (int i = 0; i < nf; i++) if (!strcmp(F[i].type, "endpoint")) warm(&F[i]);
	for (int i = 0; i < nf; i++) if (F[i].physfn >= 0 && !F[i].cfglen) meet_virtual_functions(&F[F[i].physfn]);
	nap(500);
}

static void put_knobs_back(struct fn *f)
{
	char b[64];
	attr(f, "power/control", b, sizeof b);
	if (strcmp(b, f->control)) spit(attr_path(f, "power/control"), f->control);
	attr(f, "d3cold_allowed", b, sizeof b);
	if (f->d3[0] && strcmp(b, f->d3)) spit(attr_path(f, "d3cold_allowed"), f->d3);
	if (attr(f, "reset_method", b, sizeof b) >= 0 && strcmp(b, f->resets)) spit(attr_path(f, "reset_method"), f->resets);
	attr(f, "power/wakeup", b, sizeof b);
	if (f->wakeup[0] && strcmp(b, f->wakeup)) {
		spit(attr_path(f, "power/wakeup"), f->wakeup);
		// the port above is told only by this
		if (f->d3[0]) spit(attr_path(f, "d3cold_allowed"), f->d3);
	}
	attr(f, "power/autosuspend_delay_ms", b, sizeof b);
	if (f->delay[0] && strcmp(b, f->delay)) spit(attr_path(f, "power/autosuspend_delay_ms"), f->delay);
}

static int differs(struct fn *f, char *why, size_t n)
{
	uint8_t config[4096];
	char b[2048];
	int fd = open(attr_path(f, "config"), O_RDONLY | O_CLOEXEC);
	ssize_t r = fd < 0 ? -1 : pread(fd, config, 4096, 0);
	if (fd >= 0) close(fd);
	if (r != f->cfglen) { snprintf(why, n, "%s config length %zd", f->bdf, r); return 1; }
	for (int k = 0; k < r; k++)
		if (config[k] != f->cfg[k] && !status_byte(f, k)) { snprintf(why, n, "%s config %#x was %02x now %02x", f->bdf, k, f->cfg[k], config[k]); return 1; }
	if (f->resets[0] && (attr(f, "reset_method", b, sizeof b) < 0 || strcmp(b, f->resets))) { snprintf(why, n, "%s reset_method", f->bdf); return 1; }
	attr(f, "resource", b, sizeof b);
	if (strcmp(b, f->resources)) { snprintf(why, n, "%s resource", f->bdf); return 1; }
	return 0;
}

int restore(char *why, size_t n)
{
	why[0] = 0;
	for (int i = 0; i < nf; i++) { unmap_all(&F[i]); while (F[i].devfd >= 0) close_last(&F[i], 0); drop_slots(&F[i]); }
	for (int i = nf - 1; i >= 0; i--) if (is_endpoint(&F[i]) && is_there(&F[i]) && has_driver(&F[i])) take_back(&F[i]);
	for (int i = 0; i < nf; i++) if (is_there(&F[i])) put_knobs_back(&F[i]);
	settle();
	clean_devices();
	settle();
	trace_clear();
	for (int i = 0; i < nf; i++) if (F[i].physfn < 0 && differs(&F[i], why, n)) return -1;
	settle();
	for (int i = 0; i < nf; i++)
		if (strcmp(F[i].first_state, state_text(&F[i]))) {
			snprintf(why, n, "%s state %s", F[i].bdf, state_text(&F[i]));
			return -1;
		}
	return 0;
}
