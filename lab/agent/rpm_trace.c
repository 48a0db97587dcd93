// The kernel's trace of runtime PM, and waiting until it says no more.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"

int settle_ms = 300, quiet_ms = 250;

static int pipe_fd = -1;
static char **events; static int count, room;
static double latest;

static void add_event(const char *s)
{
	if (count == room) { room = room ? room * 2 : 64; events = realloc(events, room * sizeof *events); }
	events[count++] = strdup(s);
	latest = now();
}

static void one_trace_line(char *l)
{
	char *p = strstr(l, ": rpm_");
	if (!p) return;
	p += 2;
	char *c = strchr(p, ':');
	if (!c) return;
	*c = 0;
	char *body = c + 1;
	while (*body == ' ') body++;
	chomp(body);
	char out[512];
	for (char *r = body, *w = body; ; r++) {          // one space where the kernel prints two
		if (*r == ' ' && r[1] == ' ') continue;
		*w++ = *r;
		if (!*r) break;
	}
	if (!strcmp(p, "rpm_return_int")) {
		// FUNC+0x../0x..:DEVICE ret=N
		char *colon = strchr(body, ':');
		if (!colon) return;
		*colon = 0;
		char *dev = colon + 1, *sp = strchr(dev, ' ');
		if (!sp) return;
		*sp = 0;
		if (!by_name(dev)) return;
		char *plus = strchr(body, '+');
		if (plus) *plus = 0;
		snprintf(out, sizeof out, "%s %s %s %s", p, dev, body, sp + 1);
	} else {
		char *sp = strchr(body, ' ');
		if (!sp) return;
		*sp = 0;
		if (!by_name(body)) return;
		snprintf(out, sizeof out, "%s %s %s", p, body, sp + 1);
	}
	add_event(out);
}

static void drain(void)
{
	static char carry[65536]; static size_t held;
	for (;;) {
		ssize_t r = read(pipe_fd, carry + held, sizeof carry - held - 1);
		if (r <= 0) return;
		held += r;
		carry[held] = 0;
		char *s = carry, *e;
		while ((e = strchr(s, '\n'))) { *e = 0; one_trace_line(s); s = e + 1; }
		held = strlen(s);
		memmove(carry, s, held + 1);
	}
}

void trace_open(void)
{
	spit("/sys/kernel/tracing/events/rpm/enable", "1");
	pipe_fd = open("/sys/kernel/tracing/trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (pipe_fd < 0) say("@note no trace_pipe");
}

void trace_clear(void)
{
	drain();
	for (int i = 0; i < count; i++) free(events[i]);
	count = 0;
}

void put_trace(void)
{
	for (int i = 0; i < count; i++) { if (i) put(","); put_str(events[i]); }
}

void settle(void)
{
	double start = now();
	latest = 0;
	for (;;) {
		drain();
		double t = now();
		if (t - start >= settle_ms && t - latest >= quiet_ms && !is_moving()) return;
		if (t - start > 20000) return;
		nap(30);
	}
}
