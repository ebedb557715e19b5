import { MiB } from "../../domain/bytes.ts"
import type { ProgramResult } from "../../domain/session/program-result.ts"

/** Output beyond this size is read but discarded. */
const maxOutputBytes = MiB

/** The environment without BUN_* variables, which change what a binary of this runtime does. */
export function childEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("BUN_"))
  return Object.fromEntries(entries) as Record<string, string>
}

/**
 * Runs a program without a shell and waits for it to exit. Never throws because of the program: if it could not be
 * started, `stderr` says why. The first MiB of each output is kept.
 */
export async function runProgram(
  program: readonly string[],
  options: {
    readonly input?: string
    readonly signal?: AbortSignal
    /** Replaces our own environment. */
    readonly environment?: Readonly<Record<string, string>>
  } = {},
): Promise<ProgramResult> {
  try {
    const child = Bun.spawn([...program], {
      env: options.environment ?? childEnvironment(),
      stdin: options.input === undefined ? "ignore" : new TextEncoder().encode(options.input),
      stdout: "pipe",
      stderr: "pipe",
      killSignal: "SIGKILL",
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const outputs = Promise.all([readHead(child.stdout), readHead(child.stderr), child.exited])
    const [stdout, stderr] = (await Promise.race([outputs, heldOpen(child, options.signal)])) ?? ["", ""]
    return { code: child.exitCode, stdout, stderr }
  } catch (error) {
    return { code: null, stdout: "", stderr: error instanceof Error ? error.message : String(error) }
  }
}

/** When time is up though the program has ended: a program that it left behind may hold its output open without end. */
async function heldOpen(child: Bun.Subprocess, signal: AbortSignal | undefined): Promise<null> {
  if (signal === undefined) return new Promise(() => {})
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve))
  await child.exited // it gets a KILL
  return null
}

async function readHead(stream: ReadableStream<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let remaining = maxOutputBytes
  for await (const part of stream) {
    if (remaining <= 0) continue
    parts.push(part.subarray(0, remaining))
    remaining -= part.length
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}
