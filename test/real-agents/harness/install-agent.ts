import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const cache = join(import.meta.dir, "../../../.cache")
const installTimeoutMs = 300_000

/**
 * The path of an agent's program from its npm package, fetched the first time; null, and a loud line, where it cannot be
 * had. No install script is run.
 */
export async function installAgent(
  packageName: string,
  version: string,
  program: string,
): Promise<string | null> {
  const name = `${packageName} ${version}`
  const missing = ["tmux", "npm", "node"].filter((tool) => Bun.which(tool) === null)
  if (missing.length > 0) return skipped(name, `there is no ${missing.join(", ")} here`)
  const folder = join(cache, "agents", `${packageName.replaceAll("/", "-")}-${version}`)
  const path = join(folder, "node_modules/.bin", program)
  if (existsSync(path)) return path
  const failure = await fetchInto(folder, `${packageName}@${version}`)
  return failure === null && existsSync(path) ? path : skipped(name, failure ?? `npm left no ${path}`)
}

/** Installs beside the final place and renames, so that an interrupted install is never taken for one. */
async function fetchInto(folder: string, wanted: string): Promise<string | null> {
  const fresh = `${folder}.${process.pid}.tmp`
  mkdirSync(fresh, { recursive: true })
  writeFileSync(join(fresh, "package.json"), '{"private":true}\n')
  const npm = Bun.spawn(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", wanted], {
    cwd: fresh,
    env: { ...process.env, npm_config_cache: join(cache, "npm"), npm_config_update_notifier: "false" },
    stdout: "ignore",
    stderr: "pipe",
    timeout: installTimeoutMs,
  })
  const said = await new Response(npm.stderr).text()
  if ((await npm.exited) === 0) {
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
    return null
  }
  rmSync(fresh, { recursive: true, force: true })
  return `npm could not install it: ${said.split("\n")[0] || "no answer in time"}`
}

function skipped(name: string, reason: string): null {
  console.warn(`\nSKIPPED: real agent ${name}, because ${reason}\n`)
  return null
}
