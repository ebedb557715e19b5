import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readTitle } from "../../../plugins/detect/claude-code/records/title.ts"
import { Machine } from "../../fixtures/machine.ts"
import { assistant, record, sessionId, user } from "../../fixtures/talk/conversation.ts"

const talk = { id: sessionId(1), cwd: "/work/one", at: new Date() }
const title = (...parts: Record<string, unknown>[]) => {
  const records = parts.map((part, number) => JSON.parse(record(talk, number, part)))
  return readTitle(records, records)
}

describe("a session is called", () => {
  const custom = { type: "custom-title", customTitle: "mine" }
  const ai = { type: "ai-title", aiTitle: "the model's" }
  const summary = { type: "summary", summary: "the summary" }

  test.each([
    ["what its user named it", [custom, ai, summary, user("hi")], "mine"],
    ["else what the model named it", [user("hi"), summary, ai], "the model's"],
    ["else its summary", [user("hi"), summary], "the summary"],
    ["else the first thing its user typed", [user("hi"), user("later")], "hi"],
    ["by its last name", [custom, { ...custom, customTitle: "renamed" }], "renamed"],
    ["not by an empty name", [{ ...custom, customTitle: " \n" }, { ...ai, aiTitle: 7 }, user("hi")], "hi"],
    [
      "by a slash command",
      [user("<command-message>review</command-message>\n<command-name>/review</command-name>")],
      "/review",
    ],
    ["not by /clear", [user("<command-name>/clear</command-name>"), user("hi")], "hi"],
    [
      "not by what the client put there",
      [
        { ...user("meta"), isMeta: true },
        user("Caveat: The messages below"),
        user("<local-command-stdout>x</local-command-stdout>"),
        user("hi"),
      ],
      "hi",
    ],
    ["not by a subagent's orders", [{ ...user("dig"), isSidechain: true }, user("hi")], "hi"],
    [
      "by the words beside a picture",
      [user([{ type: "image" }, { type: "text", text: "what is this?" }])],
      "what is this?",
    ],
    ["on one line", [user("  one\n\ttwo\r\n three\u2028 ")], "one two three"],
    ["in at most 200 characters, none cut in half", [user("😀".repeat(300))], "😀".repeat(200)],
    ["nothing when nothing was typed", [assistant("hello")], null],
  ])("%s", (_, parts, expected) => expect(title(...parts)).toBe(expected))
})

describe("what a transcript holds never reaches the terminal as anything but text", () => {
  let machine: Machine
  beforeEach(() => {
    machine = new Machine()
  })
  afterEach(() => machine.dispose())

  const nasty =
    "a\u001b[31mb\u0007\u001b]0;title\u0007c\u009b32md\u202ee\u2066f\u0000g\u007fh\u200bi\u{e0041}j\r\nk\ud800l"

  test("in status, resume, export and their errors", async () => {
    const cwd = `/work/${nasty.slice(0, -3)}`
    const text = [
      user(nasty),
      assistant("ok"),
      { type: "custom-title", customTitle: nasty },
      { gitBranch: nasty },
    ]
    const lines = text.map((part, number) => record({ ...talk, cwd }, number, part))
    machine.write(machine.transcriptPath(talk.id, "/work/one"), lines.join(""))
    const copy = machine.transcriptPath(talk.id, "/x").replace("projects/-x", "projects/\u001b[31m\u202ex")
    machine.write(copy, lines.join(""))
    for (const args of [
      ["status", "--explain"],
      ["resume"],
      ["resume", talk.id],
      ["export", "--all"],
      [nasty.replace("\u0000", "")],
    ]) {
      const { stdout, stderr } = await machine.run(args)
      for (const shown of [stdout, stderr]) {
        expect(shown.match(/[^\n -~·—…\ufffd]/gu)?.filter((each) => !/^\p{L}$/u.test(each)) ?? []).toEqual([])
      }
    }
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions[0].cwd).toBe(cwd)
    expect(json.sessions[0].title).toContain("\u001b[31mb\u0007")
  })
})
