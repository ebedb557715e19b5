import { closeSync, constants, openSync, writeSync } from "node:fs"
import { type Terminal, terminalDevice } from "../../domain/session/terminal.ts"

/**
 * Leaves the alternate screen, shows the cursor, and ends paste, mouse and focus reporting and key modes. The
 * cursor is saved first: leaving a screen that was never entered would move it. What the program has drawn below
 * the cursor goes.
 */
const resets =
  "\u001b7\u001b[?1049l\u001b[?25h\u001b[?2004l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1004l\u001b[<u\u001b[>4m\u001b[?2026l\u001b[0m\u001b[J"

/**
 * Gives a terminal sane modes while the program that is about to be killed still holds it: zsh takes over those it
 * finds when a program dies, and lends them to every later one (5.9, observed).
 */
export function quietTerminal(terminal: Terminal): void {
  try {
    stty(terminalDevice(terminal), "sane")
  } catch {
    // resetTerminal will say so
  }
}

/**
 * Puts a terminal right from outside after the program that held it was killed and could not do so itself.
 * false when it could not be reached.
 */
export function resetTerminal(terminal: Terminal): boolean {
  const device = terminalDevice(terminal)
  try {
    if (isRaw(stty(device, "-a")) && stty(device, "sane") === null) return false
    const fd = openSync(device, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK)
    try {
      writeSync(fd, resets)
    } finally {
      closeSync(fd)
    }
    return true
  } catch {
    return false
  }
}

/**
 * Raw as a program leaves it, without signals from the keyboard. A shell that edits its line keeps those, and other
 * modes under its hands would confuse it.
 */
function isRaw(modes: string | null): boolean {
  return modes === null || /(^|\s)-isig\b/.test(modes)
}

/** What it prints; null when it fails. A terminal that does not answer must not hold us up. */
function stty(device: string, argument: string): string | null {
  const { BUN_OPTIONS: _options, BUN_BE_BUN: _mode, ...env } = process.env
  const command = ["stty", process.platform === "darwin" ? "-f" : "-F", device, argument]
  const { exitCode, stdout } = Bun.spawnSync(command, {
    env,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 2_000,
    killSignal: "SIGKILL",
  })
  return exitCode === 0 ? stdout.toString() : null
}
