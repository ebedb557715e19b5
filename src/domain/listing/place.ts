import type { Terminal } from "../session/terminal.ts"

/** Where a live session is, as its user knows the place. */
export interface LivePlace {
  /**
   * `tmux`, `screen`: a pane or window of a multiplexer. `editor`: the terminal or panel of an editor. `terminal`: a
   * terminal program's window. `background`: run by the agent's service, without a window. `none`: without a terminal.
   */
  readonly kind: "tmux" | "screen" | "editor" | "terminal" | "background" | "none"
  /** Short enough for a row: `work:2.1`, `VS Code`, `pts/3`, `background`. */
  readonly name: string
  readonly terminal: Terminal | null
  /** The program around the terminal, where its environment names it: `VS Code`, `iTerm2`. */
  readonly program: string | null
  /** The tmux pane and its server's socket, to switch to it. */
  readonly pane?: { readonly id: string; readonly socket: string }
}

/** Variables of a client's environment that tell where it was started. */
export const placeVariables = [
  "TMUX",
  "STY",
  "WINDOW",
  "TERM_PROGRAM",
  "TERMINAL_EMULATOR",
  "CURSOR_TRACE_ID",
  "VSCODE_GIT_ASKPASS_NODE",
  "CLAUDE_CODE_ENTRYPOINT",
  "ZED_TERM",
  "KITTY_WINDOW_ID",
  "ALACRITTY_WINDOW_ID",
  "WEZTERM_PANE",
  "VTE_VERSION",
  "WT_SESSION",
  "SSH_CONNECTION",
]

type Variables = Readonly<Record<string, string | undefined>>

/** Names as their makers write them. TERM_PROGRAM: the terminals' own documentation. */
const programs: Readonly<Record<string, string>> = {
  "iTerm.app": "iTerm2",
  Apple_Terminal: "Terminal",
  WezTerm: "WezTerm",
  ghostty: "Ghostty",
  WarpTerminal: "Warp",
  Hyper: "Hyper",
  rio: "Rio",
  zed: "Zed",
}

/** The editor whose terminal or panel a client runs in; null for none that is known. */
export function editorIn(environment: Variables): string | null {
  const { TERM_PROGRAM, TERMINAL_EMULATOR, CURSOR_TRACE_ID, VSCODE_GIT_ASKPASS_NODE = "" } = environment
  if (TERM_PROGRAM === "vscode" || environment.CLAUDE_CODE_ENTRYPOINT === "claude-vscode") {
    if (CURSOR_TRACE_ID !== undefined || /cursor/i.test(VSCODE_GIT_ASKPASS_NODE)) return "Cursor"
    return /windsurf/i.test(VSCODE_GIT_ASKPASS_NODE) ? "Windsurf" : "VS Code"
  }
  if (TERMINAL_EMULATOR === "JetBrains-JediTerm") return "JetBrains"
  return environment.ZED_TERM !== undefined || TERM_PROGRAM === "zed" ? "Zed" : null
}

/** The terminal program that a client's environment names; null when it names none that is known. */
export function terminalProgramIn(environment: Variables): string | null {
  const named = programs[environment.TERM_PROGRAM ?? ""]
  if (named !== undefined) return named
  if (environment.KITTY_WINDOW_ID !== undefined) return "kitty"
  if (environment.ALACRITTY_WINDOW_ID !== undefined) return "Alacritty"
  if (environment.WEZTERM_PANE !== undefined) return "WezTerm"
  if (environment.WT_SESSION !== undefined) return "Windows Terminal"
  return environment.VTE_VERSION === undefined ? null : "VTE terminal"
}
