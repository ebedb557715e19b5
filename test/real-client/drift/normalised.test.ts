import { describe, expect, test } from "bun:test"
import { commandsIn } from "./help.ts"
import { fieldName, normalised, normalisedWord, type Place } from "./normalised.ts"
import { recordName, shapeOf } from "./shape.ts"

const root = "/tmp/sr.aB3xYz/tmp/rescue-Qw7rTy"
const place: Place = {
  root,
  home: `${root}/home`,
  executable: "/x/node_modules/c-linux-x64/claude",
  version: "2.1.332",
}
const id = "5be152bc-0a1b-4c2d-8e3f-0123456789ab"

describe("names in place of what they name", () => {
  test.each([
    [
      `${root}/home/.claude/projects/-tmp-sr-aB3xYz-tmp-rescue-Qw7rTy-work-talk/${id}.jsonl`,
      "HOME/.claude/projects/SLUG/ID.jsonl",
    ],
    [`${root}/home/.claude/sessions/2341.json`, "HOME/.claude/sessions/N.json"],
    [`${root}/home/.claude/jobs/5be152bc/state.json`, "HOME/.claude/jobs/SHORT/state.json"],
    [`${root}/home/.claude/file-history/${id}/0123456789abcdef@v2`, "HOME/.claude/file-history/ID/HASH@vN"],
    ["/tmp/cc-daemon-0/12ab34cd/control.sock", "/tmp/cc-daemon-N/SHORT/control.sock"],
    [`${root}/work/talk`, "ROOT/work/talk"],
    ["/x/node_modules/c-linux-x64/claude", "CLIENT"],
    [`${root}/bin/claude`, "CLIENT"],
    ["toolu_mock_12.txt", "toolu_ID.txt"],
    ["/ID/tool-results/b1zlo2w9q.txt", "/ID/tool-results/RANDOM.txt"],
    ["/ID/tasks/bszabcdef.output", "/ID/tasks/RANDOM.output"],
    ["snapshot-bash-1795328768473-x9fsyw.sh", "snapshot-bash-N-RANDOM.sh"],
    ["mcp-logs-m/2026-11-27T13-28-14-078Z.jsonl", "mcp-logs-m/TIME.jsonl"],
    ["2026-11-27T13:28:14.078Z", "TIME"],
    ["/versions/2.1.332", "/versions/VERSION"],
  ])("%s is %s", (text, shown) => {
    expect(normalised(text, place)).toBe(shown)
  })

  test("a word of a command line that somebody said is TEXT", () => {
    expect(normalisedWord("look into it @@hang", place)).toBe("TEXT")
    expect(normalisedWord('{"cwd":"/x"}', place)).toBe("TEXT")
    expect(normalisedWord("--bg-pty-host", place)).toBe("--bg-pty-host")
  })

  test("a field's name that is data is *", () => {
    const data = [`${root}/a.txt`, id, "12", "claude-opus-4-20250101", "d41d8cd98f00b204"]
    for (const name of data) expect([name, fieldName(name)]).toEqual([name, "*"])
    for (const name of ["cwd", "input_tokens", "hasTrustDialogAccepted", "api-request"])
      expect(fieldName(name)).toBe(name)
  })
})

describe("the shape of an object", () => {
  test("fields with their types, one level down, and the parts of a list by their type", () => {
    const record = {
      type: "assistant",
      cwd: "/home/somebody/secret",
      parentUuid: null,
      message: {
        role: "assistant",
        stop_reason: "end_turn",
        content: [{ type: "text", text: "secret" }],
        usage: { input_tokens: 3 },
      },
      names: ["secret"],
    }
    expect(shapeOf(record)).toEqual([
      "type: string",
      "cwd: string",
      "parentUuid: null",
      "message: object",
      "message.role: string",
      'message.stop_reason: "end_turn"',
      "message.content: list",
      "message.content[text].text: string",
      "message.usage: object",
      "names: list",
    ])
  })

  test("of what somebody said, nothing is kept: not as a value, not as a key, not as a type", () => {
    const said = {
      status: "I said this! To you",
      kind: "/home/somebody",
      files: { "/home/somebody/x": { at: 1 } },
      parts: [{ type: "my own words, all of them" }],
    }
    const kept = JSON.stringify([shapeOf(said), recordName({ type: "Oh, I say: no", subtype: 7 })])
    expect(kept).not.toMatch(/said|somebody|own words|say/)
  })

  test("values are kept of those fields only that are small sets", () => {
    expect(shapeOf({ status: "waiting", waitingFor: "permission prompt", name: "proj" })).toEqual([
      'status: "waiting"',
      'waitingFor: "permission prompt"',
      "name: string",
    ])
  })

  test("a record is named by its type, and by what that leaves open", () => {
    expect(recordName({ type: "user" })).toBe("user")
    expect(recordName({ type: "system", subtype: "turn_duration" })).toBe("system/turn_duration")
    expect(recordName({ type: "attachment", attachment: { type: "skill_listing" } })).toBe(
      "attachment/skill_listing",
    )
    expect(recordName({ type: "queue-operation", operation: "enqueue" })).toBe("queue-operation/enqueue")
  })
})

test("subcommands and options are read from --help", () => {
  const help = `Usage: claude [options] [command] [prompt]

Options:
  --bg, --background                    Start the session in the background and
                                        take; \`claude agents\` lists them. With --x
  -p, --print                           Print and exit
      --debug [filter]                  Debug

Commands:
  agents [options]                      Manage background agents
  stop|kill <id>                        Stop a background session. Its
                                        conversation is kept
  help [command]                        Help
`
  expect(commandsIn(help)).toEqual(["agents", "stop|kill", "--bg, --background", "-p, --print", "--debug"])
})
