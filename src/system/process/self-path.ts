import { accessSync, constants, realpathSync } from "node:fs"
import { delimiter, join } from "node:path"
import type { ProgramResult } from "../../domain/session/program-result.ts"
import { runProgram } from "./run-program.ts"

const programName = "session-rescue"

/** How to call this program: the first path of its name on PATH that leads to this file, else the file itself. */
export function locateSelf(): {
  readonly path: string
  readonly onPath: string | null
  readonly isBinary: boolean
} {
  const own = realpathSync(process.execPath)
  const [first] = listNamesakes()
  const ours = listNamesakes().find((path) => realpathSync(path) === own)
  return { path: ours ?? own, onPath: first ?? null, isBinary: Bun.isStandaloneExecutable }
}

/** Every executable of this program's name on PATH, in the order in which a shell would find them. */
export function listNamesakes(): string[] {
  return allOnPath(programName)
}

export function isOnPath(name: string): boolean {
  return allOnPath(name).length > 0
}

function allOnPath(name: string): string[] {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * Starts this program in a new session without a terminal, so that it outlives this process and its parent; it
 * inherits standard input unless `input` is "ignore". Resolves when it has ended or after `waitMs`, whichever comes
 * first.
 */
export async function startDetached(
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>
    readonly waitMs: number
    readonly input?: "inherit" | "ignore"
  },
): Promise<"ended" | "goes on"> {
  const { BUN_OPTIONS, BUN_BE_BUN, ...env } = { ...process.env, ...options.env }
  const child = Bun.spawn([...ownProgram(), ...args], {
    cwd: "/",
    env,
    stdio: [options.input ?? "inherit", "ignore", "ignore"],
    detached: true,
  })
  child.unref()
  const ended = child.exited.then(() => "ended" as const)
  return Promise.race([ended, Bun.sleep(options.waitMs).then(() => "goes on" as const)])
}

/** Runs this program again and waits for it; it is not ended when this one is interrupted. */
export function runAgain(args: readonly string[]): Promise<ProgramResult> {
  return runProgram([...ownProgram(), ...args])
}

function ownProgram(): string[] {
  return Bun.isStandaloneExecutable ? [process.execPath] : [process.execPath, Bun.main]
}

/** Lines of standard input, where that is a terminal; returns how to stop. */
export function onInputLine(act: () => void): () => void {
  if (!process.stdin.isTTY) return () => {}
  process.stdin.on("data", act)
  return () => {
    process.stdin.off("data", act)
    process.stdin.pause()
  }
}

/** All of standard input, if it ends within `waitMs` and is at most `limit` characters long; else null. */
export async function readInput(waitMs: number, limit: number): Promise<string | null> {
  if (process.stdin.isTTY) return null
  const late = Bun.sleep(waitMs).then(() => null)
  const text = await Promise.race([Bun.stdin.text().catch(() => null), late])
  return text === null || text.length > limit ? null : text
}
