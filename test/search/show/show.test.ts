/** One session to read: live, pending, archived, damaged, and through a pager. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, chmodSync, readFileSync, rmSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { namesIn } from "../../export/export-invariants.ts"
import { binary } from "../../fixtures/machine.ts"
import { assistant, record, user } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { ran, Talks } from "../conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

const talk = () => machine.talk(1)

function session(): void {
  machine.say(talk(), [
    user("the question before"),
    assistant("the answer before"),
    { type: "system", subtype: "compact_boundary", content: "Conversation compacted" },
    { ...user("what had been said, in short"), isCompactSummary: true },
    ...ran("ls -l", "c1", "total 0"),
    ...ran("rm /x", "c2", "no such file", { failed: true }),
    assistant("the answer after"),
  ])
  machine.subagent(talk(), "d4", [user("dig"), assistant("dug")])
  machine.write(machine.beside(talk(), "tool-results/kept.txt"), "kept line 1\nkept line 2\n")
}

const show = (...args: string[]) => machine.run(["show", talk().id.slice(0, 4), ...args])

/** What is shown, without times and the first lines. */
function body(stdout: string): string {
  return stdout
    .replace(/ · \d{4}-\d\d-\d\d [\d:]+Z/g, "")
    .split("\n")
    .slice(1)
    .join("\n")
}

test("live: in order, with compactions, subagents, kept output and damage marked", async () => {
  session()
  appendFileSync(
    machine.transcriptPath(talk().id, talk().cwd),
    `{"torn":\n${record(talk(), 20, user("after the tear"))}`,
  )
  const { stdout, code, stderr } = await show()
  expect([code, stderr]).toEqual([0, ""])
  const order = [
    "read from ",
    "you · 2026-03-01 10:00:00\n  the question before",
    "claude",
    "═ compacted here: the client no longer sees what is above ═",
    "═ summary ═",
    "what had been said, in short",
    "● Bash ls -l → ok\n  ⎿ total 0\n",
    "● Bash rm /x → FAILED\n  ⎿ no such file\n",
    "the answer after",
    "! damaged: 8 bytes at ",
    "after the tear",
    "──── Subagent: ",
    "agent-d4.jsonl",
    "subagent d4",
    "──── Kept tool output: ",
    "  kept line 1\n  kept line 2",
    "Next: session-rescue resume a0000001",
  ]
  let at = 0
  for (const each of order) {
    const found = stdout.indexOf(each, at)
    expect([each, found === -1 ? "not there, or not in this order" : "there"]).toEqual([each, "there"])
    at = found
  }
})

test("the same from the pending export and from the archive, in whatever order a folder names its files", async () => {
  session()
  for (const name of ["a1", "b2", "c3", "e5"]) machine.subagent(talk(), name, [user(`dig, ${name}`)])
  for (const name of ["also", "more"]) machine.write(machine.beside(talk(), `tool-results/${name}.txt`), name)
  const live = await show()
  const documents = [...live.stdout.matchAll(/^─+ .*\/(.*) ─+$/gm)].map(([, name]) => name)
  const agents = ["a1", "b2", "c3", "d4", "e5"].map((name) => `agent-${name}.jsonl`)
  expect(documents).toEqual([...agents, "also.txt", "kept.txt", "more.txt"])
  await machine.run(["export", "--all"])
  rmSync(machine.claude, { recursive: true })
  const pending = await show()
  expect([pending.code, body(pending.stdout)]).toEqual([0, body(live.stdout)])
  expect(pending.stdout).toContain("read from the export 2026")
  await machine.run(["cx"])
  const archived = await show()
  expect([archived.code, body(archived.stdout)]).toEqual([0, body(live.stdout)])
})

test("whatever holds more is read", async () => {
  session()
  await machine.run(["export", "--all"])
  const path = machine.transcriptPath(talk().id, talk().cwd)
  truncateSync(path, 400) // the client made a stub of it
  expect((await show()).stdout).toContain("the answer after")
  session()
  appendFileSync(path, record(talk(), 30, user("said since")))
  expect((await show()).stdout).toContain("said since")
})

test("--no-tools leaves out calls, results and kept output", async () => {
  session()
  const { stdout } = await show("--no-tools")
  expect(stdout).toContain("the answer after")
  expect(stdout).toContain("dug")
  for (const each of ["Bash", "total 0", "no such file", "kept line"]) expect(stdout).not.toContain(each)
})

test("--format md", async () => {
  session()
  const { stdout } = await show("--format", "md", "--tools")
  expect(stdout).toMatch(/^# Session a0000001-1111-4222-8333-444444444444\n/)
  expect(stdout).toContain("\n---\n*compacted here")
  expect(stdout).toContain("```\nls -l\nruns c1\n```")
  expect(stdout).toMatch(/\n## Subagent: .*agent-d4\.jsonl\n/)
})

test("the document", async () => {
  session()
  const { json } = await show("--json")
  expect(json).toMatchObject({ schemaVersion: 1, id: talk().id, from: "live", warnings: [] })
  const kinds = json.items.map(
    (item: { type: string; part?: { kind: string } }) => item.part?.kind ?? item.type,
  )
  expect(kinds.join(" ")).toBe(
    "text text compaction summary tool_use tool_result tool_use tool_result text document text text document tool_result",
  )
  const raw = readFileSync(json.path)
  for (const { document, offset, length, part } of json.items.slice(0, 9)) {
    const { uuid, message, content } = JSON.parse(raw.toString("utf8", offset, offset + length))
    expect([document, typeof uuid]).toEqual(["", "string"])
    if (typeof message?.content === "string") expect(message.content).toBe(part.text)
    else expect(message ?? content).toBeDefined()
  }
})

describe("--around", () => {
  test("shows what stands around a hit, wherever that lies", async () => {
    const said = Array.from({ length: 60 }, (_, n) => user(`message ${n}${n === 30 ? " aroundneedle" : ""}`))
    machine.say(talk(), said)
    await machine.read()
    const around = async () => {
      const { json } = await machine.ask("aroundneedle")
      const { stdout, code } = await show("--around", String(json.hits[0].part))
      expect([code, stdout]).toEqual([0, expect.stringContaining("→ the hit · you")])
      return stdout
    }
    const live = await around()
    expect(live.match(/message \d+/g)).toHaveLength(25)
    await machine.run(["export", "--all"])
    rmSync(machine.claude, { recursive: true })
    await machine.run(["cx"])
    expect(body(await around())).toBe(body(live))
    rmSync(machine.archive, { recursive: true })
    await machine.run(["cx"])
    const { json } = await machine.ask("aroundneedle")
    expect(json.hits[0].source.gone).toBe(true)
    expect(await around()).toContain("from the index: its file no longer exists")
  })

  test("also one in a subagent and in kept output, and with --no-tools", async () => {
    session()
    await machine.read()
    for (const [word, says] of [
      ["dug", "→ the hit · claude"],
      ["kept", "→ the hit · the tool answered"],
    ] as const) {
      const { json } = await machine.ask(word)
      const { stdout } = await show("--around", String(json.hits[0].part), "--no-tools")
      expect(stdout).toContain(says)
    }
  })

  test("no such hit, another session's, no number, no index", async () => {
    session()
    expect((await show("--around", "1", "--json")).json.error.code).toBe("NO_INDEX")
    await machine.read()
    machine.say(machine.talk(2), [user("otherneedle")])
    await machine.read()
    const { json } = await machine.ask("otherneedle")
    const codes = async (hit: string) => {
      const answer = await machine.run(["show", "a0000001", "--around", hit, "--json"])
      return [answer.code, answer.json.error.code]
    }
    expect(await codes("999999")).toEqual([3, "NOTHING_FOUND"])
    expect(await codes("x")).toEqual([2, "USAGE"])
    expect(await codes(String(json.hits[0].part))).toEqual([2, "USAGE"])
  })
})

test("a session of which nothing but the index is left is shown from there", async () => {
  session()
  await machine.read()
  const live = await show("--json")
  rmSync(machine.claude, { recursive: true })
  const { code, stdout } = await show()
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /from the index: its file no longer exists\n[\s\S]*question before[\s\S]*Bash ls -l → ok[\s\S]*answer after/,
  )
  const said = ({ json }: Awaited<ReturnType<typeof show>>) =>
    json.items.flatMap((item: { part?: { kind: string; text: string } }) =>
      item.part ? [`${item.part.kind} ${item.part.text}`] : [],
    )
  expect(said(await show("--json"))).toEqual(said(live))
})

test("names: unknown, ambiguous, none, two", async () => {
  machine.say(machine.talk(1), [user("x")])
  machine.say(machine.talk(2), [user("y")])
  const codes = async (...args: string[]) => {
    const answer = await machine.run(["show", ...args, "--json"])
    return [answer.code, answer.json.error.code]
  }
  expect(await codes("beef")).toEqual([3, "SESSION_NOT_FOUND"])
  expect(await codes("a000")).toEqual([2, "AMBIGUOUS"])
  const { stderr } = await machine.run(["show", "a000"])
  expect(stderr).toMatch(/^ {2}a0000001-\S+ · x · \S+$/m)
  expect(stderr).toMatch(/^ {2}a0000002-\S+ · y · \S+$/m)
  expect(await codes()).toEqual([2, "USAGE"])
  expect(await codes("a0000001", "a0000002")).toEqual([2, "USAGE"])
  expect(await codes("a0000001", "--format", "pdf")).toEqual([2, "USAGE"])
})

test("an archive that breaks off in the middle: still one document, which says so, and exit code 1", async () => {
  machine.say(
    talk(),
    Array.from({ length: 9000 }, (_, n) => user(`message ${n} ${Bun.hash(`${n}`)} ${Bun.hash(`x${n}`)}`)),
  )
  await machine.run(["export", "--all"])
  await machine.run(["cx", "--no-index"])
  rmSync(machine.claude, { recursive: true })
  const name = namesIn(machine.archive).find((each) => each.endsWith(".jsonl.zst")) ?? ""
  const path = join(machine.archive, name)
  truncateSync(path, Math.floor(readFileSync(path).length / 2))
  const { code, json } = await machine.run(["show", talk().id, "--json"])
  expect(code).toBe(1)
  expect(json.error.message).toContain(name.slice(0, 20))
})

describe("the pager", () => {
  /** Runs show on a terminal; what came to it, and the exit code. */
  async function paged(
    environment: Record<string, string>,
    type?: (say: (keys: string) => void, seen: () => string) => Promise<void>,
  ) {
    const chunks: Uint8Array[] = []
    const seen = () => Buffer.concat(chunks).toString("utf8").replaceAll("\r\n", "\n")
    const program = machine.start([binary, "show", talk().id], {
      env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", LANG: "C.UTF-8", ...environment },
      terminal: { cols: 100, rows: 20, data: (_, data) => void chunks.push(Uint8Array.from(data)) },
    })
    await type?.(program.say, seen)
    const code = await program.exited
    return { code, seen: seen() }
  }

  /** Takes all it is given, and says that it was the one. */
  function pager(script: string): string {
    const path = machine.write(join(machine.root, "pager"), `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }

  const long = () =>
    machine.say(
      talk(),
      Array.from({ length: 3000 }, (_, n) => user(`message number ${n}`)),
    )

  test("gets the text", async () => {
    session()
    const { code, seen } = await paged({ PAGER: `${pager("echo PAGED; cat")}` })
    expect([code, seen.startsWith("PAGED\n")]).toEqual([0, true])
    expect(seen).toContain("Next: session-rescue resume a0000001")
  })

  test.each([{ PAGER: "cat" }, { PAGER: "" }])("%j shows all of it", async (environment) => {
    long()
    const { code, seen } = await paged(environment)
    expect([code, seen.includes("message number 0\n"), seen.includes("message number 2999\n")]).toEqual([
      0,
      true,
      true,
    ])
  })

  test("left early: exit code 0, and nothing is wrong", async () => {
    long()
    const { code, seen } = await paged({ PAGER: pager("head -n 3") })
    expect([code, seen.includes("rror")]).toEqual([0, false])
    expect(seen).not.toContain("message number 2999")
  })

  test.skipIf(Bun.which("less") === null)("less, left by q", async () => {
    long()
    const { code, seen } = await paged({ PAGER: "less" }, async (say, shown) => {
      await until("less to show the first page", () => shown().includes("message number 3"))
      say("q")
    })
    expect([code, seen.includes("message number 2999")]).toEqual([0, false])
  })

  test.each(["no-such-pager-anywhere", "false", "sh -c 'exit 3'"])(
    "one that does not work (%s) is named, and the text is shown all the same",
    async (command) => {
      long()
      const { code, seen } = await paged({ PAGER: command })
      expect(code).toBe(0)
      expect(seen).toContain(command)
      expect([seen.includes("message number 0\n"), seen.includes("message number 2999\n")]).toEqual([
        true,
        true,
      ])
    },
  )

  test("is not used where the output is piped on", async () => {
    session()
    const { stdout } = await machine.run(["show", talk().id], { env: { PAGER: pager("echo PAGED; cat") } })
    expect(stdout).not.toContain("PAGED")
  })
})
