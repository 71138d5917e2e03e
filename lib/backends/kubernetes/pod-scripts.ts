/**
 * What runs in a step's pod beside its own program, in busybox's shell, which is copied into the pod: a step's image
 * need not have one.
 *
 * Kubernetes' log is one stream a container. So that stderr can be told from stdout, the program's stderr goes through
 * a pipe to the companion container, whose log it becomes. The companion also has the package's files unpacked before
 * the program starts, passes signals on, and stays until the artifacts are collected.
 */

import { mainContainer } from './objects';

export const gantryFolder = '/gantry/run';
export const partsFolder = '/gantry/package';
export const busybox = `${gantryFolder}/busybox`;
/** The companion's exit code when it was told to end, and not by us. */
export const endedByCluster = 3;
/** The last thing in the companion's log: stderr is complete. */
export const endOfStderr = '\u001egantry: end of stderr';

/**
 * Runs as the companion's own. The package is there as compressed parts, or as the one file that was fetched. `over`:
 * told to end, by us or by the kubelet that ends the pod; its exit code tells which. `$1` is `wrapped` or `plain`; `$2`
 * and `$3` are `step-init` for x86_64 and aarch64, compressed and in base64, `$4` what stands in for it elsewhere.
 */
export const companionScript = `
cd ${gantryFolder} || exit 1
umask 0
cp /bin/busybox ${busybox} || exit 1
if [ -e ${partsFolder}/package.tar ]; then
  tar -xof ${partsFolder}/package.tar -C /suite || exit 1
else
  for part in ${partsFolder}/*; do [ -e "$part" ] && cat "$part"; done | tar -xzof - -C /suite || exit 1
fi
mkfifo stderr || exit 1
count='./step-init -c'
case $(uname -m) in
  x86_64) printf %s "$2" | base64 -d | gunzip > step-init || exit 1 ;;
  aarch64) printf %s "$3" | base64 -d | gunzip > step-init || exit 1 ;;
  *) printf %s "$4" > step-init; count=cat ;;
esac
chmod 755 step-init || exit 1
over=
trap 'over=1' TERM
echo $$ > companion
: > prepared
if [ "$1" = wrapped ]; then
  [ "$count" = cat ] && printf '\\036gantry: 0 lines\\n'
  $count < stderr &
  reader=$!
  while kill -0 $reader 2>/dev/null; do
    wait $reader
    [ -n "$over" ] && [ ! -e step ] && break
  done
  printf '\\036gantry: end of stderr\\n'
fi
while [ -z "$over" ]; do
  sleep 2147483 &
  wait $!
done
[ -e released ] || exit ${endedByCluster}
`;

/** Kubernetes starts the next container when this has ended: only then are the files there. */
export const preparedScript = `
n=0
until [ -e ${gantryFolder}/prepared ]; do
  n=$((n + 1))
  [ $n -gt 6000 ] && exit 1
  /bin/busybox usleep 20000
done
`;

/**
 * The pod's containers share their process numbers, and others may stand before the step's: its processes are known by a
 * file that the kubelet mounts for its container alone.
 */
const ownProcesses = `
is_own() { grep -q '/containers/${mainContainer}/[^/ ]* /dev/termination-log ' "/proc/$1/mountinfo" 2>/dev/null; }
own_processes() { for each in /proc/[0-9]*; do is_own "\${each#/proc/}" && echo "\${each#/proc/}"; done; }
`;

/**
 * Sends a signal to the first process of the step's container, whose number \`step-init\` has left; that of an image's
 * own command is the one that started first. Ends with 1 where there is none any more.
 */
export const signalScript = `${ownProcesses}
if id=$(cat ${gantryFolder}/step 2>/dev/null); then
  is_own "$id" && kill -"$1" "$id"
  exit
fi
own_processes | while read -r id; do
  read -r line < "/proc/$id/stat" 2>/dev/null || continue
  set -- \${line##*) }
  echo "\${20} $id"
done | sort -n | head -n 1 | { read -r start id && kill -"$1" "$id"; }
`;

/**
 * Tells the commands of the step's processes, one a line, and ends them all. Ends with 1 where there are none. The
 * processes of `step-init` have a moment to end by themselves, so that what was printed last is not lost.
 */
export const killScript = `${ownProcesses}
is_init() { [ "$(tr '\\0' ' ' < "/proc/$1/cmdline" 2>/dev/null | cut -d ' ' -f 1)" = ${gantryFolder}/step-init ]; }
all=$(own_processes)
[ -n "$all" ] || exit 1
first=$(cat ${gantryFolder}/step 2>/dev/null)
doomed=
for id in $all; do
  is_init "$id" && continue
  doomed="$doomed $id"
  [ "$id" = "$first" ] || { tr '\\0\\n' '  ' < "/proc/$id/cmdline"; echo; } 2>/dev/null
done
kill -KILL $doomed 2>/dev/null
n=0
while [ -n "$(own_processes)" ] && [ $n -lt 20 ]; do usleep 50000; n=$((n + 1)); done
kill -KILL $(own_processes) 2>/dev/null
exit 0
`;

/** In the background: the companion's end would end this too, and its caller would not hear from it. */
export const releaseScript = `
: > ${gantryFolder}/released
(usleep 100000; kill -TERM $(cat ${gantryFolder}/companion)) </dev/null >/dev/null 2>&1 &
`;

/** Ends everything in the pod at once. */
export const endAllScript = `
(usleep 100000; kill -KILL -1) </dev/null >/dev/null 2>&1 &
`;

/**
 * Prints the first line of the answer to an HTTP request: `$1` port, `$2` the request. The request's end stays open
 * until then: servers on Python's asyncio, uvicorn among them, drop the answer for a client that has closed its half.
 */
export const httpRequestScript = (limitSeconds: number) => `
${busybox} setsid ${busybox} sh -c '
  { printf %s "$2"; ${busybox} sleep ${limitSeconds + 1}; } |
  { ${busybox} nc -w ${limitSeconds} 127.0.0.1 "$1" | ${busybox} head -n 1; kill 0; }
' request "$1" "$2"
`;

/** `$1` port, `$2` path, `$3` the wanted statuses between spaces. */
export const httpStatusScript = `
request=$(printf 'GET %s HTTP/1.0\\r\\nHost: localhost:%s\\r\\n\\r\\n.' "$2" "$1")
first() { ${httpRequestScript(5)} }
status=$(first "$1" "\${request%.}" 2>/dev/null | cut -d ' ' -f 2)
case " $3 " in *" $status "*) exit 0 ;; esac
echo "status \${status:-unknown}"
exit 1
`;
