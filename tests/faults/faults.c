/* A disk that fails, for tests: loaded before the C library (LD_PRELOAD), it makes writes to a SQLite store fail.
 *
 * ANSVAR_FAULTS names a file of four 64-bit numbers that the test and this library share:
 *   0  writes that still succeed; the one after them fails. -1: none fails.
 *   1  the error number that a failing write answers with (ENOSPC, EIO).
 *   2  whether all later writes fail too (1), or only that one (0).
 *   3  how many writes there were; this library counts them.
 * A write is write, pwrite, ftruncate, fsync or fdatasync on a file whose name contains ".db".
 *
 * ANSVAR_CLOCK_OFFSET sets the time of day that many seconds off.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shared;
static int64_t clock_offset;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("ANSVAR_FAULTS");
  const char *offset = getenv("ANSVAR_CLOCK_OFFSET");
  if (offset) clock_offset = atoll(offset);
  if (!name) return;
  int file = open(name, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (map != MAP_FAILED) shared = map;
}

/* Whether this write is to fail; errno is set then. */
static int fails(int file) {
  if (!shared) return 0;
  int kept = errno;
  char link[64], name[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, name, sizeof name - 1);
  errno = kept;
  if (length <= 0) return 0;
  name[length] = 0;
  if (!strstr(name, ".db")) return 0;
  __atomic_add_fetch(&shared[3], 1, __ATOMIC_SEQ_CST);
  for (;;) {
    int64_t left = __atomic_load_n(&shared[0], __ATOMIC_SEQ_CST);
    if (left < 0) return 0;
    int64_t next = left > 0 ? left - 1 : (shared[2] ? 0 : -1);
    if (!__atomic_compare_exchange_n(&shared[0], &left, next, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) continue;
    if (left > 0) return 0;
    errno = (int)shared[1];
    return 1;
  }
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t count) { REAL(write); return fails(file) ? -1 : real(file, bytes, count); }
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { REAL(pwrite); return fails(file) ? -1 : real(file, bytes, count, at); }
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) { REAL(pwrite64); return fails(file) ? -1 : real(file, bytes, count, at); }
int ftruncate(int file, off_t length) { REAL(ftruncate); return fails(file) ? -1 : real(file, length); }
int ftruncate64(int file, off64_t length) { REAL(ftruncate64); return fails(file) ? -1 : real(file, length); }
int fsync(int file) { REAL(fsync); return fails(file) ? -1 : real(file); }
int fdatasync(int file) { REAL(fdatasync); return fails(file) ? -1 : real(file); }

int clock_gettime(clockid_t which, struct timespec *time) {
  REAL(clock_gettime);
  int result = real(which, time);
  if (result == 0 && which == CLOCK_REALTIME) time->tv_sec += clock_offset;
  return result;
}
