import { existsSync } from "node:fs"
import { join } from "node:path"

const built = join(import.meta.dir, "../../../dist/session-rescue")

export const binary = process.env.SESSION_RESCUE_BINARY ?? built

export interface Outcome {
  code: number
  stdout: string
  stderr: string
  /** stdout as one JSON document; throws, with all that was said, when it is none. */
  json<T>(): T
}

/** Runs the compiled product with that environment, and with no terminal. */
export async function runProduct(
  args: string[],
  { env, cwd }: { env: Record<string, string>; cwd: string },
): Promise<Outcome> {
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: run "bun run build" first`)
  const product = Bun.spawn([binary, ...args], { env, cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" })
  const [stdout, stderr, code] = await Promise.all([
    new Response(product.stdout).text(),
    new Response(product.stderr).text(),
    product.exited,
  ])
  return {
    code,
    stdout,
    stderr,
    json<T>() {
      try {
        return JSON.parse(stdout) as T
      } catch {
        throw new Error(`${args.join(" ")}: no JSON (exit ${code})\nstdout: ${stdout}\nstderr: ${stderr}`)
      }
    },
  }
}
