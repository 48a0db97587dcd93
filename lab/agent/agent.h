// What the parts of the recorder share. README.md beside this folder says what it is.
#pragma once
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define PORT 0xe9              // the debug port that everything is written to

// ---- text.c: JSON into a buffer of the thread's own

void put(const char *f, ...);
void put_hex(const uint8_t *p, size_t n);
void put_str(const char *s);
void flush_line(void);                       // sends what was put, as one line
void say(const char *f, ...);                // a line of its own, beside the recording
char *take_text(void);                       // what was put, which is then no longer there
size_t text_length(void);
const char *text_from(size_t at);
void text_cut(size_t at);

// ---- files.c

long slurp(const char *path, char *buf, size_t n);      // text of a file, or -errno
long spit(const char *path, const char *s);             // bytes written, or -errno
void chomp(char *s);
void lines(char *text, void (*each)(char *line));

// ---- clock.c

double now(void);                            // CLOCK_MONOTONIC, ms
void nap(long ms);

// ---- machine.c: the functions under watch

#define MAXFN 12
#define MAXSLOT 80

struct slot { char name[24]; int fd; };
struct window { int bar; uint64_t off; size_t len; void *p; };
struct fn {
	char alias[16], bdf[24], type[20];
	int parent, physfn;                  // numbers of others, or -1
	int group, devfd;
	int below[4], nbelow;                // fds of earlier opens of the same device
	uint8_t cfg[4096]; int cfglen;
	char delay[32], control[16], d3[8], wakeup[16], resets[64], resources[2048], first_state[512];
	struct slot slots[MAXSLOT]; int nslots;
	struct window windows[8]; int nwindows;
};
extern struct fn F[MAXFN];
extern int nf;

char *attr_path(struct fn *f, const char *attr);
long attr(struct fn *f, const char *name, char *buf, size_t n);
int is_there(struct fn *f);
int has_driver(struct fn *f);
int is_endpoint(struct fn *f);
struct fn *by_name(const char *s);           // alias or address
int cap_at(struct fn *f, int id);
int ecap_at(struct fn *f, int id);
int offset_of(struct fn *f, const char *s, uint64_t *out);
int bar_of(struct fn *f, const char *s, int *out);
int slot_fd(struct fn *f, const char *name);
void drop_slots(struct fn *f);
void read_static(struct fn *f);
void put_state(void);
const char *state_text(struct fn *f);
int is_moving(void);

// ---- rpm_trace.c: the kernel's runtime-PM events

void trace_open(void);
void trace_clear(void);
void put_trace(void);
void settle(void);
extern int settle_ms, quiet_ms;

// ---- event.c: one event of the recording, or one call of a par

extern int event_number;
void begin(const char *op, struct fn *f);
void stamp(double start);                    // the call that began at start has returned
void untimed(void);                          // there was no call
#define TIMED(call) ({ double start_ = now(); __typeof__(call) result_ = (call); stamp(start_); result_; })
void finish(void);
void begin_calls(double origin);             // from here on events of this thread are calls of a par
char *end_calls(void);                       // those, as a JSON list
void header(const char *name, const char *desc, const char *seed);
extern char platform_json[4096], profile[32], emulator[128];

// ---- words.c: the words of a line, of the thread's own

#define MAXWORD 64
extern __thread char *T[MAXWORD];
extern __thread int nt;
void split(char *line);
const char *opt(const char *key);            // the value of "key=value", or null
size_t unhex(const char *s, uint8_t *out, size_t max);

// ---- user.c, host.c and slot.c: what can be done

struct operation { const char *name; void (*play)(struct fn *f); int needs_open; };
extern const struct operation user_operations[], host_operations[], slot_operations[];
void unmap_all(struct fn *f);
int close_last(struct fn *f, int keep);
long give_to(struct fn *f, const char *driver);
void read_file(const char *op, struct fn *f, const char *path);      // an attribute by its path, T[2] its name
void write_file(const char *op, struct fn *f, const char *path);     // the same, with the words from T[3] on
long take_back(struct fn *f);

// ---- scenario.c

int play_file(const char *path);             // 0 where the machine is as before
void catch_faults(void);

// ---- restore.c

int restore(char *why, size_t n);            // 0 where the machine is as before
void clean_devices(void);
void warm_up(void);
