#include <stdlib.h>
#include <string.h>
#include "agent.h"

__thread char *T[MAXWORD];
__thread int nt;

void split(char *line)
{
	char *rest;
	nt = 0;
	for (char *p = strtok_r(line, " \t\n", &rest); p && nt < MAXWORD; p = strtok_r(0, " \t\n", &rest)) T[nt++] = p;
}

const char *opt(const char *key)
{
	size_t n = strlen(key);
	for (int i = 0; i < nt; i++)
		if (!strncmp(T[i], key, n) && T[i][n] == '=') return T[i] + n + 1;
	return 0;
}

size_t unhex(const char *s, uint8_t *out, size_t max)
{
	size_t n = 0;
	while (s[0] && s[1] && n < max) {
		char b[3] = { s[0], s[1], 0 };
		out[n++] = strtoul(b, 0, 16);
		s += 2;
	}
	return n;
}
