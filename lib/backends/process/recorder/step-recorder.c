/*
 * Starts a step and records what it prints: `step-recorder FOLDER BYTES PROGRAM ARGUMENTS…`.
 *
 * The program, a path, leads a session and a process group of its own, and prints to two pipes. Two pipes do not tell
 * which of them was written to first: so the kernel sends a real-time signal for each write, these are queued, and what
 * was written is taken in their order. Where one write ends and the next begins is known in two ways:
 *
 *   Packets   A write is a packet; a longer one is cut into packets of a page, so such a packet takes the next one along
 *             while there are more packets than signals. (In a burst of writes of a page and more, a few may change
 *             places with writes to the other stream.)
 *   Lines     A write is taken for a line while the signals last, and the last signal is for all the rest that was there.
 *
 * A pipe has room for 1024 packets, for 256 where root alone may have more, or for 16 where a user has many pipes; with
 * lines it has room for as many pages of bytes. A program that made its output non-blocking, as Node does, loses what
 * finds no room if it ends just then: as soon as that is seen, it gets lines. All others have packets. Everything is
 * read at once and kept until its signals come. Where there are more signals than pieces, each turn of a stream has one
 * piece at least, and the first turns have none. What no signal comes for within 100 ms (the user's limit of queued
 * signals is reached) is taken.
 *
 * What was taken is appended to FOLDER/output.PID, PID being the program's process number, as frames:
 *
 *   8 bytes   milliseconds since 1970
 *   4 bytes   length of the payload
 *   1 byte    1 standard output, 2 standard error, 0 the last frame of the file
 *   3 bytes   0
 *   …         the payload
 *
 * All numbers are little-endian. FOLDER/recorder.PID holds the recorder's own line of /proc/self/stat. After BYTES of
 * payload nothing more is read, and the step waits. Where the file cannot be written (the disk is full) the step waits,
 * too, and the write is tried again. The recorder writes the last frame when both pipes have ended or, after a SIGTERM,
 * when both are empty; from then on it throws away what processes that left the group still print, until they end.
 *
 * It clears its own environment, which else would name the step. Without arguments it ends with 64. Without a C
 * library, so that one small file runs on every Linux. `node lib/backends/process/recorder/build.mjs` compiles it.
 */

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "step-recorder knows x86_64 and aarch64 only"
#endif

typedef unsigned long word;

#ifdef __x86_64__
enum {
  SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_rt_sigaction = 13, SYS_rt_sigprocmask = 14, SYS_getpid = 39,
  SYS_clone = 56, SYS_execve = 59, SYS_wait4 = 61, SYS_fcntl = 72, SYS_setsid = 112, SYS_clock_gettime = 228,
  SYS_exit_group = 231, SYS_epoll_ctl = 233, SYS_openat = 257, SYS_signalfd4 = 289, SYS_epoll_create1 = 291,
  SYS_dup3 = 292, SYS_pipe2 = 293, SYS_epoll_pwait = 281, SYS_nanosleep = 35, SYS_ioctl = 16, SYS_pidfd_open = 434, SYS_setpriority = 141
};
enum { O_DIRECT = 040000 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

struct event {
  unsigned events;
  word data;
} __attribute__((packed));

__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
#else
enum {
  SYS_epoll_create1 = 20, SYS_epoll_ctl = 21, SYS_epoll_pwait = 22, SYS_dup3 = 24, SYS_fcntl = 25, SYS_openat = 56,
  SYS_close = 57, SYS_pipe2 = 59, SYS_read = 63, SYS_write = 64, SYS_signalfd4 = 74, SYS_exit_group = 94,
  SYS_nanosleep = 101, SYS_clock_gettime = 113, SYS_rt_sigaction = 134, SYS_rt_sigprocmask = 135, SYS_setsid = 157,
  SYS_getpid = 172, SYS_ioctl = 29, SYS_clone = 220, SYS_execve = 221, SYS_wait4 = 260, SYS_pidfd_open = 434, SYS_setpriority = 140
};
enum { O_DIRECT = 0200000 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

struct event {
  unsigned events;
  word data;
};

__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl begin\n");
#endif

/* WRITTEN is a real-time signal: these are queued. */
enum { SIGTERM = 15, SIGCHLD = 17, WRITTEN = 40, SIG_SETMASK = 2, SIG_BLOCK = 0, AT_FDCWD = -100, WNOHANG = 1 };
enum { O_RDONLY = 0, O_WRONLY = 1, O_CREAT = 0100, O_TRUNC = 01000, O_APPEND = 02000, O_NONBLOCK = 04000, O_ASYNC = 020000, O_CLOEXEC = 02000000 };
enum { F_GETFL = 3, F_SETFL = 4, F_SETOWN = 8, F_SETSIG = 10, F_SETPIPE_SZ = 1031, F_GETPIPE_SZ = 1032, FIONREAD = 0x541B };
enum { EPOLL_CTL_ADD = 1, EPOLLIN = 1 };
#define EPOLLET (1u << 31)

/* What is read at once holds the largest page: the rest of a packet would be lost. */
enum { READ_BYTES = 65536, PART_BYTES = 4096, HEADER_BYTES = 16, CHUNK_BYTES = 65536, RESERVED_BYTES = PART_BYTES + HEADER_BYTES };
enum { SIGNALS = 3, END_OF_PROGRAM = 4, FAILED = 70 };
enum { ROOM = 1024, LESS_ROOM = 256, LEAST_ROOM = 16, SILENCE_MS = 100 };
/* Of struct signalfd_siginfo: its size, and where the signal's number and the pipe's are. */
enum { SIGNAL_BYTES = 128, SIGNAL_NUMBER = 0, SIGNAL_FILE = 20, SIGNALS_AT_ONCE = 32 };
enum { MOST_ANNOUNCED = 4096, MOST_PIECES = 1 << 17, MOST_BYTES = 1 << 21, AT_PAGESZ = 6 };

static long page_bytes = 4096;
/* The ends of the pipes that are read, and what they were when they were open. */
static int files[3];
/* The ends of the pipes that are read; -1 after their end. 1 is standard output, 2 is standard error. */
static int sources[3] = {-1, -1, -1};
/* The ends that are written to, open to change their ways until the program has ended; else -1. */
static int writers[3] = {-1, -1, -1};
static int has_packets[3] = {1, 1, 1};
/* Bytes in a pipe that has packets now that may be of writes before. */
static int line_bytes_left[3];
/* What was read from each pipe: bytes from first_byte to last_byte, and the lengths of the pieces, a ring. */
static unsigned char bytes_of[3][MOST_BYTES];
static int first_byte[3], last_byte[3];
static unsigned piece_bytes[3][MOST_PIECES];
static int first_piece[3], piece_count[3];
/* Of these, the pieces whose writes were announced, surely. */
static int announced_pieces[3];
/* Packets that each pipe has room for. */
static int room[3] = {LEAST_ROOM, LEAST_ROOM, LEAST_ROOM};
/* All that was in the pipe when it was read last is among the pieces. */
static int is_complete[3];
/* The streams that were written to, in the order of the writes, a ring, 0 for nothing; and how many are of each stream. */
static unsigned char announced[MOST_ANNOUNCED];
static int first_announced, announced_count, announced_of[3];
/* Of each stream, how often its writes follow one of the other stream or are the first ones. */
static int turns_of[3];
/* There may be pieces that no signal comes for. */
static int is_unsure;
static int is_ending, signals;
static int output, events;
/* What is not written yet, whole frames, and the place of the last one's header. */
static unsigned char chunk[CHUNK_BYTES];
static word used, header;
static int last_stream;
static word recorded;

void *memset(void *target, int value, word bytes) {
  unsigned char *at = target;
  while (bytes--) *at++ = (unsigned char)value;
  return target;
}

static void copy(unsigned char *to, const unsigned char *from, word bytes) {
  for (word i = 0; i < bytes; i += 1) to[i] = from[i];
}

static void finish(int code) {
  for (;;) call(SYS_exit_group, code, 0, 0, 0, 0, 0);
}

static word length(const char *text) {
  word count = 0;
  while (text[count]) count += 1;
  return count;
}

static word number_of(const char *text) {
  word number = 0;
  for (; *text >= '0' && *text <= '9'; text += 1) number = number * 10 + (word)(*text - '0');
  return number;
}

static void put(unsigned char *at, word number, int bytes) {
  for (int i = 0; i < bytes; i += 1) at[i] = (unsigned char)(number >> (8 * i));
}

static word now_ms(void) {
  long time[2] = {0, 0};
  call(SYS_clock_gettime, 0, (long)time, 0, 0, 0, 0);
  return (word)time[0] * 1000 + (word)time[1] / 1000000;
}

static void pause_ms(long ms) {
  long time[2] = {0, ms * 1000000};
  call(SYS_nanosleep, (long)time, 0, 0, 0, 0, 0);
}

static void flush(void) {
  word at = 0;
  while (at < used) {
    long bytes = call(SYS_write, output, (long)(chunk + at), (long)(used - at), 0, 0, 0);
    if (bytes > 0) at += (word)bytes;
    else pause_ms(100);
  }
  used = 0;
  last_stream = -1;
}

static void begin_frame(int stream) {
  header = used;
  memset(chunk + header, 0, HEADER_BYTES);
  put(chunk + header, now_ms(), 8);
  chunk[header + 12] = (unsigned char)stream;
  used += HEADER_BYTES;
  last_stream = stream;
}

static void add_piece(int stream, unsigned bytes) {
  piece_bytes[stream][(first_piece[stream] + piece_count[stream]) % MOST_PIECES] = bytes;
  piece_count[stream] += 1;
}

/* Makes pieces of the last bytes: a packet is one, and so is each line, whose beginning may be there already. */
static void add_pieces(int stream, int count) {
  unsigned char *at = bytes_of[stream] + last_byte[stream] - count, *end = at + count;
  if (has_packets[stream] && line_bytes_left[stream] <= 0) {
    add_piece(stream, (unsigned)count);
    return;
  }
  line_bytes_left[stream] -= count;
  int last = (first_piece[stream] + piece_count[stream] - 1) % MOST_PIECES;
  int goes_on = piece_count[stream] > 0 && at[-1] != '\n';
  while (at < end) {
    unsigned length_of_line = 0;
    while (at + length_of_line < end && at[length_of_line] != '\n') length_of_line += 1;
    if (at + length_of_line < end) length_of_line += 1;
    if (goes_on) piece_bytes[stream][last] += length_of_line;
    else add_piece(stream, length_of_line);
    goes_on = 0;
    at += length_of_line;
  }
}

static int has_space(int stream) {
  int held = last_byte[stream] - first_byte[stream];
  if (MOST_BYTES - last_byte[stream] < READ_BYTES && first_byte[stream] >= MOST_BYTES / 2) {
    copy(bytes_of[stream], bytes_of[stream] + first_byte[stream], (word)held);
    first_byte[stream] = 0;
    last_byte[stream] = held;
  }
  return MOST_BYTES - last_byte[stream] >= READ_BYTES && MOST_PIECES - piece_count[stream] >= READ_BYTES;
}

/*
 * Reads what the pipe holds, as far as there is space for it. Answers whether the pipe had no room for another packet
 * when it held so many bytes.
 */
static int read_pieces(int stream, int bytes_inside) {
  int packets = 0, was_full = 0;
  is_complete[stream] = sources[stream] < 0;
  announced_pieces[stream] = piece_count[stream];
  while (sources[stream] >= 0 && has_space(stream)) {
    unsigned char *at = bytes_of[stream] + last_byte[stream];
    int bytes = (int)call(SYS_read, sources[stream], (long)at, READ_BYTES, 0, 0, 0);
    if (bytes > 0) {
      last_byte[stream] += bytes;
      add_pieces(stream, bytes);
      if (bytes_inside > 0) announced_pieces[stream] = piece_count[stream];
      bytes_inside -= bytes;
      packets += 1;
      if (has_packets[stream] && packets == room[stream] && bytes_inside == 0) was_full = 1;
      continue;
    }
    is_complete[stream] = 1;
    if (bytes < 0) break;
    call(SYS_close, sources[stream], 0, 0, 0, 0, 0);
    sources[stream] = -1;
  }
  return was_full;
}

/* Puts the first piece of the stream into its frame. Answers its bytes. */
static unsigned take_piece(int stream) {
  unsigned bytes = piece_bytes[stream][first_piece[stream]];
  first_piece[stream] = (first_piece[stream] + 1) % MOST_PIECES;
  piece_count[stream] -= 1;
  announced_pieces[stream] -= 1;
  for (unsigned taken = 0; taken < bytes;) {
    unsigned part = bytes - taken < PART_BYTES ? bytes - taken : PART_BYTES;
    if (CHUNK_BYTES - used < RESERVED_BYTES) flush();
    if (last_stream != stream) begin_frame(stream);
    copy(chunk + used, bytes_of[stream] + first_byte[stream], part);
    first_byte[stream] += (int)part;
    used += part;
    taken += part;
    put(chunk + header + 8, used - header - HEADER_BYTES, 4);
  }
  if (first_byte[stream] == last_byte[stream]) first_byte[stream] = last_byte[stream] = 0;
  recorded += bytes;
  return bytes;
}

static void watch(int file, word data) {
  struct event added = {EPOLLIN | EPOLLET, data};
  call(SYS_epoll_ctl, events, EPOLL_CTL_ADD, file, (long)&added, 0, 0);
}

/* Reads which streams were written to, and whether the recording shall end. */
static void read_signals(void) {
  static unsigned char queued[SIGNAL_BYTES * SIGNALS_AT_ONCE];
  for (;;) {
    long bytes = call(SYS_read, signals, (long)queued, sizeof queued, 0, 0, 0);
    if (bytes <= 0) return;
    for (unsigned char *at = queued; at < queued + bytes; at += SIGNAL_BYTES) {
      int stream = *(int *)(at + SIGNAL_FILE) == files[1] ? 1 : 2;
      if (*(int *)(at + SIGNAL_NUMBER) == SIGTERM) {
        is_ending = 1;
      } else if (announced_count == MOST_ANNOUNCED) {
        is_unsure = 1;
      } else {
        announced[(first_announced + announced_count) % MOST_ANNOUNCED] = (unsigned char)stream;
        announced_count += 1;
        announced_of[stream] += 1;
      }
    }
    if (bytes < (long)sizeof queued) return;
  }
}

/* Forgets the last so many signals of the stream. */
static void forget_signals(int stream, int count) {
  for (int back = announced_count - 1; back >= 0 && count > 0; back -= 1) {
    unsigned char *at = announced + (first_announced + back) % MOST_ANNOUNCED;
    if (*at != stream) continue;
    *at = 0;
    announced_of[stream] -= 1;
    count -= 1;
  }
}

/* Who waits when a pipe is full gets packets; who loses what it prints gets lines, which need less room. */
static void choose_ways(void) {
  for (int stream = 1; stream <= 2; stream += 1) {
    if (writers[stream] < 0) continue;
    long flags = call(SYS_fcntl, writers[stream], F_GETFL, 0, 0, 0, 0);
    int wanted = (flags & O_NONBLOCK) == 0;
    if (wanted == has_packets[stream]) continue;
    call(SYS_fcntl, writers[stream], F_SETFL, wanted ? flags | O_DIRECT : flags & ~O_DIRECT, 0, 0, 0);
    has_packets[stream] = wanted;
    call(SYS_ioctl, sources[stream], FIONREAD, (long)&line_bytes_left[stream], 0, 0, 0);
  }
}

static void close_writers(void) {
  for (int stream = 1; stream <= 2; stream += 1) {
    if (writers[stream] >= 0) call(SYS_close, writers[stream], 0, 0, 0, 0, 0);
    writers[stream] = -1;
  }
}

/* Reads all signals and pieces. A write that a full pipe stopped was announced for that, too, after all others. */
static void catch_up(void) {
  int inside[3] = {0, 0, 0};
  for (int stream = 1; stream <= 2; stream += 1)
    if (sources[stream] >= 0) call(SYS_ioctl, sources[stream], FIONREAD, (long)&inside[stream], 0, 0, 0);
  if (!is_ending) read_signals();
  for (int stream = 1; stream <= 2; stream += 1) {
    int most = piece_count[stream] + room[stream];
    if (read_pieces(stream, inside[stream])) forget_signals(stream, announced_of[stream] - most);
    if (!is_complete[stream]) is_unsure = 1;
  }
  if (announced_count > 0) choose_ways();
  turns_of[1] = turns_of[2] = 0;
  for (int i = 0; i < announced_count; i += 1) {
    int stream = announced[(first_announced + i) % MOST_ANNOUNCED];
    if (i == 0 || announced[(first_announced + i - 1) % MOST_ANNOUNCED] != stream) turns_of[stream] += 1;
  }
}

/* The pieces of the write that was announced first. */
static void take_write(void) {
  int stream = announced[first_announced];
  first_announced = (first_announced + 1) % MOST_ANNOUNCED;
  announced_count -= 1;
  int signals_left = --announced_of[stream], turns_left = turns_of[stream] - 1;
  if (announced_count == 0 || announced[first_announced] != stream) turns_of[stream] -= 1;
  if (stream == 0 || piece_count[stream] == 0 || (is_complete[stream] && piece_count[stream] <= turns_left)) return;
  long bytes = take_piece(stream);
  if (has_packets[stream]) {
    while (bytes == page_bytes && piece_count[stream] > signals_left) bytes = take_piece(stream);
  } else if (signals_left == 0) {
    while (announced_pieces[stream] > 0) take_piece(stream);
  }
}

static long take_pieces(int stream) {
  long bytes = 0;
  while (piece_count[stream] > 0) bytes += take_piece(stream);
  return bytes;
}

/* What was read, whether it was announced or not, and what there is in the pipe now. */
static void take_rest(int stream) {
  int inside = 0;
  take_pieces(stream);
  if (sources[stream] >= 0) call(SYS_ioctl, sources[stream], FIONREAD, (long)&inside, 0, 0, 0);
  for (long left = inside, taken = 1; left > 0 && taken > 0; left -= taken) {
    read_pieces(stream, 0);
    taken = take_pieces(stream);
  }
  read_pieces(stream, 0);
  if (piece_count[stream] > 0 || !is_complete[stream]) is_unsure = 1;
}

/* Waits for a write, an end or a signal. Answers 0 when there was none for so long. */
static int wait_for_event(long timeout_ms) {
  struct event happened = {0, 0};
  if (call(SYS_epoll_pwait, events, (long)&happened, 1, timeout_ms, 0, 8) != 1) return 0;
  if (happened.data == END_OF_PROGRAM) close_writers();
  if (happened.data < SIGNALS) is_unsure = 1;
  return 1;
}

static int is_open(void) {
  return sources[1] >= 0 || sources[2] >= 0;
}

/* Records until both pipes have ended or, after a SIGTERM, what was printed before it. */
static void record(word limit) {
  while (announced_count > 0 || (!is_ending && is_open())) {
    catch_up();
    while (announced_count > 0 && (recorded < limit || is_ending || !is_open())) take_write();
    if (is_ending || !is_open()) continue;
    if (recorded >= limit) {
      flush();
      wait_for_event(-1);
    } else if (!wait_for_event(0)) {
      flush();
      if (wait_for_event(is_unsure ? SILENCE_MS : -1)) continue;
      is_unsure = 0;
      take_rest(1);
      take_rest(2);
    }
  }
  close_writers();
  take_rest(1);
  take_rest(2);
  if (CHUNK_BYTES - used < RESERVED_BYTES) flush();
  begin_frame(0);
  flush();
}

/* Reads on and keeps nothing. */
static void discard(void) {
  for (;;) {
    read_signals();
    announced_count = announced_of[1] = announced_of[2] = 0;
    for (int stream = 1; stream <= 2; stream += 1) {
      do {
        piece_count[stream] = first_byte[stream] = last_byte[stream] = 0;
        read_pieces(stream, 0);
      } while (piece_count[stream] > 0);
    }
    if (!is_open()) return;
    wait_for_event(-1);
  }
}

/* FOLDER/NAME.NUMBER */
static void path_of(char *at, const char *folder, const char *name, word number) {
  char digits[24], *digit = digits + sizeof digits - 1;
  for (; *folder; folder += 1) *at++ = *folder;
  for (; *name; name += 1) *at++ = *name;
  *digit = 0;
  do *--digit = (char)('0' + number % 10);
  while (number /= 10);
  while (*digit) *at++ = *digit++;
  *at = 0;
}

static void write_own_state(const char *path) {
  long file = call(SYS_openat, AT_FDCWD, (long)"/proc/self/stat", O_RDONLY | O_CLOEXEC, 0, 0, 0);
  long bytes = call(SYS_read, file, (long)chunk, CHUNK_BYTES, 0, 0, 0);
  call(SYS_close, file, 0, 0, 0, 0, 0);
  file = call(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600, 0, 0);
  if (bytes <= 0 || call(SYS_write, file, (long)chunk, bytes, 0, 0, 0) != bytes) finish(FAILED);
  call(SYS_close, file, 0, 0, 0, 0, 0);
}

/* The child waits until its files are there: they bear its number. */
static long start(char **program, char **envp, word mask) {
  int gate[2];
  if (call(SYS_pipe2, (long)gate, O_CLOEXEC, 0, 0, 0, 0) < 0) finish(FAILED);
  long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (child < 0) finish(FAILED);
  if (child > 0) {
    call(SYS_close, gate[0], 0, 0, 0, 0, 0);
    sources[0] = gate[1];
    return child;
  }
  char opened = 0;
  call(SYS_setsid, 0, 0, 0, 0, 0, 0);
  call(SYS_close, gate[1], 0, 0, 0, 0, 0);
  if (call(SYS_read, gate[0], (long)&opened, 1, 0, 0, 0) != 1) finish(FAILED);
  call(SYS_dup3, writers[1], 1, 0, 0, 0, 0);
  call(SYS_dup3, writers[2], 2, 0, 0, 0, 0);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, 8, 0, 0);
  call(SYS_execve, (long)program[0], (long)program, (long)envp, 0, 0, 0);
  finish(127);
  return 0;
}

/* Its own children are reaped by the system. */
static void ignore_children(void) {
  struct {
    word handler, flags, restorer, mask;
  } action = {1, 0, 0, 0};
  int status;
  call(SYS_rt_sigaction, SIGCHLD, (long)&action, 0, 8, 0, 0);
  call(SYS_wait4, -1, (long)&status, WNOHANG, 0, 0, 0);
}

static void open_pipe(int stream) {
  int ends[2];
  if (call(SYS_pipe2, (long)ends, O_CLOEXEC | O_DIRECT, 0, 0, 0, 0) < 0) finish(FAILED);
  long bytes = call(SYS_fcntl, ends[1], F_SETPIPE_SZ, ROOM * page_bytes, 0, 0, 0);
  if (bytes < 0) bytes = call(SYS_fcntl, ends[1], F_SETPIPE_SZ, LESS_ROOM * page_bytes, 0, 0, 0);
  if (bytes < 0) bytes = call(SYS_fcntl, ends[1], F_GETPIPE_SZ, 0, 0, 0, 0);
  if (bytes > 0) room[stream] = (int)(bytes / page_bytes);
  call(SYS_fcntl, ends[0], F_SETOWN, call(SYS_getpid, 0, 0, 0, 0, 0, 0), 0, 0, 0);
  call(SYS_fcntl, ends[0], F_SETSIG, WRITTEN, 0, 0, 0);
  call(SYS_fcntl, ends[0], F_SETFL, O_NONBLOCK | O_ASYNC, 0, 0, 0);
  sources[stream] = files[stream] = ends[0];
  writers[stream] = ends[1];
  watch(ends[0], (word)stream);
}

/* What the kernel tells a program stands behind its environment. */
static void read_page_bytes(char **envp) {
  while (*envp) envp += 1;
  for (word *each = (word *)(envp + 1); each[0] != 0; each += 2)
    if (each[0] == AT_PAGESZ) page_bytes = (long)each[1];
  if (page_bytes > READ_BYTES) finish(FAILED);
}

/* Where the kernel cannot tell of the program's end, the pipes keep their packets. */
static void watch_end(long program) {
  long end = call(SYS_pidfd_open, program, 0, 0, 0, 0, 0);
  if (end >= 0) watch((int)end, END_OF_PROGRAM);
  else close_writers();
}

__attribute__((used)) void begin(word *stack) {
  static char path[4200];
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1), **envp = argv + argc + 1;
  word every = ~0UL, mask = 0, awaited = 1UL << (SIGTERM - 1) | 1UL << (WRITTEN - 1);
  if (argc < 4) finish(64);
  if (length(argv[1]) > 4096) finish(FAILED);
  word limit = number_of(argv[2]);
  call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&every, (long)&mask, 8, 0, 0);
  events = (int)call(SYS_epoll_create1, O_CLOEXEC, 0, 0, 0, 0, 0);
  read_page_bytes(envp);
  signals = (int)call(SYS_signalfd4, -1, (long)&awaited, 8, O_CLOEXEC | O_NONBLOCK, 0, 0);
  watch(signals, SIGNALS);
  open_pipe(1);
  open_pipe(2);
  long child = start(argv + 3, envp, mask);
  watch_end(child);
  /* Where it may, it comes before the program whose pipes it empties. */
  call(SYS_setpriority, 0, 0, -20, 0, 0, 0);
  path_of(path, argv[1], "/recorder.", (word)child);
  write_own_state(path);
  path_of(path, argv[1], "/output.", (word)child);
  output = (int)call(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600, 0, 0);
  if (output < 0) finish(FAILED);
  for (; *envp; envp += 1) memset(*envp, 0, length(*envp));
  ignore_children();
  last_stream = -1;
  call(SYS_write, sources[0], (long)"\n", 1, 0, 0, 0);
  call(SYS_close, sources[0], 0, 0, 0, 0, 0);
  sources[0] = -1;
  record(limit);
  discard();
  finish(0);
}
