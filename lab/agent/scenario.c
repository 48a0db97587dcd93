// Plays a file of the scenario language: docs/scenarios.md has the language.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent.h"

static const struct operation *find(const char *name)
{
	const struct operation *all[] = { user_operations, host_operations, slot_operations };
	for (int i = 0; i < 3; i++)
		for (const struct operation *o = all[i]; o->name; o++) if (!strcmp(o->name, name)) return o;
	return 0;
}

static void op_sleep(void)
{
	long ms = strtol(T[1], 0, 0);
	begin("sleep", 0);
	put(",\"ms\":%ld,\"ret\":0", ms);
	nap(ms);
	untimed();
	finish();
}

// suspend STATE TEST: the machine goes to sleep as far as the test, and back after five seconds. One device after the other.
static void op_suspend(void)
{
	spit("/sys/power/pm_async", "0\n");
	spit("/sys/power/pm_test", T[2]);
	begin("suspend", 0);
	put(",\"target\":\"%s\",\"test\":\"%s\"", T[1], T[2]);
	long r = TIMED(spit("/sys/power/state", T[1]));
	put(",\"ret\":%ld", r < 0 ? r : 0);
	finish();
}

// What cannot be tried leaves no event: on a function that this machine lacks, that is not there, or is not open.
static void play_words(void)
{
	if (nt > 1 && !strcmp(T[0], "sleep")) { op_sleep(); return; }
	if (nt > 2 && !strcmp(T[0], "suspend")) { op_suspend(); return; }
	const struct operation *o = nt > 1 ? find(T[0]) : 0;
	struct fn *f = o ? by_name(T[1]) : 0;
	if (!f || !is_there(f) || (o->needs_open && f->devfd < 0)) return;
	o->play(f);
}

// ---------------------------------------------------------------- par { A ; B } { C }: each { … } a thread

struct part { pthread_t thread; char *words[MAXWORD]; int count; char *calls; };

static pthread_barrier_t all_are_made;
static double origin;

static void *play_part(void *arg)
{
	struct part *part = arg;
	pthread_barrier_wait(&all_are_made);
	begin_calls(origin);
	for (int i = 0; i < part->count; i++) {
		nt = 0;
		while (i < part->count && strcmp(part->words[i], ";")) T[nt++] = part->words[i++];
		if (nt) play_words();
	}
	part->calls = end_calls();
	return 0;
}

static void play_par(void)
{
	struct part parts[8];
	int n = 0, open = 0;
	for (int i = 1; i < nt && n < 8; i++) {
		if (!strcmp(T[i], "{")) { parts[n].count = 0; open = 1; }
		else if (!strcmp(T[i], "}")) { n += open; open = 0; }
		else if (open) parts[n].words[parts[n].count++] = T[i];
	}
	pthread_barrier_init(&all_are_made, 0, n + 1);
	for (int i = 0; i < n; i++) pthread_create(&parts[i].thread, 0, play_part, &parts[i]);
	begin("par", 0);
	origin = now();
	pthread_barrier_wait(&all_are_made);
	for (int i = 0; i < n; i++) pthread_join(parts[i].thread, 0);
	stamp(origin);
	put(",\"threads\":[");
	for (int i = 0; i < n; i++) {
		put("%s[%s]", i ? "," : "", parts[i].calls);
		free(parts[i].calls);
	}
	put("],\"ret\":0");
	finish();
}

// The user is who unbinds, and would wait for himself for ever; in a par somebody else may close.
static int waits_for_itself(void)
{
	struct fn *f = nt > 1 && !strcmp(T[0], "unbind") ? by_name(T[1]) : 0;
	return f && (f->devfd >= 0 || f->nwindows);
}

static void play(char *line)
{
	split(line);
	if (!nt || T[0][0] == '#' || waits_for_itself()) return;
	if (!strcmp(T[0], "par")) play_par(); else play_words();
}

static void meta(const char *text, const char *key, char *out, size_t n)
{
	char k[32];
	out[0] = 0;
	snprintf(k, sizeof k, "# %s:", key);
	const char *p = strstr(text, k);
	if (!p) return;
	p += strlen(k);
	while (*p == ' ') p++;
	size_t l = strcspn(p, "\n");
	if (l >= n) l = n - 1;
	memcpy(out, p, l);
	out[l] = 0;
}

int play_file(const char *path)
{
	static char text[262144];
	char name[128], desc[1024], seed[32], number[32], why[600];
	int usual_settle = settle_ms, usual_quiet = quiet_ms;
	slurp(path, text, sizeof text);
	meta(text, "name", name, sizeof name);
	meta(text, "desc", desc, sizeof desc);
	meta(text, "seed", seed, sizeof seed);
	say("@begin %s", name);
	trace_clear();
	settle();
	trace_clear();
	meta(text, "settle", number, sizeof number);
	if (number[0]) settle_ms = atoi(number);
	meta(text, "quiet", number, sizeof number);
	if (number[0]) quiet_ms = atoi(number);
	header(name, desc, seed);
	event_number = 0;
	lines(text, play);
	settle_ms = usual_settle; quiet_ms = usual_quiet;
	int bad = restore(why, sizeof why);
	say("@end %s %d %s %s", name, event_number, bad ? "dirty" : "clean", why);
	return bad;
}
