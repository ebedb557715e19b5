/** What can be typed after cxq, and what it finds. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { assistant, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, failed, hour, Talks } from "./conversations.ts"

const machine = new Talks()
const noon = new Date("2026-03-01T12:00:00Z").getTime()

beforeAll(async () => {
  machine.say(machine.talk(1, { at: new Date(noon) }), [
    user("apple banana"),
    assistant("apple cherry pie with a very long list of other things in it so that it fits less well"),
    user("banana banana split"),
    user("the login page is broken"),
    assistant("login is mended, the page is fine"),
    user("fooBar_baz in src/a-b.ts says E0308 at line 12"),
    user("一番大事な設定は保存されました。東京タワー"),
    user("Crème brûlée, naïve Ångström, ПРИВЕТ мир, Ωμέγα"),
    calls("Bash", "b1", { command: "grep -rn 'orchid' .", description: "look" }),
    failed("b1", "grep: orchid: nothing"),
    calls("Edit", "e1", { file_path: "/work/one/src/orchid.ts", old_string: "a", new_string: "b" }),
    toolResult("e1", "orchid edited"),
  ])
  machine.say(machine.talk(2, { cwd: "/work/shop_50%", at: new Date(noon + 24 * hour) }), [
    user("same words here"),
    assistant("orchid in the shop"),
  ])
  const third = machine.talk(3, { cwd: "/work/shop", at: new Date(noon + 48 * hour) })
  machine.say(third, [user("same words here")])
  machine.subagent(third, "x9", [user("dig for truffles"), assistant("truffles found")])
  await machine.read()
})
afterAll(() => machine.dispose())

const found = async (...args: string[]) =>
  (await machine.texts(...args)).map((text) => text.split(" ")[0]).sort()

describe("syntax", () => {
  test.each([
    [["apple", "banana"], ["apple"]],
    [["apple banana"], ["apple"]],
    [
      ["cherry", "OR", "split"],
      ["apple", "banana"],
    ],
    [["(cherry OR split) banana"], ["banana"]],
    [['"apple banana"'], ["apple"]],
    [['"banana apple"'], []],
    [["bana*"], ["apple", "banana"]],
    [["NEAR(login mended, 2)"], ["login"]],
    [["NEAR(login fine, 2)"], []],
    [["apple", "-banana"], ["apple"]],
    [["apple", "-cherry", "--role", "user"], ["apple"]],
    [["login", "-broken"], ["login"]],
    [["login", '-"is broken"'], ["login"]],
    [["APPLE", "CHERRY"], ["apple"]],
    [["fooBar_baz"], ["fooBar_baz"]],
    [["src/a-b.ts"], ["fooBar_baz"]],
    [["E0308"], ["fooBar_baz"]],
    [["大事"], ["一番大事な設定は保存されました。東京タワー"]],
    [["東京タワー"], ["一番大事な設定は保存されました。東京タワー"]],
    [["京東"], []],
    [["creme", "brulee"], ["Crème"]],
    [["привет"], ["Crème"]],
    [["angstrom"], ["Crème"]],
  ])("%j", async (query, texts) => {
    expect(await found(...query)).toEqual(texts)
  })

  test.each([
    "apple)",
    "(apple",
    'apple"',
    "apple AND",
    "OR apple",
    "apple OR",
    "NOT apple banana",
    "NEAR(apple",
    "apple^2",
    "apple:",
    "text:apple",
    "{apple}",
    "+apple",
    "apple\\",
    "apple;--",
    "apple'",
    "`apple`",
    "*apple",
    "apple**",
    "apple \u0001 \u202e",
    "apple 🍎",
    "“apple”",
    "apple\nbanana",
    "NEAR/3 apple",
    "-(",
    "apple \ud800",
  ])("%j is a query, never a syntax error", async (query) => {
    const { code, json } = await machine.ask(query)
    expect([code, json.error?.code ?? "found"]).toBeOneOf([
      [0, "found"],
      [3, "NOTHING_FOUND"],
    ])
  })

  const nested = (each: string, times: number) => `${each.repeat(times)}apple${")".repeat(2 * times)}`
  test.each([
    nested("(apple OR (banana ", 300),
    nested("-(nothing OR -(apple ", 300),
    nested("apple -(nothing OR ", 300),
    nested("NOT(", 300),
    "-(".repeat(9000),
  ])("brackets in brackets are a query too: %#", async (query) => {
    const { code, json } = await machine.ask("--", query)
    expect([code, json.error?.code ?? "found"]).toBeOneOf([
      [0, "found"],
      [3, "NOTHING_FOUND"],
    ])
  })

  test("a whole page as a query: what no text holds is not offered a hundred words", async () => {
    const { code, json } = await machine.ask(Array.from({ length: 1500 }, (_, n) => `bananq${n}`).join(" "))
    expect([code, json.error.code]).toEqual([3, "NOTHING_FOUND"])
    const either = await machine.ask(
      Array.from({ length: 900 }, (_, n) => `bananq${n}`).join(" OR "),
      "OR",
      "pie",
    )
    expect(either.json.total).toBe(1)
  })

  test.each(["\"'()*:^", "--", "🍎", "…", "\u0007"])(
    "%j holds nothing that could be looked for",
    async (query) => {
      const { code, json } = await machine.ask("--", query)
      expect([code, json.error]).toMatchObject([3, { code: "NOTHING_FOUND" }])
      expect(json.error.hint).toContain("no searchable characters")
    },
  )
})

test("the best first; of equally good ones the newest", async () => {
  expect((await machine.texts("banana"))[0]).toBe("banana banana split")
  const { json } = await machine.ask("same words")
  expect(json.hits.map(({ session }: { session: string }) => session.slice(0, 8))).toEqual([
    "a0000003",
    "a0000002",
  ])
  expect(json.hits[0].score).toBe(json.hits[1].score)
})

test("nothing found: exit code 3, and words that are there", async () => {
  const { code, json } = await machine.ask("fxo")
  expect([code, json.error.code]).toEqual([3, "NOTHING_FOUND"])
  const begun = await machine.ask("truff-xyzzy")
  expect([begun.code, begun.json.error]).toMatchObject([
    3,
    { code: "NOTHING_FOUND", hint: "similar indexed words: truffles" },
  ])
  const shown = await machine.run(["cxq", "truff-xyzzy"])
  expect([shown.code, shown.stdout]).toEqual([3, ""])
  expect(shown.stderr).toContain("truffles")
  expect((await machine.ask("truffles", "--role", "tool")).json.error.code).toBe("NOTHING_FOUND")
})

describe("filters", () => {
  test.each([
    [["orchid", "--session", "a000000100"], 0],
    [["orchid", "--session", "A0000001"], 4],
    [["orchid", "--session", "A0000001,a00000010"], 4],
    [["orchid", "--session", "a0000001, a0000002"], 5],
    [["orchid", "--project", "shop"], 1],
    [["orchid", "--project", "SHOP_50%"], 1],
    [["same", "--project", "p_5"], 1],
    [["same", "--project", "%"], 1],
    [["orchid", "--role", "tool"], 2],
    [["orchid", "--role", "assistant"], 3],
    [["orchid", "--tool", "edit"], 2],
    [["orchid", "--tool", "Bash"], 2],
    [["orchid", "--llm", "claude"], 5],
    [["orchid", "--errors"], 1],
    [["orchid", "--commands"], 1],
    [["orchid", "--files"], 1],
    [["orchid", "--tools"], 2],
    [["orchid", "--since", "2026-03-02"], 1],
    [["orchid", "--until", "2026-03-01"], 4],
    [["orchid", "--since", "2026-03-01T11:59:00Z", "--until", "2026-03-01T11:59:58Z"], 1],
    [["orchid", "--today"], 0],
    [["truffles", "--since", "2026-03-03", "--role", "assistant"], 1],
  ])("%j: %d", async (args, count) => {
    expect(await machine.texts(...args)).toHaveLength(count)
  })

  test("of a folder's name neither case nor accents matter", async () => {
    machine.say(machine.talk(6, { cwd: "/work/Übung/Привет" }), [assistant("practised")])
    await machine.read()
    for (const piece of ["übung", "UBUNG", "Übung/", "привет", "\u0055\u0308bung"]) {
      expect(await machine.texts("practised", "--project", piece)).toEqual(["practised"])
      const { json } = await machine.ask("--tokens", "--project", piece)
      expect(json.tokens.day).toMatchObject([{ key: "2026-03-01", answers: 1 }])
    }
    expect(await machine.texts("practised", "--project", "ubungen")).toEqual([])
  })

  test("this folder is .", async () => {
    const cwd = `${machine.root}/here`
    machine.say(machine.talk(7, { cwd }), [user("said in this very folder")])
    await machine.read()
    machine.say(machine.talk(8, { cwd: `${cwd}-and-there` }), [user("said in another folder")])
    machine.say(machine.talk(9, { cwd: `${cwd}/below` }), [user("said below that")])
    await machine.read()
    machine.write(`${cwd}/x`, "")
    const { json } = await machine.run(["cxq", "said", "--project", ".", "--json"], { cwd })
    expect(json.hits.map(({ text }: { text: string }) => text).sort()).toEqual([
      "said below that",
      "said in this very folder",
    ])
    const recent = await machine.run(["cxq", "--recent", "9", "--project", ".", "--json"], { cwd })
    expect(recent.json.total).toBe(2)
    const spent = await machine.run(["cxq", "--tokens", "--project", ".", "--json"], { cwd })
    expect(spent.json.tokens.session).toEqual([])
    expect((await machine.run(["cxq", "orchid", "--project", ".", "--json"], { cwd })).code).toBe(3)
  })

  test.each([
    ["--since", "2026-02-30", "invalid time for --since"],
    ["--since", "tomorrowish", "invalid time for --since"],
    ["--until", "25:00", "invalid time for --until"],
    ["--since", "", "needs a value"],
    ["--role", "king", "invalid value for --role"],
    ["--llm", "hal9000", 'unknown agent: "hal9000"'],
    ["--session", "xyz", "invalid value for --session"],
    ["--format", "xml", "invalid value for --format"],
    ["--limit", "0", "invalid number for --limit"],
    ["--limit", "many", "invalid number for --limit"],
    ["--context", "-1", "invalid number for --context"],
    ["--recent", "1.5", "invalid number for --recent"],
    ["--max-tokens", "0", "invalid number for --max-tokens"],
  ])("%s %j ends with 2 and says what can be written", async (flag, value, says) => {
    const { code, json } = await machine.ask("orchid", flag, value)
    expect([code, json.error.code, json.error.message]).toEqual([2, "USAGE", expect.stringContaining(says)])
    expect(json.error.hint.length).toBeGreaterThan(5)
  })

  test("a beginning after the end, and nothing asked at all", async () => {
    const wrong = await machine.ask("x", "--since", "2026-03-02", "--until", "2026-03-01")
    expect([wrong.code, wrong.json.error.message]).toEqual([2, "--since is later than --until"])
    const nothing = await machine.ask()
    expect([nothing.code, nothing.json.error.code]).toEqual([2, "USAGE"])
  })
})

test("--limit and the total; --context shows what stands around", async () => {
  const { json } = await machine.ask("orchid", "--limit", "2")
  const { json: five } = await machine.ask("orchid", "--limit", "5")
  expect([json.hits.length, json.total, json.totalIsExact]).toEqual([2, 5, true])
  const cut = await machine.ask("orchid", "--max-tokens", "15")
  expect([cut.json.hits, cut.json.total]).toEqual([five.hits.slice(0, cut.json.hits.length), 5])
  expect(cut.json.hits.length).toBeWithin(1, 5)
  const around = await machine.ask("E0308", "--context", "1")
  expect(around.json.hits[0].context.map(({ text }: { text: string }) => text.slice(0, 5))).toEqual([
    "login",
    "fooBa",
    "一番大事な",
  ])
  const shown = await machine.run(["cxq", "E0308", "--context", "1"])
  expect(shown.stdout).toContain("  claude: login is mended, the page is fine\n  >\n  you: 一番大事な設定")
})

test("the document of a search", async () => {
  const { json } = await machine.ask("truffles", "found")
  expect(json).toMatchObject({ schemaVersion: 1, total: 1, totalIsExact: true, warnings: [] })
  const [hit] = json.hits
  expect(hit).toMatchObject({
    session: "a0000003-1111-4222-8333-444444444444",
    agent: "claude-code",
    project: "/work/shop",
    time: expect.stringMatching(/^2026-03-03T.*Z$/),
    role: "assistant",
    kind: "text",
    tool: null,
    subagent: "x9",
    text: "truffles found",
    snippet: "truffles found",
    score: expect.any(Number),
    source: {
      path: expect.stringMatching(/agent-x9\.jsonl$/),
      offset: expect.any(Number),
      length: expect.any(Number),
    },
  })
  expect(hit.marks.map(([from, to]: [number, number]) => hit.snippet.slice(from, to))).toEqual([
    "truffles",
    "found",
  ])
})

test("what a person sees: the hit marked, when, which session, and how to get there", async () => {
  const { stdout, code } = await machine.run(["cxq", "cherry"], { env: { TZ: "Asia/Tokyo" } })
  expect([code, stdout.split("\n").slice(0, 3)]).toEqual([
    0,
    [
      expect.stringMatching(/^2026-03-01 20:59, \d+ days ago · one · claude · a0000001 "apple banana"$/),
      expect.stringContaining("apple «cherry» pie with"),
      expect.stringMatching(
        /^ {2}session-rescue show a0000001 --around \d+ · session-rescue resume a0000001$/,
      ),
    ],
  ])
  const around = /--around (\d+)/.exec(stdout)?.[1] ?? ""
  const shown = await machine.run(["show", "a0000001", "--around", around])
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("→ the hit · claude")])
  const full = await machine.run(["cxq", "cherry", "--format", "full"])
  expect(full.stdout).toContain("so that it fits less well")
  const md = await machine.run(["cxq", "cherry", "--format", "md"])
  expect(md.stdout).toMatch(/^### 2026.*\n\n> apple cherry pie/)
})

describe("many", () => {
  const many = new Talks()
  beforeAll(async () => {
    many.say(many.talk(1, { at: new Date(noon + 24 * hour) }), [
      user("go"),
      calls("Read", "r1", { file_path: "/newest" }),
    ])
    await many.read()
    // older, and read later; each of them in a folder of its own
    const talk = many.talk(2, { at: new Date(noon) })
    const reads = Array.from({ length: 700 }, (_, n) => ({
      ...calls("Read", `x${n}`, { file_path: `/old/${n}` }),
      cwd: `/worktrees/tree-${n}`,
    }))
    many.say(talk, reads)
    await many.read()
  })
  afterAll(() => many.dispose())

  test("without words the newest come first, whenever they were read", async () => {
    const { json } = await many.ask("--tools", "--limit", "1")
    expect([json.hits[0].text, json.total]).toEqual(["/newest", 701])
  })

  test("the best of some hundred comes first, however old it is", async () => {
    const talk = many.talk(3, { at: new Date(noon - 24 * hour) })
    const dull = Array.from({ length: 300 }, (_, n) =>
      user(`walnut among ${n} other things that are said here`),
    )
    many.say(talk, [user("walnut walnut"), ...dull])
    await many.read()
    const { json } = await many.ask("walnut", "--limit", "1")
    expect([json.hits[0].text, json.total]).toEqual(["walnut walnut", 301])
  })

  test("as many as are asked for", async () => {
    for (const query of [["old"], ["--tools"], ["--recent", "600", "old"]]) {
      const { json } = await many.ask(...query, "--limit", "600")
      expect(json.hits).toHaveLength(600)
    }
  })

  test("however many folders fit", async () => {
    const { json } = await many.ask("old", "--project", "worktrees", "--limit", "1")
    expect([json.total, json.totalIsExact]).toEqual([700, true])
  })
})
