/*
 * Copies a stream and says between its lines how many there have been, so that a reader of the container's log can tell
 * how many lines are missing where the log was rotated: a line `\036gantry: N lines` at the beginning, after every 512
 * lines or 64 KiB, and at the end. In a line that has no end at the stream's end it follows the text.
 */

enum { POLLIN = 1, POLLOUT = 4, EAGAIN = 11, WALL = 0x40000000 };
enum { MARK_LINES = 512, MARK_BYTES = 65536, DRAIN_BYTES = 1048576, SAVED_STDOUT = 100 };

struct watched {
  int file;
  short events, found;
};

static char text[65536];
/* Closing it tells the process that counts to come to its end. */
static int counting_until = -1;

static void write_all(const char *at, long bytes) {
  while (bytes > 0) {
    long written = call(SYS_write, 1, (long)at, bytes, 0, 0);
    if (written == -EAGAIN) {
      struct watched room = {1, POLLOUT, 0};
      call(SYS_ppoll, (long)&room, 1, 0, 0, 0);
    } else if (written <= 0 && written != -EINTR) {
      return;
    } else if (written > 0) {
      at += written;
      bytes -= written;
    }
  }
}

static void write_mark(long lines) {
  char place[12];
  char *digits = digits_of(lines, place);
  write_all("\036gantry: ", 9);
  write_all(digits, (long)length(digits));
  write_all(" lines\n", 7);
}

/* Reads `from` to its end, or until the other side of `until` was closed and nothing more is there. */
static void count_lines(int from, int until) {
  static const struct timespec at_once = {0, 0};
  long lines = 0, marked = 0, unmarked_bytes = 0, drained = 0;
  int is_ending = 0;
  write_mark(0);
  for (;;) {
    struct watched both[2] = {{from, POLLIN, 0}, {until, 0, 0}};
    long found = call(SYS_ppoll, (long)both, 2, is_ending ? (long)&at_once : 0, 0, 0);
    if (found == -EINTR) continue;
    if (until >= 0 && both[1].found) is_ending = 1;
    if (!both[0].found) {
      if (is_ending) break;
      continue;
    }
    long bytes = call(SYS_read, from, (long)text, sizeof text, 0, 0);
    if (bytes == -EINTR) continue;
    if (bytes <= 0) break;
    long end = 0;
    for (long at = 0; at < bytes; at += 1)
      if (text[at] == '\n') lines += 1, end = at + 1;
    unmarked_bytes += bytes;
    if (end > 0 && (lines - marked >= MARK_LINES || unmarked_bytes >= MARK_BYTES)) {
      write_all(text, end);
      write_mark(lines);
      write_all(text + end, bytes - end);
      marked = lines;
      unmarked_bytes = 0;
    } else {
      write_all(text, bytes);
    }
    if (is_ending && (drained += bytes) > DRAIN_BYTES) break;
  }
  if (unmarked_bytes > 0) write_mark(lines);
}

/*
 * From here on standard output is counted, by a process that no wait for children knows of, and that no signal but
 * SIGKILL ends.
 */
static void start_counting(void) {
  int output[2], control[2];
  if (call(SYS_pipe2, (long)output, O_CLOEXEC, 0, 0, 0) < 0) return;
  if (call(SYS_pipe2, (long)control, O_CLOEXEC, 0, 0, 0) < 0) return;
  counter = call(SYS_clone, 0, 0, 0, 0, 0);
  if (counter == 0) {
    call(SYS_close, output[1], 0, 0, 0, 0);
    call(SYS_close, control[1], 0, 0, 0, 0);
    count_lines(output[0], control[0]);
    for (;;) call(SYS_exit_group, 0, 0, 0, 0, 0);
  }
  if (counter > 0) {
    call(SYS_dup3, 1, SAVED_STDOUT, O_CLOEXEC, 0, 0);
    call(SYS_dup3, output[1], 1, 0, 0, 0);
    counting_until = control[1];
  } else {
    counter = 0;
    /* The log begins as it should, and nobody counts on. */
    write_mark(0);
  }
  call(SYS_close, output[0], 0, 0, 0, 0);
  call(SYS_close, output[1], 0, 0, 0, 0);
  call(SYS_close, control[0], 0, 0, 0, 0);
}

/* Ends when all that was printed is counted and written. */
static void finish_counting(void) {
  int status = 0;
  if (!counter) return;
  call(SYS_dup3, SAVED_STDOUT, 1, 0, 0, 0);
  call(SYS_close, counting_until, 0, 0, 0, 0);
  while (call(SYS_wait4, counter, (long)&status, WALL, 0, 0) == -EINTR) continue;
  counter = 0;
}
