# Without a command, `check` runs, which takes files.
complete -c multitool-lint -n _shtab_multitool_lint_using \
  -ka "(__fish_complete_path (commandline -ct))"
