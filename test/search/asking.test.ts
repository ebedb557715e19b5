/** Questions as people ask them: not to the letter, in plain words, of what stands in a title. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { assistant, toolResult, user } from "../fixtures/talk/conversation.ts"
import { seeded } from "../fixtures/talk/random.ts"
import { calls, hour, Talks } from "./conversations.ts"

const machine = new Talks()
const noon = new Date("2026-03-01T12:00:00Z").getTime()
const title = (text: string) => ({ type: "custom-title", customTitle: text })

beforeAll(async () => {
  const at = (hours: number) => new Date(noon + hours * hour)
  machine.say(machine.talk(1, { cwd: "/work/shop", at: at(0) }), [
    user("after sign-in the login page comes up again and again"),
    assistant("I will look at the session cookie"),
    calls("Bash", "b1", { command: "curl -sI https://shop.example/account", description: "look" }),
    toolResult("b1", "HTTP/2 302\nlocation: /login"),
    assistant("The redirect looped: the cookie had no path. Fixed in src/auth/guard.ts."),
  ])
  machine.say(machine.talk(2, { cwd: "/work/shop", at: at(1) }), [
    user("write the invoices as pdf files"),
    assistant("Invoices are rendered with a template, one page each"),
    title("Billing revamp"),
  ])
  machine.say(machine.talk(3, { cwd: "/work/infra", at: at(2) }), [
    user("the kubernetes deployment hangs while it pulls its image"),
    assistant("The registry's certificate had expired"),
  ])
  machine.say(machine.talk(4, { cwd: "/work/日本", at: at(3) }), [
    user("ログインページのリダイレクトが無限に続く"),
    assistant("クッキーの設定を直しました"),
  ])
  machine.say(machine.talk(5, { cwd: "/work/notes", at: at(4) }), [
    user("Straße und Größe richtig schreiben"),
    assistant("перезагрузка сервера помогла"),
  ])
  // what stands in many other sessions, and newer: the words of any question, and each word that matters alone
  const random = seeded(7)
  const idle = [
    "how did we do this",
    "did we have a page of it",
    "what is the best way to fix it",
    "we fix it",
  ] as const
  for (let n = 10; n < 70; n++) {
    const more = Array.from({ length: 6 }, () =>
      random.pick(["window", "table", "color", "page", "fix"] as const),
    )
    machine.say(machine.talk(n, { cwd: `/work/other-${n % 7}`, at: at(10 + n) }), [
      user(`${random.pick(idle)} ${more.join(" ")}`),
      assistant(`how the ${more[0]} was made, and what did the rest`),
    ])
  }
  await machine.read()
})
afterAll(() => machine.dispose())

const short = ({ session }: { session: string }) => session.slice(0, 8)
const asked = async (...args: string[]) => {
  const { json, code } = await machine.ask(...args)
  return { code, json, sessions: (json.hits ?? []).map(short) as string[] }
}

describe("a question in plain words", () => {
  test.each([
    ["how did we fix the login page redirect", "a0000001"],
    ["why does the login page come up again after signing in", "a0000001"],
    ["session cookie path redirect loop", "a0000001"],
    ["expired certificate of the registry, kubernetes", "a0000003"],
    ["what hangs when kubernetes pulls images", "a0000003"],
    ["how were the invoices rendered to pdf", "a0000002"],
    ["ログインページのリダイレクトをどう直した", "a0000004"],
    ["cookie guard.ts src/auth/guard.tsx looped", "a0000001"],
    ["перезагрузка сервера зависла", "a0000005"],
  ])("%s", async (question, session) => {
    const { json, code, sessions } = await asked(question)
    expect([code, json.match, json.totalIsExact]).toEqual([0, "most", false])
    expect(sessions[0]).toBe(session)
    expect(new Set(sessions).size).toBe(sessions.length)
  })

  test("what was left out, what stands nowhere, and what stands elsewhere in the session, is said", async () => {
    const { json } = await asked("how did we fix the login page redirect xyzzyq")
    expect(json.dropped).toEqual(["how", "did", "we", "the"])
    expect(json.absent).toEqual(["xyzzyq"])
    for (const { text, title: named, missing, elsewhere } of json.hits) {
      for (const word of missing) expect(`${text} ${named}`).not.toContain(word)
      for (const word of elsewhere) expect(missing).toContain(word)
    }
    const apart = await asked("did the cookie path go with curl and the account")
    expect(apart.json.hits[0]).toMatchObject({ missing: ["curl", "account"], elsewhere: ["curl", "account"] })
    const { stdout, code } = await machine.run(["cxq", "how did we fix the login page redirect xyzzyq"])
    expect(code).toBe(0)
    expect(stdout).toStartWith("Nothing matches all words. Best partial matches, one per session:")
    expect(stdout).toContain("\n  not found: xyzzyq\n  not searched for: how, did, we, the\n")
    const { stdout: shown } = await machine.run(["cxq", "did the cookie path go with curl and the account"])
    expect(shown).toContain("\n  elsewhere in this session: curl, account\n")
  })

  test("what holds all of it comes as it always did, and nothing is said", async () => {
    const { json } = await asked("login page")
    expect(json).toMatchObject({
      match: "all",
      corrected: [],
      dropped: [],
      absent: [],
      suggested: [],
      total: 1,
    })
    expect(json.hits[0]).toMatchObject({ missing: [], elsewhere: [] })
    expect((await machine.run(["cxq", "login page"])).stdout).toMatch(/^2026-/)
  })

  test("what is excluded stays out, and filters hold", async () => {
    const { sessions } = await asked("fix login page redirect", "-cookie", "--project", "shop")
    expect(sessions.filter((each) => each !== "a0000001" && each !== "a0000002")).toEqual([])
    const text = (await asked("fix login page redirect -cookie --")).json.hits
    for (const hit of text) expect(hit.text).not.toContain("cookie")
    for (const args of [
      ["--role", "assistant"],
      ["--since", "2026-03-01T11:00:00Z", "--until", "2026-03-01T12:30:00Z"],
      ["--project", "shop"],
      ["--session", "a0000001"],
    ]) {
      const { sessions: found } = await asked("how did we fix the login redirect", ...args)
      expect([args, found[0]]).toEqual([args, "a0000001"])
    }
    expect((await asked("login redirect fix", "--tool", "Edit")).code).toBe(3)
  })

  test("a phrase in quotes and NEAR mean what they say", async () => {
    for (const query of ['"page login"', '"login redirect"', "NEAR(redirect path, 2)"]) {
      expect([query, (await asked(query)).code]).toEqual([query, 3])
    }
    const { json, sessions } = await asked('"login page" redirect -nothing')
    expect([json.match, sessions[0]]).toEqual(["most", "a0000001"])
  })

  test("of many words that nobody said, the few that somebody did prove nothing", async () => {
    const strange = Array.from({ length: 30 }, (_, n) => `qzw${"abcdefghij".charAt(n % 10)}kv${n}`).join(" ")
    expect((await asked(`${strange} cookie`)).code).toBe(3)
  })
})

describe("a misspelt word", () => {
  test.each([
    ["kuberntes", "kubernetes"],
    ["kubernettes", "kubernetes"],
    ["ukbernetes", "kubernetes"],
    ["jubernetes", "kubernetes"],
    ["ubernetes", "kubernetes"],
    ["kubrenetse", "kubernetes"],
    ["kubernetesy", "kubernetes"],
    ["lgoin", "login"],
    ["logon", "login"],
    ["cokie", "cookie"],
    ["ivnoices", "invoices"],
    ["certifcate", "certificate"],
    ["certificaat", "certificate"],
    ["Straxe", "straße"],
    ["серверо", "сервера"],
    ["hxngs", "hangs"],
  ])("%s: %s is tried, and that is said", async (typed, tried) => {
    const { code, json } = await asked(typed)
    expect([code, json.match, json.corrected]).toEqual([0, "all", [{ typed: typed.toLowerCase(), tried }]])
    expect(json.hits[0].snippet.toLowerCase()).toContain(tried)
    const { stdout } = await machine.run(["cxq", typed])
    expect(stdout).toStartWith(`No match for "${typed.toLowerCase()}": searched for "${tried}" instead.\n`)
  })

  test("among others that are right", async () => {
    const { json, sessions } = await asked("kuberntes deployment")
    expect([json.match, json.corrected, sessions]).toEqual([
      "all",
      [{ typed: "kuberntes", tried: "kubernetes" }],
      ["a0000003"],
    ])
    const loose = await asked("how did the kuberntes deploymnt get its certificate")
    expect([loose.json.match, loose.sessions[0], loose.json.corrected.length]).toEqual([
      "most",
      "a0000003",
      2,
    ])
  })

  test("where a filter applies, only what it leaves is tried; a word that is said elsewhere is not misspelt", async () => {
    expect((await asked("kuberntes", "--project", "shop")).code).toBe(3)
    const { code, json } = await asked("certificate", "--project", "shop")
    expect([code, json.error.hint]).not.toContain("certificate")
    expect(code).toBe(3)
  })

  test.each(["E0309", "v1", "xq", "мои", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"])(
    "%s is no slip of the finger: nothing is tried in its place",
    async (typed) => {
      expect((await asked(typed)).code).toBe(3)
    },
  )
})

describe("one and many, and what verbs end with", () => {
  test.each([
    ["invoice", "a0000002"],
    ["cookies", "a0000001"],
    ["certificates registries", "a0000003"],
    ["redirects looping", "a0000001"],
    ["render templates", "a0000002"],
    ["deployments hang", "a0000003"],
    ["expires", "a0000003"],
  ])("%s", async (typed, session) => {
    const { json, sessions } = await asked(typed)
    expect([json.match, json.corrected, sessions[0]]).toEqual(["forms", [], session])
    const { stdout } = await machine.run(["cxq", typed])
    expect(stdout).toStartWith("No exact match: these match other forms of the words.\n")
  })
})

describe("the title counts", () => {
  test("what stands in a title alone is found, and shown", async () => {
    const { json, sessions } = await asked("billing revamp")
    expect([json.match, json.total, sessions]).toEqual(["all", 1, ["a0000002"]])
    const { text, marks } = json.hits[0].titleSnippet
    expect(marks.map(([from, to]: [number, number]) => text.slice(from, to))).toEqual(["Billing", "revamp"])
    const { stdout } = await machine.run(["cxq", "billing revamp"])
    expect(stdout).toContain("  title: «Billing» «revamp»\n")
  })

  test("with what stands in the text, and misspelt", async () => {
    const both = await asked("billing invoices template")
    expect([both.json.match, both.sessions[0], both.json.hits[0].missing]).toEqual(["most", "a0000002", []])
    expect((await asked("how did the billing work with pdf")).sessions[0]).toBe("a0000002")
  })

  test("filters hold for it; asked for a kind of part, a title is none", async () => {
    expect((await asked("billing", "--project", "shop")).sessions).toEqual(["a0000002"])
    expect((await asked("billing", "--project", "infra")).code).toBe(3)
    expect((await asked("billing", "--until", "2026-02-01")).code).toBe(3)
    expect((await asked("billing -invoices")).code).toBe(3)
    expect((await asked("billing", "--role", "assistant")).code).toBe(3)
  })
})
