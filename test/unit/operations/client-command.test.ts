/** Which program starts a session's client again. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { clientCommand } from "../../../src/operations/menu/client-command.ts"
import type { RunContext } from "../../../src/pipeline/run-context.ts"
import { classified } from "../../fixtures/classified.ts"
import { liveProcess, pid } from "../../fixtures/session.ts"

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "client-command-"))
})
afterEach(() => rmSync(root, { recursive: true }))

const program = (path: string) => {
  const whole = join(root, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, "#!/bin/sh\n")
  chmodSync(whole, 0o755)
  return whole
}
const session = () => classified(1, { home: join(root, ".claude") })
const live = (number: number, home: string) =>
  classified(number, { home: join(root, home), process: liveProcess({ pid: pid(4000 + number) }) })

function context(programs: Readonly<Record<number, { executable: string; argv?: readonly string[] }>>) {
  const details = async (pids: readonly number[]) =>
    new Map(
      pids.flatMap((each) => {
        const { executable, argv = [executable] } = programs[each] ?? { executable: "" }
        return executable === "" ? [] : [[each, { executable, argv, cwd: null, environment: {} }]]
      }),
    )
  return { processes: { details }, paths: { home: root } } as unknown as RunContext
}

describe("the client is started", () => {
  test("as the live sessions of the same home run it, before those of another home", async () => {
    const [here, there] = [
      program("a/claude-code-linux-x64/claude"),
      program("b/claude-code-linux-x64/claude"),
    ]
    const ctx = context({ 4002: { executable: there }, 4003: { executable: here } })
    const all = [live(2, ".other"), live(3, ".claude")]
    expect(await clientCommand(session(), all, ctx)).toEqual([here])
  })

  test("through its script host, where it is a script", async () => {
    const [node, script] = [program("bin/node"), program("lib/@anthropic-ai/claude-code/cli.js")]
    const ctx = context({ 4002: { executable: node, argv: [node, script, "--resume"] } })
    expect(await clientCommand(session(), [live(2, ".claude")], ctx)).toEqual([node, script])
  })

  test("from where an installer put it, when what runs was removed by an update", async () => {
    const ctx = context({ 4002: { executable: join(root, "gone/claude-code-linux-x64/claude") } })
    const path = process.env.PATH
    process.env.PATH = join(root, "empty")
    try {
      expect(await clientCommand(session(), [live(2, ".claude")], ctx)).toBeNull()
      const installed = program(".local/bin/claude")
      expect(await clientCommand(session(), [live(2, ".claude")], ctx)).toEqual([installed])
    } finally {
      process.env.PATH = path
    }
  })
})
