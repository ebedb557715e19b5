import { expect, test } from "bun:test"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import manifest from "../package.json"

const root = resolve(import.meta.dir, "..")
const binary = process.env.SESSION_RESCUE_BINARY ?? join(root, "dist/session-rescue")

function folder(): string {
  return mkdtempSync(join(tmpdir(), "build-"))
}

function buildIn(checkout: string) {
  const run = Bun.spawnSync([process.execPath, "run", "build.ts"], { cwd: checkout })
  return { code: run.exitCode, err: run.stderr.toString() }
}

/** A checkout with an older binary, and with a source that cannot be built. */
function brokenCheckout(bun: string): string {
  const checkout = folder()
  cpSync(join(root, "build.ts"), join(checkout, "build.ts"))
  const text = readFileSync(join(root, "package.json"), "utf8")
  writeFileSync(join(checkout, "package.json"), text.replace(/("bun": )".*"/, `$1"${bun}"`))
  mkdirSync(join(checkout, "dist"))
  mkdirSync(join(checkout, "src/rescue"), { recursive: true })
  writeFileSync(join(checkout, "src/main.ts"), 'import "./not-there.ts"\n')
  writeFileSync(join(checkout, "src/rescue/hash-worker.ts"), "")
  writeFileSync(join(checkout, "dist/session-rescue"), "the older one")
  return checkout
}

test("another Bun than the pinned one builds nothing, and the right one is named", () => {
  const { code, err } = buildIn(brokenCheckout("0.0.1"))
  expect(code).toBe(1)
  expect(err).toContain(`built with Bun 0.0.1, and this is Bun ${Bun.version}`)
})

test("a failing build leaves the older binary, and nothing half done", () => {
  const checkout = brokenCheckout(Bun.version)
  const { code, err } = buildIn(checkout)
  expect(code).toBe(1)
  expect(err).toContain("not-there.ts")
  expect(readdirSync(join(checkout, "dist"))).toEqual(["session-rescue"])
  expect(readFileSync(join(checkout, "dist/session-rescue"), "utf8")).toBe("the older one")
})

test("the binary knows its version", () => {
  expect(Bun.spawnSync([binary, "--version"]).stdout.toString()).toBe(`${manifest.version}\n`)
})

test("a hostile folder makes the binary neither run its code nor read its settings", () => {
  const cwd = folder()
  const trap = `require("node:fs").writeFileSync("sprung", "")`
  writeFileSync(join(cwd, "trap.ts"), trap)
  writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["./trap.ts"]\n[run]\npreload = ["./trap.ts"]\n')
  writeFileSync(join(cwd, "tsconfig.json"), '{"compilerOptions":{"paths":{"*":["./trap.ts"]}}}')
  writeFileSync(join(cwd, "package.json"), '{"imports":{"#*":"./trap.ts"},"main":"./trap.ts"}')
  writeFileSync(join(cwd, ".env"), `SESSION_RESCUE_DATA=${join(cwd, "theirs")}\nHOME=${cwd}\n`)
  const run = Bun.spawnSync([binary, "status", "--json"], { cwd })
  expect(run.exitCode).toBe(0)
  expect(run.stdout.toString()).not.toContain(cwd)
  expect(existsSync(join(cwd, "sprung"))).toBe(false)
})
