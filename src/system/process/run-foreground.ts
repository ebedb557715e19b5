import { parsePid } from "../../domain/session/pid.ts"
import { forbidImmediateExit } from "../runtime/signals.ts"
import type { Processes } from "./processes.ts"

const pollMs = 200

/** The program's path on PATH; null when it is not there. */
export function findOnPath(name: string): string | null {
  return Bun.which(name)
}

/**
 * Gives this terminal to a program until it ends, and answers its exit code (128 + the signal that ended it). It
 * shares our process group, so that the terminal's keys reach it; when it stops itself (Ctrl-Z), we stop as well,
 * for otherwise the shell would wait for us; `fg` continues both. A variable that is `undefined` is taken away.
 */
export async function runForeground(
  command: readonly string[],
  { cwd, environment }: { cwd: string; environment: Readonly<Record<string, string | undefined>> },
  processes: Processes,
): Promise<number> {
  forbidImmediateExit() // Ctrl-C is the program's now
  const { BUN_OPTIONS: _options, BUN_BE_BUN: _mode, ...env } = { ...process.env, ...environment }
  const child = Bun.spawn([...command], { cwd, env, stdio: ["inherit", "inherit", "inherit"] })
  const pid = parsePid(child.pid)
  const follow = setInterval(async () => {
    if (pid !== null && (await processes.probe(pid))?.letter === "T") process.kill(process.pid, "SIGSTOP")
  }, pollMs)
  try {
    return await child.exited
  } finally {
    clearInterval(follow)
  }
}
