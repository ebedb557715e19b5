import { expect, test } from "bun:test"
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { targets } from "../build/targets.ts"
import manifest from "../package.json"
import { conversation, sessionId } from "./fixtures/talk/conversation.ts"

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
  for (const part of ["build.ts", "build", "src/page", "src/view/render"])
    cpSync(join(root, part), join(checkout, part), { recursive: true })
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"))
  const text = readFileSync(join(root, "package.json"), "utf8")
  writeFileSync(join(checkout, "package.json"), text.replace(/("bun": )".*"/, `$1"${bun}"`))
  mkdirSync(join(checkout, "dist"))
  for (const folder of ["src/rescue/io", "src/pipeline/indexing"])
    mkdirSync(join(checkout, folder), { recursive: true })
  writeFileSync(join(checkout, "src/main.ts"), 'import "./not-there.ts"\n')
  for (const worker of ["src/rescue/io/hash-worker.ts", "src/pipeline/indexing/parse-worker.ts"])
    writeFileSync(join(checkout, worker), "")
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

test("an unknown target or option is an error that builds nothing", () => {
  for (const args of [["--all", "--only", "plan9"], ["--al"]]) {
    const run = Bun.spawnSync([process.execPath, "run", "build.ts", ...args], { cwd: root })
    expect([args, run.exitCode]).toEqual([args, 1])
  }
})

test("the runtimes that npm's lock knows have the checksum written down for them", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  const locked = targets.flatMap(({ runtime }) => {
    const entry = lock.packages[`node_modules/${runtime.package}`]
    return entry === undefined ? [] : [{ ours: runtime.integrity, theirs: entry.integrity }]
  })
  expect(locked.length).toBeGreaterThan(4)
  for (const { ours, theirs } of locked) expect(ours).toBe(theirs)
})

test("the binary knows its version", () => {
  expect(Bun.spawnSync([binary, "--version"]).stdout.toString()).toBe(`${manifest.version}\n`)
})

test("a hostile folder makes the binary neither run its code nor read its settings", () => {
  const cwd = folder()
  const trap = `require("node:fs").appendFileSync(${JSON.stringify(join(cwd, "sprung"))}, "x")`
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  write("trap.ts", trap)
  write(
    "bunfig.toml",
    'preload = ["./trap.ts"]\n[run]\npreload = ["./trap.ts"]\n[test]\npreload = ["./trap.ts"]\n',
  )
  write("tsconfig.json", '{"compilerOptions":{"paths":{"*":["./trap.ts"]},"baseUrl":"."}}')
  write("package.json", '{"imports":{"#*":"./trap.ts"},"main":"./trap.ts","type":"commonjs"}')
  const packages = Object.keys(manifest.dependencies).concat("session-rescue", "bun:sqlite", "node:fs")
  for (const name of packages.map((each) => each.replace(":", "/"))) {
    write(`node_modules/${name}/package.json`, `{"name":"${name}","version":"9.9.9","main":"index.js"}`)
    write(`node_modules/${name}/index.js`, trap)
  }
  for (const name of [".env", ".env.local", ".env.production", ".env.development"])
    write(name, `SESSION_RESCUE_DATA=${join(cwd, "theirs")}\nHOME=${cwd}\nCLAUDE_CONFIG_DIR=${cwd}\n`)
  const id = sessionId(1)
  write(`projects/-work/${id}.jsonl`, conversation({ id, cwd, at: new Date() })) // shows once .env is believed
  write("session-rescue.config.ts", trap)
  write(".session-rescue/plugins/classify/trap.ts", trap)
  write("plugins/classify/trap.ts", trap)
  const before = readdirSync(cwd, { recursive: true }).toSorted()
  for (const args of [
    ["status", "--json"],
    ["export", "--all", "--json"],
    ["--help"],
    ["resume", "--json"],
  ]) {
    const run = Bun.spawnSync([binary, ...args], { cwd })
    expect([args, run.exitCode]).toEqual([args, 0])
    expect(run.stdout.toString()).not.toContain(cwd)
  }
  expect(readdirSync(cwd, { recursive: true }).toSorted()).toEqual(before)
})
