import { parsePid } from "../../domain/session/pid.ts"
import { allowImmediateExit, forbidImmediateExit } from "../runtime/signals.ts"
import type { Processes } from "./processes.ts"

const pollMs = 200

/** The program's path on PATH; null when it is not found. */
export function findOnPath(name: string): string | null {
  return Bun.which(name)
}

/**
 * Runs a program in this terminal and returns its exit code (128 + the signal that ended it). It shares our process
 * group, so that the terminal's keys reach it. When it stops itself (Ctrl-Z), this program stops as well, because the
 * shell would otherwise wait; `fg` continues both. Variables that are `undefined` are removed from the environment.
 */
export async function runForeground(
  command: readonly string[],
  { cwd, environment }: { cwd: string; environment: Readonly<Record<string, string | undefined>> },
  processes: Processes,
): Promise<number> {
  forbidImmediateExit() // Ctrl-C is for the program now
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
    allowImmediateExit()
  }
}
