/** By shell, a script that asks `gantry complete` for what can come next. */
export const shells: Readonly<Record<string, string>> = {
  bash: `# bash: source <(gantry completion bash)
_gantry() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(gantry complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ "\${#COMPREPLY[@]}" -gt 0 ] || compopt -o default
}
complete -F _gantry gantry`,
  zsh: `#compdef gantry
# zsh: source <(gantry completion zsh)
_gantry() {
  local -a found
  found=("\${(@f)$(gantry complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found || _files
}
compdef _gantry gantry`,
  fish: `# fish: gantry completion fish | source
complete -c gantry -f -a '(gantry complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
};
