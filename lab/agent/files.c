#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"

long slurp(const char *path, char *buf, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) { buf[0] = 0; return -errno; }
	size_t got = 0;
	while (got < n - 1) {
		ssize_t r = read(fd, buf + got, n - 1 - got);
		if (r < 0) { int e = errno; close(fd); buf[0] = 0; return -e; }
		if (!r) break;
		got += r;
	}
	buf[got] = 0;
	close(fd);
	return got;
}

long spit(const char *path, const char *s)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) return -errno;
	ssize_t r = write(fd, s, strlen(s));
	long ret = r < 0 ? -errno : r;
	close(fd);
	return ret;
}

void chomp(char *s)
{
	size_t n = strlen(s);
	while (n && (s[n - 1] == '\n' || s[n - 1] == ' ')) s[--n] = 0;
}

void lines(char *text, void (*each)(char *line))
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		int more = text[n] == '\n';
		text[n] = 0;
		each(text);
		text += n + more;
	}
}
