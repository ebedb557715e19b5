import { fitColumns, sanitize } from "../terminal/sanitize.ts"

/** A word that may come next. `:FOLDER` and `:FILE` stand for what the shell itself can complete. */
export interface Suggestion {
  readonly word: string
  readonly about: string
}

/** One a line, its meaning behind a tab. */
export function showSuggestions(suggestions: readonly Suggestion[]): string {
  return suggestions
    .map(({ word, about }) => `${sanitize(word)}\t${fitColumns(sanitize(about), 70)}\n`)
    .join("")
}

export const shells = ["bash", "zsh", "fish"] as const
export type Shell = (typeof shells)[number]

/** What to put into the shell's start-up file. */
export const startUpLines: Record<Shell, string> = {
  bash: `eval "$(session-rescue completions bash)"   # in ~/.bashrc`,
  zsh: `eval "$(session-rescue completions zsh)"    # in ~/.zshrc, after compinit`,
  fish: "session-rescue completions fish | source      # in ~/.config/fish/config.fish",
}

/** The script that makes a shell ask this program itself; it holds no list of its own. */
export function completionScript(shell: Shell): string {
  return scripts[shell]
}

const scripts: Record<Shell, string> = {
  bash: `# session-rescue: completion for bash. In ~/.bashrc: eval "$(session-rescue completions bash)"
_session_rescue() {
  local word about current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$current" = = ] && current=
  COMPREPLY=()
  while IFS=$'\\t' read -r word about; do
    case $word in
      :FOLDER) compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$current") ;;
      :FILE) compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
      ?*) COMPREPLY+=("$word") ;;
    esac
  done < <("\${1/#\\~/$HOME}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _session_rescue session-rescue
`,
  zsh: `#compdef session-rescue
# session-rescue: completion for zsh. In ~/.zshrc, after compinit: eval "$(session-rescue completions zsh)"
_session_rescue() {
  local word about kind=
  local -a found
  while IFS=$'\\t' read -r word about; do
    case $word in
      :*) kind=$word ;;
      ?*) found+=("\${word//:/\\\\:}:$about") ;;
    esac
  done < <("\${words[1]/#\\~/$HOME}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe -V 'session-rescue' found
  case $kind in
    :FOLDER) _files -/ ;;
    :FILE) _files ;;
  esac
}
if [ "\${funcstack[1]-}" = _session_rescue ]; then _session_rescue "$@"; else compdef _session_rescue session-rescue; fi
`,
  fish: `# session-rescue: completion for fish. In ~/.config/fish/config.fish: session-rescue completions fish | source
function __session_rescue_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  for line in (eval $words[1] complete -- (string escape -- $words[2..-1] "$current") 2>/dev/null)
    switch $line
      case ':FOLDER*'
        __fish_complete_directories "$current"
      case ':FILE*'
        __fish_complete_path "$current"
      case '*'
        echo $line
    end
  end
end
complete -c session-rescue -f -k -a '(__session_rescue_complete)'
`,
}
