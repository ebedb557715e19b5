/** A user's post-process plugin runs in a process of its own: whatever it does, it harms nobody but itself. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { chmodSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { binary } from "../fixtures/machine.ts"
import { PluginMachine, postProcessor } from "../fixtures/plugins.ts"
import { until } from "../fixtures/until.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
})
afterEach(() => machine.dispose())

/** No process of that number, or one that is only waiting to be counted. */
function gone(pid: number): Promise<boolean> {
  return until(`process ${pid} to be gone`, () => {
    try {
      return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
    } catch {
      return true
    }
  })
}

interface Check {
  readonly ok: boolean
  readonly why: string | null
  readonly did: string | null
  readonly says: readonly string[]
}

/** `plugin check` runs it on an export made for the purpose, the way every export is handed to it. */
async function checked(name: string, code = 1): Promise<Check> {
  const answer = await machine.ask(["plugin", "check", name, "--json"])
  expect([answer.code, answer.stderr, answer.json.checks.length]).toEqual([code, "", 1])
  return answer.json.checks[0]
}

describe("one that", () => {
  const quick = '[plugins.bad]\ntimeout = "500ms"\n'
  test.each([
    ["throws", 'throw new Error("no luck")', /^no luck$/],
    ["never answers", "await new Promise(() => {})", /^it did not answer within 500 ms$/],
    ["spins", "for (;;) {}", /^it did not return within 500 ms$/],
    ["spins after an await", "await ctx.run(['echo']); for (;;) {}", /^it did not return within 500 ms$/],
    ["exits with success", "process.exit(0)", /^it exited \(exit code 0\)$/],
    ["kills its process", 'process.kill(process.pid, "SIGKILL")', /^it was killed by SIGKILL$/],
    [
      "prints 100 MB",
      'process.stdout.write("x".repeat(1e8)); await new Promise(() => {})',
      /^it printed more than 4 MB$/,
    ],
    [
      "logs 100 MB of errors",
      'for (let i = 0; i < 100; i++) console.error("x".repeat(1e6)); await new Promise(() => {})',
      /^it printed more than 4 MB$/,
    ],
    ["answers what is no data", "return () => 1", /^what it answered is not plain data/],
    ["answers what fits into no document", "return 1n", /^its answer is not plain data/],
    ["answers more than anybody reads", 'return "x".repeat(2e6)', /^its answer is larger than 1 MB$/],
    [
      "calls a program that is not there and minds",
      'const { code, stderr } = await ctx.run(["no-such-program"]); if (code !== 0) throw new Error(stderr)',
      /no-such-program/,
    ],
  ])("%s fails by itself", async (_, body, why) => {
    machine.add("post-process", "bad", postProcessor("bad", body))
    machine.configure(body.includes("1e") ? "" : quick) // printing takes its time
    expect((await checked("bad")).why).toMatch(why)
  })

  test.each([
    [
      "deletes the export",
      'require("node:fs").rmSync(exported.path)',
      /LOSSLESS-session\.jsonl was removed$/,
    ],
    [
      "deletes its manifest",
      'require("node:fs").rmSync(exported.manifestPath)',
      /manifest\.json was removed$/,
    ],
    [
      "appends to it",
      'require("node:fs").appendFileSync(exported.path, "x")',
      /LOSSLESS-session\.jsonl was changed$/,
    ],
    [
      "rewrites it at the same length and time",
      `const fs = require("node:fs"); const s = fs.statSync(exported.path); const b = fs.readFileSync(exported.path); b[5] ^= 1
       fs.writeFileSync(exported.path, b); fs.utimesSync(exported.path, s.atime, s.mtime)`,
      /LOSSLESS-session\.jsonl was changed$/,
    ],
    [
      "puts a link in its place",
      'const fs = require("node:fs"); fs.renameSync(exported.path, "/tmp/x-" + process.pid); fs.symlinkSync("/tmp/x-" + process.pid, exported.path)',
      /was changed$/,
    ],
    [
      "changes it and throws",
      'require("node:fs").rmSync(exported.path); throw new Error("sorry")',
      /^sorry; and it changed the export: .* was removed$/,
    ],
  ])("%s is found out", async (_, body, why) => {
    machine.add("post-process", "bad", postProcessor("bad", body))
    expect((await checked("bad")).why).toMatch(why)
  })

  test("touches it and leaves its bytes as they are is forgiven", async () => {
    const link =
      'fs.linkSync(exported.path, beside + "/a"); fs.linkSync(exported.manifestPath, beside + "/b")'
    const beside = 'const beside = require("node:path").join(exported.path, "../..")'
    const body = `const fs = require("node:fs"); ${beside}; fs.utimesSync(exported.path, 1, 1); ${link}; return { touched: true }`
    machine.add("post-process", "good", postProcessor("good", body))
    expect(await checked("good", 0)).toMatchObject({ ok: true, did: 'answered {"touched":true}' })
  })
})

test("it is told everything about the export, runs programs and says something", async () => {
  const body = `
    const bytes = ctx.files.read(exported.path, 0, exported.files[0].length)
    const sum = new Bun.CryptoHasher("sha256").update(bytes).digest("hex")
    const { code, stdout } = await ctx.run(["cat"], { input: "handed over" })
    ctx.log("the program said " + stdout)
    return { same: sum === exported.manifest.files[0].sha256, code, greeting: ctx.options.greeting, id: exported.manifest.session.id.length }`
  machine.add(
    "post-process",
    "good",
    postProcessor("good", body).replace('on: "export",', 'on: "export", options: { greeting: "string" },'),
  )
  machine.configure('[plugins.good]\ngreeting = "hello"\n')
  const { did, says } = await checked("good", 0)
  expect(did).toBe('answered {"same":true,"code":0,"greeting":"hello","id":36}')
  expect(says).toEqual(["good: the program said handed over"])
})

test("what it has started ends with it when its time is over", async () => {
  const file = join(machine.root, "pid")
  const body = `await ctx.run(["sh", "-c", "echo $$ > ${file}; sleep 1000"])`
  machine.add("post-process", "bad", postProcessor("bad", body))
  machine.configure('[plugins.bad]\ntimeout = "1s"\n')
  expect((await checked("bad")).why).toMatch(/did not answer within 1 s/)
  await gone(Number(readFileSync(file, "utf8")))
})

test("Ctrl-C ends it at once, and nothing of it stays", async () => {
  const file = join(machine.root, "pid")
  machine.add(
    "post-process",
    "bad",
    postProcessor("bad", `require("node:fs").writeFileSync("${file}", String(process.pid)); for (;;) {}`),
  )
  const child = machine.start([binary, "plugin", "check", "bad"], { env: machine.bareTools })
  await until("the plugin to run", () => existsSync(file) && readFileSync(file, "utf8") !== "")
  process.kill(child.pid, "SIGINT")
  expect(await child.exited).toBe(130)
  await gone(Number(readFileSync(file, "utf8")))
})

test("when we are killed ourselves, a plugin that spins does not stay behind", async () => {
  const file = join(machine.root, "pid")
  machine.add(
    "post-process",
    "bad",
    postProcessor("bad", `require("node:fs").writeFileSync("${file}", String(process.pid)); for (;;) {}`),
  )
  const child = machine.start([binary, "plugin", "check", "bad"], { env: machine.bareTools })
  await until("the plugin to run", () => existsSync(file) && readFileSync(file, "utf8") !== "")
  process.kill(child.pid, "SIGKILL")
  await child.exited
  await gone(Number(readFileSync(file, "utf8")))
})

test("loose permissions are said with the chmod that mends them", async () => {
  const path = machine.add("post-process", "bad", postProcessor("bad", "return 1"))
  chmodSync(path, 0o666)
  expect(await checked("bad")).toMatchObject({
    why: `${path} can be written by everybody`,
    fix: `chmod o-w '${path}'`,
  } as never)
})

test("an export that it deletes is there again, the others have run, and all is archived in the end", async () => {
  machine.transcript(machine.id, {})
  machine.add("post-process", "eater", postProcessor("eater", 'require("node:fs").rmSync(exported.path)'))
  machine.add("post-process", "good", postProcessor("good", "return 1"))
  const { json, code } = await machine.ask(["export", machine.id, "--json"])
  expect([code, json.exports[0].status]).toEqual([0, "verified"])
  expect(json.warnings.join("\n")).toMatch(/^eater deleted .*: restored$/m)
  expect(existsSync(json.exports[0].path)).toBe(true)
  expect((await machine.ask(["queue"])).stdout).toMatch(/eater failed 1 time[\s\S]*good done/)
  expect((await machine.ask(["cx"])).code).toBe(0)
  expect((await machine.ask(["verify", "--all"])).stdout).toMatch(/^1 export read again and verified$/m)
})
