/** Every way in which the client is installed and started. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { parseArguments } from "../../plugins/detect/claude-code/processes/arguments.ts"
import { isClientProgram } from "../../src/domain/session/client-program.ts"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { childrenOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

describe("a program is the client's by where it lies", () => {
  test.each([
    "/usr/lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe",
    "/home/me/.local/share/pnpm/global/5/.pnpm/@anthropic-ai+claude-code@2.1.332/node_modules/@anthropic-ai/claude-code/bin/claude.exe",
    "/home/me/.bun/install/global/node_modules/@anthropic-ai/claude-code/bin/claude.exe",
    "/usr/lib/node_modules/@anthropic-ai/claude-code-linux-x64/claude",
    "/usr/lib/node_modules/@anthropic-ai/claude-code-linux-x64-musl/claude",
    "/home/me/.local/share/claude/versions/2.1.332",
    "/home/me/.claude/remote/ccd-cli/2.1.332",
    "/home/me/.vscode/extensions/anthropic.claude-code-2.1.332-linux-x64/resources/native-binary/claude",
    "/nix/store/abc-claude-code-2.1.332/bin/.claude-wrapped",
  ])("%s", (executable) => {
    expect(isClientProgram({ executable, argv: [executable] })).toBe(true)
  })

  test.each([
    "/home/me/.claude/remote/srv/0badcafe/server",
    "/usr/bin/notclaude.exe",
    "/home/me/bin/claude.exe.sh",
    "/opt/claude/versions/latest",
    "/home/me/ccd-cli",
    "/usr/bin/python3",
  ])("not %s", (executable) => {
    expect(isClientProgram({ executable, argv: ["claude"] })).toBe(false)
  })
})

describe("what a client was started with", () => {
  const id = sessionId(7)
  test.each<[string[], Record<string, string | null>, string | null]>([
    [["--resume", id], { "--resume": id }, null],
    [[`--resume=${id}`], { "--resume": id }, null],
    [["-r", id, "go on"], { "--resume": id }, "go on"],
    [[`-r${id}`], { "--resume": id }, null],
    [["-pr", id, "go on"], { "--print": null, "--resume": id }, "go on"],
    [["--resume", "the login page"], { "--resume": "the login page" }, null],
    [["--resume"], { "--resume": null }, null],
    [["--resume", "--model", "opus"], { "--resume": null, "--model": "opus" }, null],
    [["--model", "opus", "attach", "01e5af14"], { "--model": "opus" }, "attach"],
    [
      ["--mcp-config", "a.json", "b.json", "--print", "say mcp"],
      { "--mcp-config": null, "--print": null },
      "say mcp",
    ],
    [["-p", "--", "--resume", id], { "--print": null }, null],
    [
      ["--bg-pty-host", "/s", "200", "50", "--", "claude", "--session-id", id],
      { "--bg-pty-host": null },
      null,
    ],
    [["--append-system-prompt", "--resume", "daemon"], { "--append-system-prompt": "--resume" }, "daemon"],
    [["-d", "api,hooks", "fix it"], { "--debug": "api,hooks" }, "fix it"],
    [["--unknown-flag", "word"], { "--unknown-flag": null }, "word"],
    [[], {}, null],
  ])("%j", (given, options, word) => {
    const parsed = parseArguments(given)
    expect([Object.fromEntries(parsed.options), parsed.word]).toEqual([options, word])
  })
})

describe("a client without a registry file", () => {
  let machine: Machine
  beforeEach(() => {
    machine = new Machine()
  })
  afterEach(() => machine.dispose())

  const only = async () => {
    const { json } = await machine.run(["status", "--json", "--all"])
    return json.sessions as { id: string; pid: number | null; state: string }[]
  }

  test.each([
    "--resume PATH",
    "--resume=PATH",
    "-r PATH",
    "--resume ID",
    "--session-id=ID",
    "--resume UPPER",
    "--resume NAME",
  ])("holds the session that %s names", async (form) => {
    const [id, cwd] = [sessionId(3), join(machine.root, "work")]
    const title = `${JSON.stringify({ type: "custom-title", customTitle: "the-login-page", sessionId: id })}\n`
    const record = { type: "user", sessionId: id, cwd, message: { role: "user", content: "hello" } }
    const path = machine.transcript(id, { cwd, age: 3_600_000, text: `${JSON.stringify(record)}\n${title}` })
    const values: Record<string, string> = {
      PATH: path,
      ID: id,
      UPPER: id.toUpperCase(),
      NAME: "the-login-page",
    }
    const args = form
      .split(/(?<!=) /)
      .map((part) => part.replace(/PATH|ID|UPPER|NAME/, (word) => values[word] ?? word))
    const { pid } = shellClient(machine, idle, { args, cwd, name: "npm/claude-code/bin/claude.exe" })
    expect(await only()).toMatchObject([{ id, pid, state: "ACTIVE" }])
  })

  const told = (id: string) => `CLAUDE_CODE_SESSION_ID=${id} sleep 300 & ${idle}`

  test("holds the session that a process it has started names in its environment", async () => {
    const [id, cwd] = [sessionId(3), join(machine.root, "work")]
    machine.transcript(id, { cwd, age: 3_600_000 })
    machine.transcript(sessionId(4), { cwd, age: -2_000 })
    const { pid } = shellClient(machine, told(id), { cwd })
    await until("its server", () => childrenOf(pid)[0])
    const found = (await only()).find((each) => each.pid === pid)
    // the other one was written since it started, in its folder: it may have gone on there
    expect(found).toMatchObject({ id: null, candidates: [{ id }, { id: sessionId(4) }] })
    machine.transcript(sessionId(4), { cwd, age: 7_200_000 })
    expect((await only()).find((each) => each.pid === pid)?.id).toBe(id)
  })

  test("not one that was only handed on to it, from another session's tool", async () => {
    const [outer, cwd] = [sessionId(3), join(machine.root, "work")]
    machine.transcript(outer, { cwd: "/work/outer", age: 3_600_000 })
    const { pid } = shellClient(machine, `sleep 300 & ${idle}`, {
      cwd,
      env: { CLAUDE_CODE_SESSION_ID: outer },
    })
    await until("its child", () => childrenOf(pid)[0])
    expect((await only()).find((each) => each.pid === pid)?.id).toBeNull()
  })

  test("two sessions of one name: it is not told which", async () => {
    const cwd = join(machine.root, "work")
    for (const number of [3, 4]) {
      const title = { type: "custom-title", customTitle: "twins", sessionId: sessionId(number) }
      machine.transcript(sessionId(number), { cwd, age: 3_600_000, text: `${JSON.stringify(title)}\n` })
    }
    const { pid } = shellClient(machine, idle, { args: ["--resume", "twins"], cwd })
    const found = (await only()).find((each) => each.pid === pid)
    expect(found?.id).toBeNull()
  })
})
