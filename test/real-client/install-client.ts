import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export type ClientVersion = "2.1.197" | "2.0.60" | "1.0.100"

const cache = join(import.meta.dir, "../../.cache")
const installTimeoutMs = 180_000
const started = new Map<ClientVersion, Promise<string | null>>()

/**
 * Path of the executable that starts this version of the client, fetched from the npm registry the first
 * time; null (and a loud line) where it cannot be had.
 */
export function installClient(version: ClientVersion): Promise<string | null> {
  const running = started.get(version) ?? install(version)
  started.set(version, running)
  return running
}

async function install(version: ClientVersion): Promise<string | null> {
  const missing = ["tmux", "npm", "node"].filter((tool) => !Bun.which(tool))
  if (missing.length > 0) return skipped(version, `there is no ${missing.join(", ")} here`)
  const folder = join(cache, "clients", version)
  const failure = executable(folder) ? undefined : await fetchInto(folder, version)
  return executable(folder) ?? skipped(version, failure ?? `npm left no client in ${folder}`)
}

/** From 2.1 a native binary in a package per platform, before that a Node script. */
function executable(folder: string): string | undefined {
  const modules = join(folder, "node_modules")
  const native = `@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`
  return [join(modules, native), join(modules, "@anthropic-ai/claude-code/cli.js")].find(existsSync)
}

/** Installs beside the final place and renames, so that an interrupted install is never taken for one. */
async function fetchInto(folder: string, version: ClientVersion): Promise<string | undefined> {
  const fresh = `${folder}.${process.pid}.tmp`
  mkdirSync(fresh, { recursive: true })
  writeFileSync(join(fresh, "package.json"), '{"private":true}\n')
  const npm = Bun.spawn(
    ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", `@anthropic-ai/claude-code@${version}`],
    {
      cwd: fresh,
      env: { ...process.env, npm_config_cache: join(cache, "npm"), npm_config_update_notifier: "false" },
      stdout: "ignore",
      stderr: "pipe",
      timeout: installTimeoutMs,
    },
  )
  const said = await new Response(npm.stderr).text()
  if ((await npm.exited) === 0) {
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
    return
  }
  rmSync(fresh, { recursive: true, force: true })
  const reason = said.split("\n").find((line) => /npm (error|ERR!)/.test(line))
  return `npm could not install it: ${reason ?? "no answer in time"}`
}

function skipped(version: ClientVersion, reason: string): null {
  console.warn(`\nSKIPPED: real client ${version}, because ${reason}\n`)
  return null
}
