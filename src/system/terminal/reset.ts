import { closeSync, constants, openSync, writeSync } from "node:fs"
import { type Terminal, terminalDevice } from "../../domain/session/terminal.ts"

/**
 * Leaves the alternate screen, shows the cursor, and ends paste, mouse and focus reporting and key modes. The cursor is
 * saved first: leaving a screen that was never entered would move it. What the program has drawn below the cursor is
 * erased.
 */
const resets =
  "\u001b7\u001b[?1049l\u001b[?25h\u001b[?2004l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1004l\u001b[<u\u001b[>4m\u001b[?2026l\u001b[0m\u001b[J"

/**
 * Sets a terminal to sane modes while the program that is about to be killed still holds it: zsh adopts the modes that
 * it finds when a program dies, and passes them to every later program (5.9, observed).
 */
export function quietTerminal(terminal: Terminal): void {
  try {
    stty(terminalDevice(terminal), "sane")
  } catch {
    // resetTerminal reports the error
  }
}

/**
 * Restores a terminal from outside after its program was killed and could not do so itself. false when the terminal
 * could not be accessed.
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
 * Whether the modes are raw, as a full-screen program sets them: keyboard signals are off. A shell's line editor keeps
 * those on, and changing its modes would confuse it.
 */
function isRaw(modes: string | null): boolean {
  return modes === null || /(^|\s)-isig\b/.test(modes)
}

/** The output of stty; null when it fails. The timeout covers a terminal that does not respond. */
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
