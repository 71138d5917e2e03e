import { busybox, gantryFolder } from './pod-scripts';

/**
 * What runs in a step's own container beside its program: `step-init`, and where the program could not be run a script
 * that leaves what it found as the container's termination message.
 */

export const stepInit = `${gantryFolder}/step-init`;
/** What a termination message of ours begins with; then the search path and the files, see `explainScript`. */
export const startReport = 'gantry: not run';

/**
 * The argv of a container whose program runs under `step-init`, in this folder. Processes that it leaves behind have
 * `leftSeconds`.
 */
export function underStepInit(folder: string, leftSeconds: number, command: readonly string[]): string[] {
  const words = [busybox, 'sh', '-c', explainScript, 'gantry', '127'];
  return [
    ...[stepInit, '-n', `${gantryFolder}/step`, '-2', `${gantryFolder}/stderr`, '-c'],
    ...['-w', String(leftSeconds), '-e', String(words.length), ...words, folder, ...command],
  ];
}

/**
 * `$1` exit code, `$2` folder, then the command. Writes what was there to be run: the search path, and for each file its
 * mode, its path, and where it leads to: a link to its target, a program to its interpreter. The words are in base64.
 */
const explainScript = `
bb=${busybox}
code=$1 folder=$2 program=$3 option=$4 script=$5
word() { printf '%s' "$1" | $bb base64 | $bb tr -d '\\n'; }
report="${startReport} $(word "$PATH")"
look() {
  [ \${#report} -gt 3500 ] && { report='${startReport}'; seen=full; }
  case "$seen" in full | *"|$1|"*) return ;; esac
  seen="$seen|$1|"
  mode=$($bb stat -c %f "$1" 2>/dev/null) || return
  more=
  if [ -L "$1" ]; then
    more=$($bb readlink "$1")
  elif [ -f "$1" ]; then
    case "$($bb head -c 4 "$1" 2>/dev/null | $bb tr -d '\\0')" in
      '#!'*) more=$($bb head -c 300 "$1" | $bb head -n 1 | $bb tr -d '\\0') ;;
      *ELF) more="#!$($bb head -c 4096 "$1" | $bb tr '\\0' '\\n' | $bb grep -m 1 '^/.*/ld[^/]*$')" ;;
    esac
  fi
  report="$report
$mode $(word "$1") $(word "$more")"
  [ -L "$1" ] && case "$more" in
    /*) look "$more" ;;
    *) look "\${1%/*}/$more" ;;
  esac
  case "$more" in '#!'*) more=\${more#??}; more=\${more# }; look "\${more%%[ 	]*}" ;; esac
}
look "$folder"
case "$program" in
  /*) look "$program" ;;
  */*) look "$folder/$program" ;;
  *)
    rest=$PATH:
    while [ -n "$rest" ]; do
      each=\${rest%%:*} rest=\${rest#*:}
      case "$each" in /*) look "$each/$program" ;; *) look "$folder/$each/$program" ;; esac
    done ;;
esac
if [ "$option" = -c ]; then
  set -f
  for each in $(printf '%s' "$script" | $bb tr -c 'A-Za-z0-9_./+-' '\\n' | $bb grep / | $bb head -n 40); do
    case "$each" in /*) look "$each" ;; *) look "$folder/$each" ;; esac
  done
fi
printf '%s' "$report" > /dev/termination-log
exit "$code"
`;

/**
 * Stands in for \`step-init\` on machines that it was not built for, with the same words: a stop reaches the first
 * process alone, which leaves nothing behind, variables whose names no shell takes are missing, and lines are not
 * counted. It finds the program itself, for busybox's shell
 * would prefer its own applets to the image's programs.
 */
export const shellInit = `#!${busybox} sh
echo $$ > "$2"
exec 2> "$4"
printf '\\036gantry: 0 lines\\n'
explain=\${13}
shift 15
folder=$1 program=$2
if ! cd "$folder" 2>/dev/null; then exec ${busybox} sh -c "$explain" gantry 126 "$@"; fi
case "$program" in
  */*) found=$program ;;
  *)
    found=
    rest=$PATH:
    while [ -n "$rest" ]; do
      each=\${rest%%:*} rest=\${rest#*:}
      if [ -f "$each/$program" ] && [ -x "$each/$program" ]; then found=$each/$program; break; fi
    done ;;
esac
if [ ! -e "$found" ]; then exec ${busybox} sh -c "$explain" gantry 127 "$@"; fi
if [ ! -f "$found" ] || [ ! -x "$found" ]; then exec ${busybox} sh -c "$explain" gantry 126 "$@"; fi
shift 2
exec "$found" "$@"
`;
