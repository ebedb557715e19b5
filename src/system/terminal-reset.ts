import { closeSync, constants, openSync, writeSync } from "node:fs"
import { type Terminal, terminalDevice } from "../session/terminal.ts"

/** Leaves the alternate screen, shows the cursor, and ends paste, mouse and focus reporting and key modes. */
const resets =
  "\u001b[?1049l\u001b[?25h\u001b[?2004l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1004l\u001b[<u\u001b[>4m\u001b[?2026l\u001b[0m"

/**
 * Puts a terminal right from outside after the program that held it was killed and could not do so itself.
 * false when it could not be reached.
 */
export function resetTerminal(terminal: Terminal): boolean {
  const device = terminalDevice(terminal)
  const flag = process.platform === "darwin" ? "-f" : "-F"
  try {
    const { BUN_OPTIONS: _options, BUN_BE_BUN: _mode, ...env } = process.env
    if (
      Bun.spawnSync(["stty", flag, device, "sane"], { env, stdio: ["ignore", "ignore", "ignore"] })
        .exitCode !== 0
    ) {
      return false
    }
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
