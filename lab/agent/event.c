// An event: what was asked, what was answered and how long that took, and how things were when nothing moved any more.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "agent.h"

int event_number;
char platform_json[4096] = "[]", profile[32] = "linux", emulator[128];

#define UNTIMED 1e9
static __thread double began, took;
static __thread struct { int is_open, count; double origin; char *list; size_t size; FILE *out; } calls;

void begin(const char *op, struct fn *f)
{
	if (!calls.is_open) trace_clear();
	text_cut(0);
	put("\"op\":\"%s\"", op);
	if (f) put(",\"bdf\":\"%s\"", f->bdf);
	took = -1;
	began = now();
}

void stamp(double start) { took = now() - start; }

void untimed(void) { took = UNTIMED; }

void finish(void)
{
	double end = now();
	// what is more than one call took what the whole took
	if (took < 0) took = end - began;
	char duration[32] = "";
	if (took != UNTIMED) snprintf(duration, sizeof duration, "\"took\":%.3f,", took);
	char *body = take_text();
	if (calls.is_open) {
		fprintf(calls.out, "%s{\"at\":%.3f,%s%s}", calls.count++ ? "," : "", began - calls.origin, duration, body);
		free(body);
		return;
	}
	settle();
	put("{\"i\":%d,\"t0\":%ld,\"t1\":%ld,%s%s,\"state\":", event_number++, (long)began, (long)now(), duration, body);
	free(body);
	put_state();
	put(",\"rpm\":[");
	put_trace();
	put("]}");
	flush_line();
}

void begin_calls(double origin)
{
	calls.is_open = 1;
	calls.count = 0;
	calls.origin = origin;
	calls.out = open_memstream(&calls.list, &calls.size);
}

char *end_calls(void)
{
	calls.is_open = 0;
	fclose(calls.out);
	return calls.list;
}

static const char *module_bool(const char *name)
{
	char p[128], b[16];
	snprintf(p, sizeof p, "/sys/module/vfio_pci/parameters/%s", name);
	if (slurp(p, b, sizeof b) < 0) return "null";
	return b[0] == 'Y' || b[0] == '1' ? "true" : "false";
}

static void put_resources(struct fn *f)
{
	char *p = f->resources; int first = 1;
	for (int k = 0; *p; k++) {
		unsigned long long a, e, fl;
		if (sscanf(p, "%llx %llx %llx", &a, &e, &fl) != 3) break;
		if (a || e || fl) {
			put("%s{\"index\":%d,\"start\":\"0x%llx\",\"end\":\"0x%llx\",\"flags\":\"0x%llx\"}", first ? "" : ",", k, a, e, fl);
			first = 0;
		}
		p = strchr(p, '\n');
		if (!p) break;
		p++;
	}
}

static void put_function(struct fn *f)
{
	put("{\"bdf\":\"%s\",\"alias\":\"%s\",\"parent\":", f->bdf, f->alias);
	if (f->parent >= 0) put("\"%s\"", F[f->parent].bdf); else put("null");
	put(",\"type\":\"%s\"", f->type);
	if (f->physfn >= 0) put(",\"physfn\":\"%s\"", F[f->physfn].bdf);
	put(",\"config\":\"");
	put_hex(f->cfg, f->cfglen);
	put("\",\"resources\":[");
	put_resources(f);
	put("],\"reset_methods\":[");
	char b[64], *rest; int k = 0;
	snprintf(b, sizeof b, "%s", f->resets);
	for (char *t = strtok_r(b, " \n", &rest); t; t = strtok_r(0, " \n", &rest)) put("%s\"%s\"", k++ ? "," : "", t);
	put("],\"reset_attr\":%s", access(attr_path(f, "reset"), F_OK) ? "false" : "true");
	if (f->group >= 0) put(",\"iommu_group\":%d", f->group); else put(",\"iommu_group\":null");
	put(",\"autosuspend_delay_ms\":%s", f->delay[0] ? f->delay : "null");
	put(",\"wakeup\":"); put_str(f->wakeup);
	if (is_there(f)) put(",\"state\":%s", state_text(f));
	put("}");
}

void header(const char *name, const char *desc, const char *seed)
{
	struct utsname u;
	char cmd[1024];
	uname(&u);
	slurp("/proc/cmdline", cmd, sizeof cmd);
	chomp(cmd);
	text_cut(0);
	put("{\"format\":\"vfio-pm-trace/1\",\"name\":"); put_str(name);
	put(",\"description\":"); put_str(desc);
	put(",\"seed\":%s,\"kernel\":{\"release\":", seed[0] ? seed : "null"); put_str(u.release);
	put(",\"version\":"); put_str(u.version);
	put(",\"vfio\":\"mainline\"},\"profile\":"); put_str(profile);
	put(",\"emulator\":"); put_str(emulator);
	put(",\"cmdline\":"); put_str(cmd);
	put(",\"module\":{\"disable_idle_d3\":%s", module_bool("disable_idle_d3"));
	put(",\"nointxmask\":%s", module_bool("nointxmask"));
	put(",\"disable_vga\":%s", module_bool("disable_vga"));
	put(",\"enable_sriov\":%s}", module_bool("enable_sriov"));
	put(",\"platform\":%s,\"settle_ms\":%d,\"functions\":[", platform_json, settle_ms);
	for (int i = 0; i < nf; i++) { if (i) put(","); put_function(&F[i]); }
	put("]}");
	flush_line();
}
