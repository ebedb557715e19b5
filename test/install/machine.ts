import { cpSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join, resolve } from "node:path"

const source = resolve(import.meta.dir, "../..")
const parts = [
  "build",
  "build.ts",
  "bunfig.toml",
  "install.sh",
  "package.json",
  "package-lock.json",
  "plugins",
  "src",
]

/** A checkout as a person has it after cloning: no node_modules, nothing built. */
export function freshCheckout(): string {
  const checkout = mkdtempSync(join(tmpdir(), "checkout-"))
  for (const part of [...parts, "tsconfig.json"])
    cpSync(join(source, part), join(checkout, part), { recursive: true })
  return checkout
}

/** A machine on which nothing is installed yet: a home of its own, and no Bun on PATH. */
export function freshMachine() {
  const home = mkdtempSync(join(tmpdir(), "home-"))
  const bin = join(home, ".local/bin")
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"))
  const env = { ...process.env, HOME: home, SHELL: "/bin/bash", PATH: path.join(delimiter) }
  return { home, bin, target: join(bin, "session-rescue"), env }
}

export type Machine = ReturnType<typeof freshMachine>

export interface Run {
  code: number
  out: string
  err: string
}

/** Runs `sh install.sh ARG…`; `shell` may be several words, as for BusyBox. */
export function install(
  machine: Machine,
  checkout: string,
  options: { args?: string[]; shell?: string; env?: Record<string, string> } = {},
): Run {
  const command = [
    ...(options.shell ?? "sh").split(" "),
    join(checkout, "install.sh"),
    ...(options.args ?? []),
  ]
  return run(command, { ...machine.env, ...options.env })
}

export function run(command: string[], env: Record<string, string | undefined>, stdin?: Blob): Run {
  const cwd = mkdtempSync(join(tmpdir(), "elsewhere-"))
  const done = Bun.spawnSync(command, { cwd, env, ...(stdin ? { stdin } : {}) })
  return { code: done.exitCode, out: done.stdout.toString(), err: done.stderr.toString() }
}

/** A folder with a program of our name in it that is not ours. */
export function impostor(): string {
  const folder = mkdtempSync(join(tmpdir(), "impostor-"))
  writeFileSync(join(folder, "session-rescue"), "#!/bin/sh\necho impostor\n", { mode: 0o755 })
  return folder
}
