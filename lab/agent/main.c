// Runs as init in the recorded guest: loads modules, finds the functions, plays each scenario, powers off.
//
//   /lab/conf       what the machine looks like
//   /lab/modules    "path [parameters]" lines, loaded in that order
//   /lab/sc/*.sc    the scenarios, played in order of name
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent.h"

static struct { struct fn *f; char attr[64], value[64]; } knobs[8];
static int nknobs, is_warm;

static void load_module(char *line)
{
	char *parameters = strchr(line, ' ');
	if (!*line) return;
	if (parameters) *parameters++ = 0;
	int fd = open(line, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, parameters ? parameters : "", 0)) say("@note module %s errno %d", line, errno);
	if (fd >= 0) close(fd);
}

// fn ALIAS ADDRESS TYPE ABOVE [PHYSICAL]
static int add_function(char *line)
{
	char alias[16], bdf[24], type[20], above[16], physical[16] = "-";
	if (sscanf(line, "fn %15s %23s %19s %15s %15s", alias, bdf, type, above, physical) < 4) return 0;
	struct fn *f = &F[nf], *p = by_name(above), *of = by_name(physical);
	strcpy(f->alias, alias); strcpy(f->bdf, bdf); strcpy(f->type, type);
	f->parent = p ? p - F : -1;
	f->physfn = of ? of - F : -1;
	f->group = f->devfd = -1;
	nf++;
	return 1;
}

static void configure(char *line)
{
	char a[16];
	if (add_function(line)) return;
	if (!strcmp(line, "warm")) is_warm = 1;
	else if (sscanf(line, "set %15s %63s %63s", a, knobs[nknobs].attr, knobs[nknobs].value) == 3) knobs[nknobs++].f = by_name(a);
	else if (!strncmp(line, "platform ", 9)) snprintf(platform_json, sizeof platform_json, "%s", line + 9);
	else if (!strncmp(line, "emulator ", 9)) snprintf(emulator, sizeof emulator, "%s", line + 9);
	else if (!strncmp(line, "profile ", 8)) snprintf(profile, sizeof profile, "%s", line + 8);
	else if (!strncmp(line, "settle ", 7)) settle_ms = atoi(line + 7);
	else if (!strncmp(line, "quiet ", 6)) quiet_ms = atoi(line + 6);
}

static void mount_all(void)
{
	mkdir("/proc", 0755); mkdir("/sys", 0755); mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, 0);
	mount("sysfs", "/sys", "sysfs", 0, 0);
	mount("devtmpfs", "/dev", "devtmpfs", 0, 0);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, 0);
}

static void prepare(void)
{
	for (int i = 0; i < nf; i++)
		if (F[i].physfn < 0 && !is_there(&F[i])) say("@note no function %s", F[i].bdf);
	trace_open();
	nap(1500);
	for (int i = 0; i < nknobs; i++)
		say("@set %s %s %s %ld", knobs[i].f->bdf, knobs[i].attr, knobs[i].value, spit(attr_path(knobs[i].f, knobs[i].attr), knobs[i].value));
	if (is_warm) warm_up();
	for (int i = 0; i < nf; i++) if (F[i].physfn < 0) read_static(&F[i]);
	settle();
	clean_devices();
	settle();
	for (int i = 0; i < nf; i++) strcpy(F[i].first_state, state_text(&F[i]));
}

static int is_scenario(const struct dirent *d) { size_t n = strlen(d->d_name); return n > 3 && !strcmp(d->d_name + n - 3, ".sc"); }

int main(void)
{
	static char b[65536];
	mount_all();
	iopl(3);
	catch_faults();
	slurp("/lab/modules", b, sizeof b);
	lines(b, load_module);
	slurp("/lab/conf", b, sizeof b);
	lines(b, configure);
	prepare();
	struct dirent **list;
	int n = scandir("/lab/sc", &list, is_scenario, alphasort);
	for (int i = 0; i < n; i++) {
		char p[300];
		snprintf(p, sizeof p, "/lab/sc/%s", list[i]->d_name);
		if (play_file(p)) break;
	}
	say("@done");
	sync();
	reboot(RB_POWER_OFF);
	for (;;) pause();
}
