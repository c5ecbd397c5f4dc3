# As the program does, take the command for `check` where the first word names none. Bash makes the
# "=" of --format=json a word of its own; the function above knows no such words.
_multitool_lint() {
  local words=() at=$COMP_CWORD index
  for index in "${!COMP_WORDS[@]}"; do
    if [[ $index -gt 1 && ${COMP_WORDS[index]} == "=" ]]; then
      ((index < COMP_CWORD)) && ((at -= 1))
      ((index == COMP_CWORD)) && words+=("")
    else
      words+=("${COMP_WORDS[index]}")
    fi
  done
  if ((at > 1)) && [[ " {commands} " != *" ${words[1]} "* ]]; then
    words=("${words[0]}" check "${words[@]:1}")
    ((at += 1))
  fi
  COMP_WORDS=("${words[@]}") COMP_CWORD=$at
  _shtab_multitool_lint
}
complete -o bashdefault -o default -F _multitool_lint multitool-lint
