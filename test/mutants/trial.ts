/** Runs programs in a copy, and reads what its tests said. */
import type { Subprocess } from "bun"
import type { Copy } from "./copy.ts"

/** A test file that takes longer than this is ended with all it has started. */
const longest = 300_000

const running = new Set<Subprocess>()

/** Ends what runs, with everything below it: a sandbox's processes go when its shell goes. */
export async function endAll(): Promise<void> {
  for (const child of running) child.kill("SIGTERM")
  await Promise.all([...running].map((child) => child.exited))
}

interface Said {
  readonly code: number
  readonly text: string
}

async function run(copy: Copy, command: readonly string[]): Promise<Said> {
  const { NO_COLOR: _colour, ...env } = process.env
  const child = Bun.spawn([...command], {
    cwd: copy.folder,
    env: { ...env, TMPDIR: copy.scratch, FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longest,
  })
  running.add(child)
  try {
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ])
    return { code: await child.exited, text: out + err }
  } finally {
    running.delete(child)
  }
}

/** Compiles the copy's binary; what went wrong, or null. */
export async function build(copy: Copy): Promise<string | null> {
  const { code, text } = await run(copy, [process.execPath, "run", "build.ts"])
  return code === 0 ? null : text
}

export interface Tested {
  readonly green: boolean
  /** The first test that failed, `file: name`; null when none did. */
  readonly failed: string | null
  readonly skipped: number
  readonly text: string
}

/** Runs test files of the copy in a sandbox, until the first failure. */
export async function test(copy: Copy, files: readonly string[]): Promise<Tested> {
  const faults = files.some((file) => file.startsWith("test/faults/"))
  const more = faults
    ? ["--preload", "./test/faults/harness/closing.ts", "--timeout", "240000"]
    : ["--timeout", "30000"]
  const command = ["sh", "test/sandbox.sh", "bun", "test", "--bail=1", ...more, ...files]
  const { code, text } = await run(copy, command)
  return { green: code === 0, failed: firstFailure(text), skipped: skips(text), text }
}

/** `bun test` names a file once, before its tests; what fails outside of a test has no such line and is no catch. */
export function firstFailure(text: string): string | null {
  let file = ""
  for (const line of text.split("\n")) {
    file = /^(\S+\.test\.ts):$/.exec(line)?.[1] ?? file
    const name = /^\(fail\) (.+?)(?: \[[\d.]+m?s\])?$/.exec(line)?.[1]
    if (name !== undefined && !name.endsWith("(unnamed)")) return `${file}: ${name}`
  }
  return null
}

function skips(text: string): number {
  return Number(/^ *(\d+) skip$/m.exec(text)?.[1] ?? 0)
}
