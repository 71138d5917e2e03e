/*
 * The first process of a step's container: `step-init [OPTIONS] FOLDER PROGRAM ARGUMENTS…`.
 *
 * It runs the program in the folder as the leader of a process group of its own, reaps orphans, and ends with the
 * program's exit code, or 128 + N when signal N ended it. It ends without output with 127 when the program (or its
 * interpreter) is missing, and with 126 when the program may not be executed or the folder cannot be entered.
 *
 * SIGTERM, SIGINT, SIGQUIT and SIGHUP begin the stop of the whole step: they reach every process of the group except
 * those that read from a pipe, so that `server | tee log` loses nothing: a filter ends when its writer has ended. What
 * is left then, filters and background processes of other groups, gets SIGTERM. The container ends with its last
 * process; whoever stops it sends SIGKILL when the grace time is over. Other signals are passed to the group.
 *
 * In a pod, whose containers share their process numbers, it is not process 1: then it is the parent of its orphans, and
 * what it signals are its descendants alone. Options, in this order:
 *
 *   -n FILE       writes its own process number into the file
 *   -2 FILE       opens the file, a pipe with a name, as standard error
 *   -c            counts the lines of standard output: see step-init-lines.h
 *   -w SECONDS    gives what the program leaves behind so long to end by itself, e.g. to finish a file
 *   -e N WORD…    in the place of an end with 126 or 127 it runs the N words with all that follows them, the folder and
 *                 the program, the last of the words being the exit code
 *
 * `step-init -g WORD …` waits first: no program runs before the word has come on its standard input. Then it executes
 * itself anew without both, with /dev/null as standard input, as if it had been started at that moment. Where it is asked
 * to stop before, or its standard input ends, it ends at once with 117.
 *
 * `step-init -c` alone copies its standard input to its standard output and counts the lines of that.
 *
 * Without a C library, so that one small file runs in every image. `node lib/backends/step-init/build.mjs` compiles it.
 */

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "step-init knows x86_64 and aarch64 only"
#endif

typedef unsigned long word;
typedef long status_t;

#ifdef __x86_64__
enum {
  SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_rt_sigprocmask = 14, SYS_getpid = 39, SYS_clone = 56, SYS_execve = 59,
  SYS_wait4 = 61, SYS_kill = 62, SYS_chdir = 80, SYS_setpgid = 109, SYS_getpgid = 121, SYS_rt_sigpending = 127, SYS_rt_sigtimedwait = 128,
  SYS_prctl = 157, SYS_getdents64 = 217, SYS_clock_gettime = 228, SYS_exit_group = 231, SYS_openat = 257, SYS_readlinkat = 267,
  SYS_ppoll = 271, SYS_signalfd4 = 289, SYS_dup3 = 292, SYS_pipe2 = 293
};
enum { O_DIRECTORY = 0200000 };

static long call(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
#else
enum {
  SYS_dup3 = 24, SYS_chdir = 49, SYS_openat = 56, SYS_close = 57, SYS_pipe2 = 59, SYS_getdents64 = 61, SYS_read = 63, SYS_write = 64,
  SYS_ppoll = 73, SYS_signalfd4 = 74, SYS_readlinkat = 78, SYS_exit_group = 94, SYS_clock_gettime = 113,
  SYS_kill = 129, SYS_rt_sigprocmask = 135, SYS_rt_sigpending = 136, SYS_rt_sigtimedwait = 137, SYS_setpgid = 154, SYS_getpgid = 155, SYS_prctl = 167,
  SYS_getpid = 172, SYS_clone = 220, SYS_execve = 221, SYS_wait4 = 260
};
enum { O_DIRECTORY = 040000 };

static long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl begin\n");
#endif

enum { SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGKILL = 9, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18 };
enum { SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGURG = 23 };
enum { O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_TRUNC = 01000, O_CLOEXEC = 02000000, PR_SET_CHILD_SUBREAPER = 36 };
enum { SIG_BLOCK = 0, SIG_SETMASK = 2 };
enum { AT_FDCWD = -100, WNOHANG = 1, CLOCK_MONOTONIC = 1 };
enum { EPERM = 1, ENOENT = 2, EINTR = 4, ECHILD = 10, EACCES = 13, ENOTDIR = 20 };

struct timespec {
  long seconds, nanoseconds;
};

struct entry {
  word inode;
  long next;
  unsigned short bytes;
  unsigned char type;
  char name[];
};

static word original_mask;
static char **environment;
/* What tells why the program was not run, and the word of it that is the exit code; 0 when nobody asks. */
static char **explainer;
static char *explained_code;
/* The process that counts the lines of standard output; 0 when nobody does. */
static long counter;
/* How many seconds what the program leaves behind may go on. */
static long left_seconds;

void *memset(void *target, int value, word bytes) {
  unsigned char *at = target;
  while (bytes--) *at++ = (unsigned char)value;
  return target;
}

static void finish_counting(void);

static void finish(int code) {
  finish_counting();
  if (explainer && (code == 126 || code == 127)) {
    explained_code[2] = (char)('0' + code - 120);
    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&original_mask, 0, 8, 0);
    call(SYS_execve, (long)explainer[0], (long)explainer, (long)environment, 0, 0);
  }
  for (;;) call(SYS_exit_group, code, 0, 0, 0, 0);
}

static word length(const char *text) {
  word count = 0;
  while (text[count]) count += 1;
  return count;
}

/* As execvp, with the error of the candidate that tells most. */
static long execute(char **argv, char **envp) {
  const char *search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  char candidate[4096];
  long problem = -ENOENT;
  for (const char *at = argv[0]; *at; at += 1)
    if (*at == '/') return call(SYS_execve, (long)argv[0], (long)argv, (long)envp, 0, 0);
  for (char **variable = envp; *variable; variable += 1) {
    const char *text = *variable;
    if (text[0] == 'P' && text[1] == 'A' && text[2] == 'T' && text[3] == 'H' && text[4] == '=') search = text + 5;
  }
  word name = length(argv[0]);
  if (name == 0) return problem;
  while (1) {
    const char *end = search;
    while (*end && *end != ':') end += 1;
    word folder = (word)(end - search);
    if (folder + name + 2 <= sizeof candidate) {
      char *at = candidate;
      for (word i = 0; i < folder; i += 1) *at++ = search[i];
      if (folder > 0) *at++ = '/';
      for (word i = 0; i <= name; i += 1) *at++ = argv[0][i];
      long result = call(SYS_execve, (long)candidate, (long)argv, (long)envp, 0, 0);
      if (result != -ENOENT && result != -ENOTDIR) problem = result;
    }
    if (!*end) return problem;
    search = end + 1;
  }
}

static int starts_with(const char *text, const char *start) {
  while (*start)
    if (*text++ != *start++) return 0;
  return 1;
}

/* The path of a file in /proc of the process with this name. */
static void path_in_proc(char *at, const char *id, const char *file) {
  for (const char *part = "/proc/"; *part; part += 1) *at++ = *part;
  for (const char *part = id; *part; part += 1) *at++ = *part;
  for (const char *part = file; *part; part += 1) *at++ = *part;
  *at = 0;
}

/* Of a process that we may not look at nothing is known: then it does not read from a pipe. */
static int reads_from_pipe(const char *id) {
  char path[64], target[64];
  path_in_proc(path, id, "/fd/0");
  long bytes = call(SYS_readlinkat, AT_FDCWD, (long)path, (long)target, sizeof target - 1, 0);
  if (bytes <= 0) return 0;
  target[bytes] = 0;
  return starts_with(target, "pipe:");
}

/* The process number that a name in /proc stands for, or 0. */
static long number_of(const char *name) {
  long number = 0;
  if (length(name) > 10) return 0;
  for (; *name; name += 1) {
    if (*name < '0' || *name > '9') return 0;
    number = number * 10 + (*name - '0');
  }
  return number;
}

/* The digits of a number, in a place of 12 bytes. */
static char *digits_of(long number, char *place) {
  char *at = place + 11;
  *at = 0;
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  return at;
}

/* 0 where it has none that we see. */
static long parent_of(long process) {
  char path[64], name[12], text[512];
  path_in_proc(path, digits_of(process, name), "/stat");
  long file = call(SYS_openat, AT_FDCWD, (long)path, O_CLOEXEC, 0, 0);
  if (file < 0) return 0;
  long bytes = call(SYS_read, file, (long)text, sizeof text - 1, 0, 0);
  call(SYS_close, file, 0, 0, 0, 0);
  /* "NUMBER (NAME) STATE PARENT …", and the name may be any text. */
  long at = bytes - 1, parent = 0;
  while (at >= 0 && text[at] != ')') at -= 1;
  if (at < 0) return 0;
  for (at += 4; at < bytes && text[at] >= '0' && text[at] <= '9'; at += 1) parent = parent * 10 + (text[at] - '0');
  return parent;
}

static int descends_from(long process, long ancestor) {
  for (int steps = 0; process > 1 && steps < 4096; steps += 1) {
    process = parent_of(process);
    if (process == ancestor) return 1;
  }
  return 0;
}

/*
 * Counts the members of the group that do not read from a pipe, or of group 0 all descendants, and sends them the signal
 * unless it is 0. Answers -1 where there is no /proc.
 */
static long signal_members(long group, long signal) {
  static char entries[8192] __attribute__((aligned(8)));
  long folder = call(SYS_openat, AT_FDCWD, (long)"/proc", O_DIRECTORY | O_CLOEXEC, 0, 0);
  long self = call(SYS_getpid, 0, 0, 0, 0, 0), members = 0, processes = 0, bytes;
  if (folder < 0) return -1;
  while ((bytes = call(SYS_getdents64, folder, (long)entries, sizeof entries, 0, 0)) > 0) {
    for (long at = 0; at < bytes;) {
      struct entry *each = (struct entry *)(entries + at);
      long process = number_of(each->name);
      at += each->bytes;
      if (process == 0) continue;
      processes += 1;
      if (group == 0 ? !descends_from(process, self)
                     : call(SYS_getpgid, process, 0, 0, 0, 0) != group || reads_from_pipe(each->name))
        continue;
      members += 1;
      if (signal) call(SYS_kill, process, signal, 0, 0, 0);
    }
  }
  call(SYS_close, folder, 0, 0, 0, 0);
  return processes > 0 ? members : -1;
}

#include "step-init-lines.h"

static int exit_code(int status) {
  int signal = status & 0x7f;
  return signal ? 128 + signal : (status >> 8) & 0xff;
}

static long start(char **argv, char **envp) {
  long child = call(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child != 0) return child;
  call(SYS_setpgid, 0, 0, 0, 0, 0);
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&original_mask, 0, 8, 0);
  long problem = execute(argv, envp);
  explainer = 0;
  counter = 0;
  finish(problem == -ENOENT || problem == -ENOTDIR ? 127 : 126);
  return 0;
}

static long now_in_ms(void) {
  struct timespec now = {0, 0};
  call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0);
  return now.seconds * 1000 + now.nanoseconds / 1000000;
}

/* Process 1 of a container is the parent of all in it. */
static void supervise(long program, int is_first) {
  static const struct timespec soon = {0, 200000000};
  word every = ~0UL;
  long ended_at = 0;
  int code = -1;
  int is_stopping = 0;
  int quiet_rounds = 0;
  for (;;) {
    /* Whoever waits for what is left after the program looks at it from time to time. */
    const struct timespec *limit = code >= 0 ? &soon : 0;
    long signal = call(SYS_rt_sigtimedwait, (long)&every, 0, (long)limit, 8, 0);
    if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGHUP) {
      is_stopping = 1;
      if (signal_members(program, signal) < 1) call(SYS_kill, -program, signal, 0, 0, 0);
    } else if (signal > 0 && signal != SIGCHLD && signal != SIGTTIN && signal != SIGTTOU) {
      call(SYS_kill, -program, signal, 0, 0, 0);
    }
    for (;;) {
      int status = 0;
      long ended = call(SYS_wait4, -1, (long)&status, WNOHANG, 0, 0);
      if (ended == program) {
        code = exit_code(status);
        ended_at = now_in_ms();
      }
      if (ended == -ECHILD) finish(code);
      if (ended <= 0) break;
    }
    if (code < 0) continue;
    if (!is_stopping && now_in_ms() - ended_at >= left_seconds * 1000) finish(code);
    if (!is_stopping || signal >= 0) continue;
    /* Filters have a moment to see the end of their input once nobody who was asked to stop is left. */
    quiet_rounds = signal_members(program, 0) > 0 ? 0 : quiet_rounds + 1;
    if (quiet_rounds == 3 && !is_first) signal_members(0, SIGTERM);
    if (quiet_rounds == 3 && is_first) call(SYS_kill, -1, SIGTERM, 0, 0, 0);
  }
}

static void write_own_number(const char *file) {
  char place[12];
  long opened = call(SYS_openat, AT_FDCWD, (long)file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644, 0);
  char *text = digits_of(call(SYS_getpid, 0, 0, 0, 0, 0), place);
  call(SYS_write, opened, (long)text, (long)length(text), 0, 0);
  call(SYS_close, opened, 0, 0, 0, 0);
}

static void open_stderr(const char *file) {
  long opened = call(SYS_openat, AT_FDCWD, (long)file, O_WRONLY | O_CLOEXEC, 0, 0);
  if (opened < 0) return;
  call(SYS_dup3, opened, 2, 0, 0, 0);
  if (opened != 2) call(SYS_close, opened, 0, 0, 0, 0);
}

static int is_option(const char *word, char letter) {
  return word && word[0] == '-' && word[1] == letter && word[2] == 0;
}

/* One signal of a mask. */
static word bit(int signal) {
  return 1UL << (signal - 1);
}

/* The exit code of a gate that was never opened: not a line of the program has run. */
enum { NEVER_RELEASED = 117 };

/* Signals that tell of something and ask nobody to stop. */
static int is_news(int signal) {
  return signal == SIGCHLD || signal == SIGCONT || (signal >= SIGTSTP && signal <= SIGURG);
}

static word stop_signals(void) {
  word mask = 0;
  for (int signal = 1; signal <= 64; signal += 1)
    if (!is_news(signal)) mask |= bit(signal);
  return mask;
}

/* Reads until the last bytes of standard input are the word. All signals are blocked: what asks to stop ends it at once. */
static void await_word(const char *expected) {
  char last[64];
  word size = length(expected), mask = stop_signals();
  if (size == 0 || size > sizeof last) finish(126);
  memset(last, 0, sizeof last);
  long signals = call(SYS_signalfd4, -1, (long)&mask, 8, O_CLOEXEC, 0);
  for (;;) {
    struct watched polled[2] = {{(int)signals, POLLIN, 0}, {0, POLLIN, 0}};
    long ready = call(SYS_ppoll, (long)polled, 2, 0, 0, 8);
    char byte;
    if (ready == -EINTR) continue;
    if (signals < 0 || ready < 0 || polled[0].found) finish(NEVER_RELEASED);
    if (!polled[1].found) continue;
    long bytes = call(SYS_read, 0, (long)&byte, 1, 0, 0);
    if (bytes == -EINTR) continue;
    if (bytes != 1) finish(NEVER_RELEASED);
    for (word i = 1; i < size; i += 1) last[i - 1] = last[i];
    last[size - 1] = byte;
    word same = 0;
    while (same < size && last[same] == expected[same]) same += 1;
    if (same == size) break;
  }
  call(SYS_close, signals, 0, 0, 0, 0);
}

/* Waits for the word after -g, and executes itself anew without both: then its arguments show that it was released. */
static void wait_for_release(char **argv) {
  word pending = 0, stops = stop_signals();
  await_word(argv[2]);
  /* As container engines open it. */
  long nothing = call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0, 0);
  if (nothing > 0) {
    call(SYS_dup3, nothing, 0, 0, 0, 0);
    call(SYS_close, nothing, 0, 0, 0, 0);
  }
  /* A first process that unblocks them would lose them. */
  call(SYS_rt_sigpending, (long)&pending, 8, 0, 0, 0);
  if (pending & stops) finish(NEVER_RELEASED);
  argv[2] = argv[0];
  call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&original_mask, 0, 8, 0);
  call(SYS_execve, (long)argv[0], (long)(argv + 2), (long)environment, 0, 0);
  finish(126);
}

/* The words after the options. */
static char **take_options(char **words) {
  if (is_option(words[0], 'n') && words[1]) {
    write_own_number(words[1]);
    words += 2;
  }
  if (is_option(words[0], '2') && words[1]) {
    open_stderr(words[1]);
    words += 2;
  }
  if (is_option(words[0], 'c')) {
    start_counting();
    words += 1;
  }
  if (is_option(words[0], 'w') && words[1]) {
    left_seconds = number_of(words[1]);
    words += 2;
  }
  if (is_option(words[0], 'e') && words[1]) {
    long count = number_of(words[1]);
    char **at = words + 2;
    while (count > 0 && *at) count -= 1, at += 1;
    if (count == 0 && length(at[-1]) == 3) {
      explainer = words + 2;
      explained_code = at[-1];
    }
    words = at;
  }
  return words;
}

__attribute__((used)) void begin(word *stack) {
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1);
  word every = ~0UL;
  environment = argv + argc + 1;
  call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&every, (long)&original_mask, 8, 0);
  if (argc > 3 && is_option(argv[1], 'g')) wait_for_release(argv);
  if (argc == 2 && is_option(argv[1], 'c')) count_lines(0, -1), finish(0);
  if (argc < 3) finish(126);
  char **words = take_options(argv + 1);
  if (!words[0] || !words[1] || call(SYS_chdir, (long)words[0], 0, 0, 0, 0) < 0) finish(126);
  int is_first = call(SYS_getpid, 0, 0, 0, 0, 0) == 1;
  if (!is_first) call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  long program = start(words + 1, environment);
  if (program < 0) finish(126);
  /* Both sides do it, so that no signal comes before the group is there. */
  call(SYS_setpgid, program, program, 0, 0, 0);
  supervise(program, is_first);
}
