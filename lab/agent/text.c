#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include "agent.h"

static __thread char *text;
static __thread size_t length, room;

void put(const char *f, ...)
{
	va_list a;
	for (;;) {
		va_start(a, f);
		int n = vsnprintf(text + length, room - length, f, a);
		va_end(a);
		if ((size_t)n < room - length) { length += n; return; }
		room = room * 2 + n + 1024;
		text = realloc(text, room);
	}
}

void put_hex(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) put("%02x", p[i]);
}

void put_str(const char *s)
{
	put("\"");
	for (; *s; s++) {
		if (*s == '"' || *s == '\\') put("\\%c", *s);
		else if (*s == '\n') put("\\n");
		else if (*s == '\t') put("\\t");
		else if ((unsigned char)*s < 32) put("\\u%04x", *s);
		else put("%c", *s);
	}
	put("\"");
}

size_t text_length(void) { return length; }

const char *text_from(size_t at) { put("%s", ""); return text + at; }

void text_cut(size_t at) { length = at; }

char *take_text(void)
{
	char *taken = strndup(text_from(0), length);
	length = 0;
	return taken;
}

void flush_line(void)
{
	put("\n");
	for (size_t i = 0; i < length; i++) outb(text[i], PORT);
	length = 0;
}

void say(const char *f, ...)
{
	va_list a;
	char b[1024];
	va_start(a, f);
	vsnprintf(b, sizeof b, f, a);
	va_end(a);
	length = 0;
	put("%s", b);
	flush_line();
}
