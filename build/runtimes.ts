import { createHash } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pinnedBun, root } from "./compile.ts"
import type { Target } from "./targets.ts"

const cache = join(root, ".cache/runtimes")

/**
 * The runtime of that machine, fetched once through npm and compared with the checksum written down here. Bun
 * would fetch it by itself, but unchecked, and not from the registry that npm is set up for.
 */
export async function runtimeOf({ name, runtime }: Target): Promise<string> {
  const folder = join(cache, `${pinnedBun}-${name}`)
  const executable = join(folder, "package/bin/bun")
  if (existsSync(executable)) return executable
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(join(cache, ".fetch-"))
  try {
    await run(["npm", "pack", "--silent", `${runtime.package}@${pinnedBun}`], staging)
    const [packed] = readdirSync(staging)
    if (packed === undefined) throw new Error(`npm brought nothing for ${runtime.package}@${pinnedBun}`)
    const sum = `sha512-${createHash("sha512")
      .update(readFileSync(join(staging, packed)))
      .digest("base64")}`
    if (sum !== runtime.integrity) {
      const what = `${runtime.package}@${pinnedBun} is not what build/targets.ts expects`
      throw new Error(`${what}:\n  expected ${runtime.integrity}\n  got      ${sum}`)
    }
    await run(["tar", "-xzf", packed], staging)
    rmSync(join(staging, packed))
    rmSync(folder, { recursive: true, force: true })
    renameSync(staging, folder)
    return executable
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "ignore", stderr: "pipe" })
  const said = await new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed:\n${said}`)
}
