/** Whatever a user's plugin does: status names it, says what happened, and is otherwise as it would be without it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { classifier, decides, PluginMachine } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
  machine.transcript(machine.id, {})
})
afterEach(() => machine.dispose())

async function statusOf(env: Record<string, string> = {}) {
  const answer = await machine.ask(["status", "--json"], env)
  expect([answer.code, answer.stderr]).toEqual([0, ""])
  const [session, ...others] = answer.json.sessions
  expect(others).toEqual([])
  return { session, warnings: answer.json.warnings as string[] }
}

const leftOut = (name: string, why: string) => `the classify plugin ${name} was left out: ${why}`

const troubles: Record<string, { code: string; why: RegExp; config?: string }> = {
  "a syntax error": {
    code: "const x: = 3\nlet y y",
    why: /^the classify plugin bad was left out: line 1: Unexpected =; line 2: Expected ";" but found "y"$/,
  },
  "an endless await": {
    code: classifier("bad", "await new Promise(() => {})"),
    why: /did not answer within 500 ms$/,
  },
  "a spin": { code: classifier("bad", "for (;;) {}"), why: /did not return within 500 ms$/ },
  "a spin after an await": {
    code: classifier("bad", "await ctx.processes.list(); for (;;) {}"),
    why: /did not return within 500 ms$/,
  },
  "process.exit(0)": {
    code: classifier("bad", "process.exit(0)"),
    why: /it exited \(exit code 0\)$/,
  },
  "a throw": { code: classifier("bad", 'throw new Error("no luck")'), why: /left out: no luck$/ },
  "a throw of something else": { code: classifier("bad", "throw null"), why: /left out: null$/ },
  "an error nobody catches": {
    code: classifier("bad", 'setTimeout(() => { throw new Error("later") }); await new Promise(() => {})'),
    why: /it exited \(exit code 1\): error: later$/,
  },
  "a crash of the process": {
    code: classifier("bad", 'process.kill(process.pid, "SIGSEGV"); await new Promise(() => {})'),
    why: /it was killed by SIGSEGV/,
  },
  "100 MB of output": {
    code: classifier(
      "bad",
      'for (let i = 0; i < 100; i++) console.log("x".repeat(1e6)); await new Promise(() => {})',
    ),
    why: /it printed more than 4 MB$/,
  },
  "100 MB of warnings": {
    code: classifier(
      "bad",
      'for (let i = 0; i < 100; i++) ctx.warn(i + "x".repeat(1e6)); await new Promise(() => {})',
    ),
    why: /it sent more than 1 MB of messages$/,
  },
  "an error of 10 MB": { code: classifier("bad", 'throw new Error("x".repeat(1e7))'), why: /left out: x+$/ },
  "an endless await while it is loaded": {
    code: "await new Promise(() => {})",
    why: /loading it took longer than 500 ms$/,
  },
  "a spin while it is loaded": { code: "for (;;) {}", why: /loading it took longer than 500 ms$/ },
  "process.exit(0) while it is loaded": {
    code: "process.exit(0)",
    why: /it exited \(exit code 0\)$/,
  },
  "a throw while it is loaded": { code: 'throw new Error("not today")', why: /left out: not today$/ },
  "nothing exported": { code: "export const x = 1", why: /it exports no plugin/ },
  "another name": { code: decides("other", "x"), why: /it says name: "other", and its file says "bad"/ },
  "another stage": {
    code: 'export default { name: "bad", stage: "act", act() {} }',
    why: /it says stage: "act", and is in the folder of classify$/,
  },
  "no function": {
    code: 'export default { name: "bad", stage: "classify" }',
    why: /it has no function classify/,
  },
  "a state there is not": {
    code: classifier("bad", 'return { state: "FINE", detail: "x", evidence: [], flags: [] }'),
    why: /its answer is not valid: state: /,
  },
  "an answer that is a function": {
    code: classifier("bad", "return () => 1"),
    why: /what it answered is not plain data/,
  },
  "a module that is not there": {
    code: 'import "./nowhere.ts"',
    why: /Cannot find module '\.\/nowhere\.ts'/,
  },
}

describe("a classify plugin with", () => {
  test.each(Object.entries(troubles))(
    "%s is left out, by name; another of them still decides",
    async (_, trouble) => {
      machine.add("classify", "bad", trouble.code)
      machine.add("classify", "good", decides("good", "seen by good"))
      if (!trouble.code.includes("1e6")) machine.configure('[plugins.bad]\ntimeout = "500ms"\n') // printing takes its time
      const { session, warnings } = await statusOf()
      expect([session.state, session.detail]).toEqual(["ORPHANED", "seen by good"])
      expect(session.evidence[0]).toEqual({
        signal: "plugin",
        message: "decided by your plugin good",
        says: "decided by your plugin good",
      })
      const [about, ...more] = warnings.filter((warning) => !warning.startsWith("bad: "))
      expect([about, more]).toEqual([expect.stringMatching(trouble.why), []])
      expect(Math.max(...warnings.map((warning) => warning.length))).toBeLessThan(1200)
      expect(about).toStartWith(leftOut("bad", ""))
    },
  )

  test("any of these alone leaves the session to ours", async () => {
    machine.add("classify", "bad", classifier("bad", "process.exit(0)"))
    const { session, warnings } = await statusOf()
    expect([session.state, session.detail]).toEqual(["ORPHANED", "closed"])
    expect(warnings).toEqual([leftOut("bad", "it exited (exit code 0)")])
  })
})

test("of several that are asked at once, the one that ends their process is found", async () => {
  for (let n = 2; n <= 9; n++) machine.transcript(sessionId(n), {})
  machine.add("classify", "a-slow", classifier("a-slow", "await ctx.resample(); return null"))
  machine.add(
    "classify",
    "b-bad",
    classifier("b-bad", `if (session.id === "${sessionId(5)}") process.exit(3); return null`),
  )
  machine.add("classify", "c-good", decides("c-good", "seen"))
  const answer = await machine.ask(["status", "--json"])
  expect(answer.json.sessions.map((each: { detail: string }) => each.detail)).toEqual(Array(9).fill("seen"))
  expect(answer.json.warnings).toEqual([leftOut("b-bad", "it exited (exit code 3)")])
})

test("nothing that a plugin prints reaches our output", async () => {
  const noise = 'console.log("noise"); console.error("noise"); require("node:fs").writeSync(1, "noise")'
  machine.add("classify", "loud", classifier("loud", `${noise}; return null`, noise))
  const { session, warnings } = await statusOf()
  expect([session.detail, warnings]).toEqual(["closed", []])
})

test("what it warns of is said under its name, without control characters", async () => {
  machine.add("classify", "loud", classifier("loud", 'ctx.warn("careful \\u001b[31m!"); return null'))
  const { code, stderr } = await machine.ask(["status"])
  expect([code, stderr]).toEqual([0, "note: loud: careful !\n"])
})

test("--no-plugins and SESSION_RESCUE_NO_PLUGINS load none", async () => {
  machine.add("classify", "good", decides("good", "seen by good"))
  expect((await statusOf({ SESSION_RESCUE_NO_PLUGINS: "1" })).session.detail).toBe("closed")
  const without = await machine.ask(["status", "--json", "--no-plugins"])
  expect(without.json.sessions[0].detail).toBe("closed")
  expect((await statusOf()).session.detail).toBe("seen by good")
})

test("BUN_OPTIONS and BUN_BE_BUN of the shell do not reach the process of the plugins", async () => {
  machine.add(
    "classify",
    "good",
    classifier(
      "good",
      'return { state: "ORPHANED", detail: Object.keys(process.env).filter((name) => name.startsWith("BUN_")).join() || "none", evidence: [], flags: [] }',
    ),
  )
  const { session, warnings } = await statusOf({ BUN_CONFIG_VERBOSE_FETCH: "0" })
  expect([session.detail, warnings]).toEqual(["none", []])
})

test("the way in for plugins does nothing for a person", async () => {
  const answer = await machine.ask(["--serve-plugins"])
  expect([answer.code, answer.stdout]).toEqual([2, ""])
})

test("where no process can be started, they are left out and all else goes on", async () => {
  machine.add("classify", "good", decides("good", "seen by good"))
  const few = ["sh", "-c", 'ulimit -n 12 && exec "$@"', "sh"]
  const { code, json } = await machine.run(["status", "--json"], { env: machine.bareTools, program: few })
  expect([code, json.sessions[0].detail]).toEqual([0, "closed"])
  expect(json.warnings).toEqual([
    expect.stringMatching(
      /^the classify plugin good was left out: no process for it could be started: EMFILE/,
    ),
  ])
})
