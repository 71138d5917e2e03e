/**
 * What runs in a step's pod beside its own program, in busybox's shell, which is copied into the pod: a step's image
 * need not have one.
 *
 * Kubernetes' log is one stream a container. So that stderr can be told from stdout, the program's stderr goes through
 * a pipe to the companion container, whose log it becomes. The companion also has the package's files unpacked before
 * the program starts, passes signals on, and stays until the artifacts are collected.
 */

export const gantryFolder = '/gantry/run';
export const partsFolder = '/gantry/package';
export const busybox = `${gantryFolder}/busybox`;
/** The last thing in the companion's log: stderr is complete. */
export const endOfStderr = '\u001egantry: end of stderr';
/** What the wrapper leaves as the container's termination message when there is nothing to run. */
export const noProgram = 'gantry: no program ';

/**
 * Runs as the companion's own. The package is there as compressed parts, or as the one file that was fetched. `over`:
 * told to end, by us or by the kubelet that ends the pod.
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
over=
trap 'over=1' TERM
echo $$ > companion
: > prepared
if [ "$1" = wrapped ]; then
  cat stderr &
  reader=$!
  while kill -0 $reader 2>/dev/null; do
    wait $reader
    [ -n "$over" ] && [ ! -e started ] && exit 0
  done
  printf '\\036gantry: end of stderr\\n'
fi
while [ -z "$over" ]; do
  sleep 2147483 &
  wait $!
done
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

/** Finds the program itself, for busybox's shell would prefer its own applets to the image's programs. */
export const wrapperScript = `
case "$1" in
  */*) program=$1 ;;
  *)
    program=
    IFS=:
    for folder in $PATH; do
      if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then program=$folder/$1; break; fi
    done
    unset IFS ;;
esac
if [ -z "$program" ] || [ ! -f "$program" ] || [ ! -x "$program" ]; then
  printf '${noProgram}%s' "$1" > /dev/termination-log
  exit 127
fi
shift
: > ${gantryFolder}/started
exec "$program" "$@" 2> ${gantryFolder}/stderr
`;

/**
 * Sends a signal to the step's first process: the pod's containers share their process numbers, and those that
 * Kubernetes itself started have no parent here. 1 is the pod's own.
 */
export const signalScript = `
companion=$(cat ${gantryFolder}/companion)
for stat in /proc/[0-9]*/stat; do
  read -r line < "$stat" 2>/dev/null || continue
  id=\${line%% *}
  rest=\${line##*) }
  rest=\${rest#* }
  [ "\${rest%% *}" = 0 ] && [ "$id" != 1 ] && [ "$id" != "$companion" ] && [ "$id" != $$ ] && echo "$id"
done | sort -n | head -n 1 | { read -r id && kill -"$1" "$id"; }
`;

/** In the background: the companion's end would end this too, and its caller would not hear from it. */
export const releaseScript = `
(usleep 100000; kill -TERM $(cat ${gantryFolder}/companion)) </dev/null >/dev/null 2>&1 &
`;

/** Ends everything in the pod at once. */
export const endAllScript = `
(usleep 100000; kill -KILL -1) </dev/null >/dev/null 2>&1 &
`;

/** `$1` port, `$2` path, `$3` the wanted statuses between spaces. */
export const httpStatusScript = `
status=$(printf 'GET %s HTTP/1.0\\r\\nHost: localhost:%s\\r\\n\\r\\n' "$2" "$1" | ${busybox} nc -w 5 127.0.0.1 "$1" | head -n 1 | cut -d ' ' -f 2)
case " $3 " in *" $status "*) exit 0 ;; esac
echo "status \${status:-unknown}"
exit 1
`;
