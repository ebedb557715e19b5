import { closeSync, constants, openSync } from "node:fs"
import { type Terminal, terminalDevice } from "../../domain/session/terminal.ts"
import { libcCalls } from "./libc.ts"

/** FIONREAD: the number of bytes waiting to be read. */
const request = process.platform === "darwin" ? 0x4004667fn : 0x541bn

/**
 * The number of typed bytes still unread in a terminal's input queue; null where that cannot be determined. The
 * terminal is opened without becoming our controlling terminal and without blocking.
 */
export async function unreadInput(terminal: Terminal): Promise<number | null> {
  const calls = await libcCalls()
  if (calls === null) return null
  let fd: number
  try {
    fd = openSync(terminalDevice(terminal), constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    const count = new Int32Array(1)
    return calls.ioctl(fd, request, count) === 0 ? (count[0] ?? null) : null
  } finally {
    closeSync(fd)
  }
}
