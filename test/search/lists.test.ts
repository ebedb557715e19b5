/** What cxq answers without words: the memory for a new session, commands, files, failures, figures. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { assistant, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, failed, hour, ran, spent, Talks } from "./conversations.ts"

const machine = new Talks()
const day = (n: number) => new Date(new Date("2026-03-01T12:00:00Z").getTime() + n * 24 * hour)

const use = (input: number, write: number, read: number, output: number) => ({
  input_tokens: input,
  cache_creation_input_tokens: write,
  cache_read_input_tokens: read,
  output_tokens: output,
})

beforeAll(async () => {
  machine.say(machine.talk(1, { at: day(0) }), [
    user("why does the build fail"),
    ...ran("make all", "c1", "make: *** no rule", { failed: true }),
    assistant("I shall write the rule."),
    calls("Write", "w1", { file_path: "/work/one/Makefile", content: "all:" }),
    toolResult("w1", "written"),
    ...ran("make all", "c2", "ok"),
    calls("Bash", "c3", { command: "sleep 1000" }),
  ])
  machine.say(machine.talk(2, { at: day(1), cwd: "/work/shop" }), [
    user("add a cart"),
    calls("Edit", "e1", { file_path: "/work/shop/cart.ts", old_string: "a", new_string: "b" }),
    toolResult("e1"),
    calls("Read", "r1", { file_path: "/work/one/Makefile" }),
    toolResult("r1"),
    assistant("The cart is there."),
  ])
  // one answer is written in several records, each with what it had cost so far: the last counts
  machine.say(machine.talk(3, { at: day(2), cwd: "/work/tokens" }), [
    spent("m1", "first", use(10, 100, 1000, 1)),
    spent("m1", "second", use(10, 100, 1000, 8)),
    spent("m1", "third", use(10, 100, 1000, 20)),
    spent("m2", "fourth", use(5, 50, 2000, 7), "other-model"),
  ])
  await machine.read()
})
afterAll(() => machine.dispose())

describe("--recent", () => {
  test("is in order, brief, fit to paste, and nothing but the memory is on standard output", async () => {
    const { stdout, stderr, code } = await machine.run(["cxq", "--recent", "20"])
    expect(code).toBe(0)
    expect(stdout.replace(/, \d+ days ago/g, "")).toBe(
      [
        stdout.split("\n")[0],
        "",
        '2026-03-01 11:59 · one · a0000001 "why does the build fail"',
        "you: why does the build fail",
        "claude: I shall write the rule.",
        "",
        '2026-03-02 11:59 · shop · a0000002 "add a cart"',
        "you: add a cart",
        "claude: The cart is there.",
        "",
        "2026-03-03 11:59 · tokens · a0000003",
        "claude: first",
        "claude: second",
        "claude: third",
        "claude: fourth",
        "",
      ].join("\n"),
    )
    expect(stdout).toMatch(/^# The newest 8 messages, about \d+ tokens, oldest first\n/)
    expect(stderr).toMatch(/^Next: session-rescue show a0000003/)
  })

  test("its estimate is what its text comes to", async () => {
    const { stdout } = await machine.run(["cxq", "--recent", "20"])
    const tokens = Number(/about (\d+) tokens/.exec(stdout)?.[1])
    expect(Math.abs(tokens - stdout.length / 4)).toBeLessThan(0.3 * tokens)
  })

  test("takes the newest, and --max-tokens cuts from the oldest", async () => {
    const two = await machine.run(["cxq", "--recent", "2"])
    expect(two.stdout).toMatch(/third\nclaude: fourth\n$/)
    expect(two.stdout).not.toContain("second")
    const cut = await machine.run(["cxq", "--recent", "20", "--max-tokens", "90"])
    expect(cut.stdout).toMatch(/^# The newest (\d) messages?, (\d) older ones left out/)
    expect(cut.stdout).toEndWith("claude: fourth\n")
    expect(cut.stdout).not.toContain("why does the build fail")
    const least = await machine.run(["cxq", "--recent", "20", "--max-tokens", "1"])
    expect(least.stdout).toMatch(/^# The newest 1 message, 7 older ones left out/)
    const { json } = await machine.ask("--recent", "20", "--max-tokens", "6")
    expect(json.hits.map(({ text }: { text: string }) => text)).toEqual(["second", "third", "fourth"])
    expect(json).toMatchObject({ total: 3, tokens: 6 })
  })

  test("with filters, in another format, as a document", async () => {
    const shop = await machine.ask("--recent", "5", "--project", "shop")
    expect(shop.json.hits.map(({ text }: { text: string }) => text)).toEqual([
      "add a cart",
      "The cart is there.",
    ])
    expect(shop.json.hits).toMatchObject([
      { snippet: "add a cart", marks: [], score: 0 },
      { snippet: "The cart is there.", marks: [], score: 0 },
    ])
    const worded = await machine.ask("--recent", "5", "cart", "--role", "assistant", "--project", "shop")
    expect(worded.json.hits.at(-1)).toMatchObject({ marks: [[4, 8]], score: expect.any(Number) })
    const tools = await machine.ask("--recent", "2", "--tool", "Bash")
    expect(tools.json.hits.map(({ text }: { text: string }) => text)).toEqual(["ok", "sleep 1000"])
    const md = await machine.run(["cxq", "--recent", "1", "--format", "md"])
    expect(md.stdout).toContain("**claude:** fourth")
    expect((await machine.ask("--recent", "5", "--project", "nowhere")).code).toBe(3)
  })
})

test("--commands: what was run, and how it went; the newest first", async () => {
  const { json } = await machine.ask("--commands")
  expect(json.commands.map(({ command, outcome }: Record<string, string>) => [command, outcome])).toEqual([
    ["sleep 1000", "unknown"],
    ["make all", "ok"],
    ["make all", "failed"],
  ])
  expect(json.commands[2].result.text).toBe("make: *** no rule")
  const { stdout } = await machine.run(["cxq", "--commands"])
  expect(stdout).toMatch(
    /^no result .*\n {2}\$ sleep 1000\nok .*\n {2}\$ make all\nFAILED .*\n {2}\$ make all\n {2}\| make: \*\*\*/,
  )
  expect((await machine.ask("--commands", "--limit", "1")).json.commands).toHaveLength(1)
})

test("--max-tokens cuts every list, the newest first, and a message that is longer than that", async () => {
  const other = new Talks()
  const failures = Array.from({ length: 20 }, (_, n) =>
    ran(`cat ${"/a/very/long/path".repeat(5)} ${n}`, `c${n}`, "boom ".repeat(50), { failed: true }),
  )
  const reads = Array.from({ length: 20 }, (_, n) =>
    calls("Read", `r${n}`, { file_path: `/work/one/file-${n}` }),
  )
  const speech = assistant("a long speech ".repeat(3000))
  other.say(other.talk(1), [...failures.flat(), ...reads, speech])
  await other.read()
  for (const [list, key] of [
    ["--commands", "commands"],
    ["--errors", "failures"],
    ["--files", "files"],
  ] as const) {
    const all = await other.ask(list, "--limit", "20")
    const cut = await other.ask(list, "--limit", "20", "--max-tokens", "200")
    const shown = await other.run(["cxq", list, "--limit", "20", "--max-tokens", "200"])
    expect(all.json[key]).toHaveLength(20)
    expect(cut.json[key]).toEqual(all.json[key].slice(0, cut.json[key].length))
    expect([cut.json[key].length, cut.json.total]).toEqual([expect.any(Number), 20])
    expect(cut.json[key].length).toBeWithin(1, key === "files" ? 50 : 10)
    expect(shown.stdout.length).toBeLessThan(1200)
  }
  const commands = await other.run(["cxq", "--commands", "--limit", "20", "--max-tokens", "200"])
  expect(commands.stdout).toMatch(/\n\d of 20 commands, newest first\.\n/)
  for (const format of ["brief", "full", "md"]) {
    const { stdout } = await other.run(["cxq", "--recent", "5", "--format", format, "--max-tokens", "100"])
    expect([stdout.includes("a long speech"), stdout.length < 500]).toEqual([true, true])
    const hits = await other.run(["cxq", "speech", "--format", format, "--max-tokens", "100"])
    expect([hits.stdout.includes("speech"), hits.stdout.length < 1000]).toEqual([true, true])
  }
  await other.dispose()
})

test("--max-tokens of --recent leaves out no more than it has to", async () => {
  const { stdout } = await machine.run(["cxq", "--recent", "20"])
  const tokens = Number(/about (\d+) tokens/.exec(stdout)?.[1])
  const cut = await machine.run(["cxq", "--recent", "20", "--max-tokens", `${tokens + 30}`])
  expect(cut.stdout).toBe(stdout)
})

test("--commands --errors finds those behind any number of other failures, and says what it cannot", async () => {
  const other = new Talks()
  other.say(other.talk(1, { at: day(0) }), ran("the old one", "c0", "boom", { failed: true }))
  other.say(
    other.talk(2, { at: day(1) }),
    Array.from({ length: 250 }, (_, n) => [
      calls("Edit", `e${n}`, { file_path: "/x" }),
      failed(`e${n}`, "no"),
    ]).flat(),
  )
  await other.read()
  for (const more of [[], ["--role", "assistant"]]) {
    const { json } = await other.ask("--commands", "--errors", ...more)
    expect(json.commands).toMatchObject([{ command: "the old one", outcome: "failed" }])
  }
  expect((await other.ask("--commands", "--errors", "--role", "tool")).code).toBe(3)
  const both = await other.ask("--errors", "--tools", "--limit", "3")
  expect(both.json.failures).toHaveLength(3)
  for (const args of [
    ["old", "--commands", "--errors"],
    ["--files", "--errors"],
    ["--commands", "--files"],
  ]) {
    const { code, json } = await other.ask(...args)
    expect([code, json.error?.code]).toEqual([2, "USAGE"])
  }
  await other.dispose()
})

test("--commands --errors: those that failed", async () => {
  const { json } = await machine.ask("--commands", "--errors")
  expect(json.commands).toMatchObject([{ command: "make all", outcome: "failed" }])
  expect(json.commands[0].result.text).toBe("make: *** no rule")
})

test("--files: what was touched, the last first", async () => {
  const { json } = await machine.ask("--files")
  expect(json.files).toMatchObject([
    { path: "/work/one/Makefile", times: 2, sessions: 2, tools: ["Read", "Write"] },
    { path: "/work/shop/cart.ts", times: 1, sessions: 1, tools: ["Edit"] },
  ])
  expect(
    (await machine.ask("--files", "--project", "shop", "--since", "2026-03-02")).json.files,
  ).toHaveLength(2)
  expect((await machine.run(["cxq", "--files"])).stdout).toContain(
    "/work/one/Makefile  2 times in 2 sessions",
  )
})

test("--errors: what failed, and what was done next", async () => {
  const { json } = await machine.ask("--errors")
  expect(json.failures).toHaveLength(1)
  const [{ text, call, next }] = json.failures
  expect([text, call.text]).toEqual(["make: *** no rule", "make all\nruns c1"])
  expect(next.map((each: { text: string }) => each.text)).toEqual([
    "I shall write the rule.",
    "/work/one/Makefile\nall:",
    "written",
  ])
  const { stdout } = await machine.run(["cxq", "--errors"])
  expect(stdout).toMatch(
    /failed: make: \*\*\* no rule\n {2}then claude: I shall write the rule\.\n {2}then Write: /,
  )
})

test("--tools: calls of any tool, narrowed by --tool", async () => {
  expect((await machine.ask("--tools")).json.total).toBe(6)
  expect((await machine.ask("--tools", "--tool", "Write")).json.hits).toMatchObject([
    { tool: "Write", kind: "tool_use" },
  ])
})

describe("--tokens", () => {
  test("counts an answer once, by what its last record says", async () => {
    const { json } = await machine.ask("--tokens", "--session", "a0000003")
    const all = { input: 15, cacheWrite: 150, cacheRead: 3000, output: 27, answers: 2 }
    expect(json.tokens.session).toMatchObject([{ key: machine.talk(3).id, ...all }])
    expect(json.tokens.day).toMatchObject([{ key: "2026-03-03", ...all }])
    expect(json.tokens.model).toMatchObject([
      { key: "claude-model", input: 10, cacheWrite: 100, cacheRead: 1000, output: 20, answers: 1 },
      { key: "other-model", input: 5, cacheWrite: 50, cacheRead: 2000, output: 7, answers: 1 },
    ])
  })

  test("is narrowed by time, session, project and agent, and by nothing else", async () => {
    const days = async (...args: string[]) =>
      (await machine.ask("--tokens", ...args)).json.tokens.day.map(({ key }: { key: string }) => key)
    expect(await days()).toEqual(["2026-03-03", "2026-03-02", "2026-03-01"])
    expect(await days("--since", "2026-03-02", "--until", "2026-03-02")).toEqual(["2026-03-02"])
    expect(await days("--project", "SHOP")).toEqual(["2026-03-02"])
    expect(await days("--session", "a0000001,a0000003")).toEqual(["2026-03-03", "2026-03-01"])
    expect(await days("--llm", "claude", "--limit", "1")).toEqual(["2026-03-03"])
    for (const args of [["word"], ["--role", "user"], ["--recent", "3"], ["--errors"]]) {
      expect((await machine.ask("--tokens", ...args)).json.error.code).toBe("USAGE")
    }
  })

  test("days are those of the clock on the wall, in summer and in winter", async () => {
    const other = new Talks()
    const at = (number: number, time: string) =>
      other.say(other.talk(number, { at: new Date(time) }), [spent(`n${number}`, "late", use(1, 0, 0, 1))])
    at(1, "2026-07-15T22:30:10Z")
    at(2, "2026-01-15T22:30:10Z")
    at(3, "2026-01-15T23:30:10Z")
    other.say(other.talk(4), [{ ...spent("n4", "no time", use(1, 0, 0, 1)), timestamp: undefined }])
    await other.read()
    const { json } = await other.run(["cxq", "--tokens", "--json"], { env: { TZ: "Europe/Berlin" } })
    const days = json.tokens.day.map(({ key, answers }: { key: string; answers: number }) => [key, answers])
    expect(days).toEqual([
      ["2026-07-16", 1],
      ["2026-01-16", 1],
      ["2026-01-15", 1],
      ["unknown", 1],
    ])
    await other.dispose()
  })

  test("a fork adds nothing: an answer counts for the session that was read first", async () => {
    const other = new Talks()
    const first = other.talk(1, { at: new Date("2026-07-15T10:00:00Z") })
    const fork = other.talk(2, { at: new Date("2026-07-16T10:00:00Z") })
    const shared = [spent("m1", "begun", use(10, 0, 0, 1)), spent("m1", "told", use(10, 0, 0, 8))]
    other.say(first, shared)
    await other.read()
    other.say(fork, [...shared, spent("m2", "only in the fork", use(5, 0, 0, 3))])
    await other.read()
    const { session, model } = (await other.ask("--tokens")).json.tokens
    expect(model).toMatchObject([{ input: 15, output: 11, answers: 2 }])
    expect(session).toMatchObject([
      { key: first.id, input: 10, output: 8, answers: 1 },
      { key: fork.id, input: 5, output: 3, answers: 1 },
    ])
    await other.dispose()
  })

  test("an export and the archive add nothing", async () => {
    const before = (await machine.ask("--tokens")).json.tokens
    await machine.run(["export", "--all"])
    await machine.read()
    expect((await machine.ask("--tokens")).json.tokens).toEqual(before)
  })

  test("for a person", async () => {
    const { stdout } = await machine.run(["cxq", "--tokens", "--limit", "1"])
    expect(stdout).toMatch(
      /By day:\n {2}2026-03-03 +15 in · 150 written to cache · 3,000 read from it · 27 out · 2 answers\n/,
    )
    expect(stdout).toContain("only 1 are shown: --limit 10")
  })
})

test("--stats", async () => {
  const { json } = await machine.ask("--stats")
  expect(json).toMatchObject({
    schemaVersion: 1,
    sessions: 3,
    parts: 19,
    damaged: 0,
    first: "2026-03-01T11:59:50.000Z",
  })
  expect((await machine.run(["cxq", "--stats"])).stdout).toMatch(
    /^3 sessions, 19 message parts, from 2026-03-01 to 2026-03-03\n/,
  )
})
