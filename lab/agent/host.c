// What the administrator does, in sysfs.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"

static long write_to_driver(struct fn *f, const char *driver, const char *what)
{
	char path[128];
	snprintf(path, sizeof path, "/sys/bus/pci/drivers/%s/%s", driver, what);
	long r = TIMED(spit(path, f->bdf));
	return r < 0 ? r : 0;
}

long give_to(struct fn *f, const char *driver)
{
	char line[64];
	snprintf(line, sizeof line, "%s\n", driver);
	spit(attr_path(f, "driver_override"), line);
	return write_to_driver(f, driver, "bind");
}

long take_back(struct fn *f)
{
	char target[256];
	ssize_t n = readlink(attr_path(f, "driver"), target, sizeof target - 1);
	if (n > 0) target[n] = 0;
	long r = write_to_driver(f, n > 0 ? strrchr(target, '/') + 1 : "vfio-pci", "unbind");
	spit(attr_path(f, "driver_override"), "\n");
	return r;
}

static void op_bind(struct fn *f)
{
	const char *driver = opt("driver");
	begin("bind", f);
	if (driver) put(",\"driver\":\"%s\"", driver);
	put(",\"ret\":%ld", give_to(f, driver ? driver : "vfio-pci"));
	finish();
}

static void op_unbind(struct fn *f)
{
	begin("unbind", f);
	put(",\"ret\":%ld", take_back(f));
	finish();
}

void read_file(const char *op, struct fn *f, const char *path)
{
	char b[4096];
	begin(op, f);
	put(",\"attr\":\"%s\"", T[2]);
	long r = slurp(path, b, sizeof b);
	put(",\"ret\":%ld", r);
	if (r >= 0) { chomp(b); put(",\"value\":"); put_str(b); }
	finish();
}

void write_file(const char *op, struct fn *f, const char *path)
{
	char v[120] = "", line[128];
	for (int k = 3; k < nt; k++) snprintf(v + strlen(v), sizeof v - strlen(v), "%s%s", k > 3 ? " " : "", T[k]);
	snprintf(line, sizeof line, "%s\n", v);
	begin(op, f);
	put(",\"attr\":\"%s\",\"value\":\"%s\"", T[2], v);
	put(",\"ret\":%ld", TIMED(spit(path, line)));
	finish();
}

static void op_sysfs_read(struct fn *f) { read_file("sysfs_read", f, attr_path(f, T[2])); }

static void op_sysfs_write(struct fn *f)
{
	if (!strcmp(T[2], "reset") && access(attr_path(f, "reset"), F_OK)) return;
	write_file("sysfs_write", f, attr_path(f, T[2]));
}

static void host_rw(struct fn *f, const char *op, uint64_t off, size_t len, const uint8_t *data)
{
	uint8_t buf[4096];
	begin(op, f);
	put(",\"off\":%llu,\"len\":%zu", (unsigned long long)off, len);
	int fd = open(attr_path(f, "config"), O_RDWR | O_CLOEXEC);
	long ret = -errno;
	if (fd >= 0) {
		if (data) { put(",\"value\":\""); put_hex(data, len); put("\""); }
		ssize_t r = data ? TIMED(pwrite(fd, data, len, off)) : TIMED(pread(fd, buf, len > 4096 ? 4096 : len, off));
		ret = r < 0 ? -errno : r;
		close(fd);
	}
	put(",\"ret\":%ld", ret);
	if (!data && ret > 0) { put(",\"data\":\""); put_hex(buf, ret); put("\""); }
	finish();
}

static void op_host_cfg_read(struct fn *f)
{
	uint64_t off;
	if (offset_of(f, T[2], &off)) host_rw(f, "host_cfg_read", off, strtoul(T[3], 0, 0), 0);
}

static void op_host_cfg_write(struct fn *f)
{
	uint64_t off; uint8_t data[2048];
	if (offset_of(f, T[2], &off)) host_rw(f, "host_cfg_write", off, unhex(T[3], data, sizeof data), data);
}

const struct operation host_operations[] = {
	{ "bind", op_bind }, { "unbind", op_unbind },
	{ "sysfs_read", op_sysfs_read }, { "sysfs_write", op_sysfs_write },
	{ "host_cfg_read", op_host_cfg_read }, { "host_cfg_write", op_host_cfg_write },
	{ 0 },
};
