# As the program does, take the command for `check` where the first word names none.
functions[_multitool_lint_given_command]=$functions[_shtab_multitool_lint]
_shtab_multitool_lint() {
  if (( CURRENT > 2 )) && [[ " {commands} " != *" $words[2] "* ]]; then
    words=("$words[1]" check "${(@)words[2,-1]}")
    (( CURRENT += 1 ))
  fi
  _multitool_lint_given_command "$@"
}
functions[_multitool_lint_commands]=$functions[_shtab_multitool_lint_commands]
_shtab_multitool_lint_commands() {
  _alternative 'commands:command:_multitool_lint_commands' 'files:file:_files'
}
