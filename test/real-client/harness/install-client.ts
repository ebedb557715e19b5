import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Started } from "./selected.ts"

type Wanted = Pick<Started, "version" | "start">

const cache = join(import.meta.dir, "../../../.cache")
const installTimeoutMs = 180_000
const packageName = "@anthropic-ai/claude-code"
const started = new Map<string, Promise<string | null>>()

/**
 * Path of the executable that starts this version of the client in that way, fetched from the npm registry the
 * first time; null (and a loud line) where it is not available.
 */
export async function installClient({ version, start }: Wanted): Promise<string | null> {
  const running = started.get(version) ?? install(version)
  started.set(version, running)
  const folder = await running
  return folder && executable(folder, start)
}

/** The folder in which it is installed. */
async function install(version: string): Promise<string | null> {
  const missing = ["tmux", "npm", "node"].filter((tool) => !Bun.which(tool))
  if (missing.length > 0) return skipped(version, `there is no ${missing.join(", ")} here`)
  const folder = join(cache, "clients", version)
  const failure = isComplete(folder) ? undefined : await fetchInto(folder, version)
  return isComplete(folder) ? folder : skipped(version, failure ?? `npm left no client in ${folder}`)
}

/** From 2.1 a binary in a package per platform, before that a Node script, which npm's entry leads to. */
function executable(folder: string, start: Started["start"]): string {
  const entry = join(folder, "node_modules/.bin/claude")
  return start === "native" && existsSync(native(folder)) ? native(folder) : entry
}

const native = (folder: string) =>
  join(folder, "node_modules", `${packageName}-${process.platform}-${process.arch}`, "claude")

/** Once npm's entry is the program itself, no longer the note that stands there before the package's script ran. */
function isComplete(folder: string): boolean {
  const entry = join(folder, "node_modules/.bin/claude")
  if (!existsSync(entry)) return false
  return !existsSync(native(folder)) || statSync(entry).size === statSync(native(folder)).size
}

/** Installs beside the final place and renames, so that an interrupted install is never taken for one. */
async function fetchInto(folder: string, version: string): Promise<string | undefined> {
  const fresh = `${folder}.${process.pid}.tmp`
  mkdirSync(fresh, { recursive: true })
  writeFileSync(join(fresh, "package.json"), '{"private":true}\n')
  const failure =
    (await run(fresh, "npm", [
      "install",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      `${packageName}@${version}`,
    ])) ?? (await linkEntry(join(fresh, "node_modules", packageName)))
  if (failure === undefined) {
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  } else rmSync(fresh, { recursive: true, force: true })
  return failure
}

/** The package's own script, and no other's: it puts the binary where npm's entry leads. */
async function linkEntry(folder: string): Promise<string | undefined> {
  return existsSync(join(folder, "install.cjs")) ? run(folder, "node", ["install.cjs"]) : undefined
}

/** Why it failed, when it did. */
async function run(cwd: string, program: string, args: string[]): Promise<string | undefined> {
  const running = Bun.spawn([program, ...args], {
    cwd,
    env: { ...process.env, npm_config_cache: join(cache, "npm"), npm_config_update_notifier: "false" },
    stdout: "ignore",
    stderr: "pipe",
    timeout: installTimeoutMs,
  })
  const said = await new Response(running.stderr).text()
  if ((await running.exited) === 0) return
  const reason = said.split("\n").find((line) => /npm (error|ERR!)/.test(line)) ?? said.split("\n")[0]
  return `${program} could not install it: ${reason || "no answer in time"}`
}

function skipped(version: string, reason: string): null {
  console.warn(`\nSKIPPED: real client ${version}, because ${reason}\n`)
  return null
}
