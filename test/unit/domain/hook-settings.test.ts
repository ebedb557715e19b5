import { describe, expect, test } from "bun:test"
import { registerHooks, unregisterHooks } from "../../../src/domain/client-config/hook-settings.ts"
import { findHooks, hookEvents } from "../../../src/domain/client-config/hooks-in-settings.ts"

const command = (event: string) => `/opt/session-rescue hook ${event} >/dev/null 2>&1 || true`
const register = (text: string | null) => registerHooks(text, command)
const textOf = (edit: ReturnType<typeof register>) => ("text" in edit ? edit.text : `refused: ${edit.why}`)
const theirs = '{ "hooks": [{ "type": "command", "command": "echo \\"]}\\" \\\\" }] }'

const layouts: Record<string, string> = {
  "two spaces": '{\n  "model": "opus",\n  "env": {\n    "A": "{\\"b\\": [1]}"\n  }\n}\n',
  "tabs and no last newline": '{\n\t"model": "opus",\n\t"list": [1,2 , 3]\n}',
  CRLF: '{\r\n    "model": "opus"\r\n}\r\n',
  "one line": '{"model":"opus","a":[]}',
  "one line, spaced": '{ "model": "opus", "a": {} }\n',
  "odd spacing": '\n\n{ "model" : "opus"\n  , "z":1.50e3,\n\n "ä": "\\u00e4" }  \n\n',
  "a hook of another event": `{\n  "hooks": {\n    "Stop": [\n      ${theirs}\n    ]\n  },\n  "last": true\n}\n`,
  "a hook of the same event": `{\n  "hooks": {\n    "PreCompact": [\n      ${theirs}\n    ]\n  }\n}\n`,
  "hooks on one line": `{\n  "hooks": {"SessionEnd": [${theirs}], "SubagentStop": []},\n  "last": true\n}\n`,
  empty: "{}",
}

describe.each(Object.entries(layouts))("settings with %s", (_, before) => {
  const after = textOf(register(before)) ?? ""

  test("hold our hooks afterwards, and all that was in them", () => {
    expect(findHooks(after)).toEqual(hookEvents.map((event) => ({ event, command: command(event) })))
    const [old, now] = [JSON.parse(before), JSON.parse(after)]
    for (const event of hookEvents) {
      const kept = old.hooks?.[event] ?? []
      expect(now.hooks[event].slice(0, kept.length)).toEqual(kept)
      expect(now.hooks[event]).toHaveLength(kept.length + 1)
    }
    expect({ ...now, hooks: null }).toEqual({ ...old, hooks: null })
  })

  test("are changed by insertions only, and the second time not at all", () => {
    let at = 0
    for (const character of before) at = after.indexOf(character, at) + 1
    expect(at).toBeGreaterThan(0)
    expect(textOf(register(after))).toBe(after)
  })

  test("are byte for byte what they were once the hooks are taken out", () => {
    expect(textOf(unregisterHooks(after))).toBe(before)
  })
})

test("an older command of ours is replaced where it stands, not doubled", () => {
  const older = (textOf(register(layouts["a hook of the same event"] ?? "")) ?? "").replaceAll(
    "/opt/",
    "/old/place/",
  )
  const newer = textOf(register(older)) ?? ""
  expect(newer).not.toContain("/old/place/")
  expect(findHooks(newer)).toHaveLength(hookEvents.length)
  expect(newer).toContain(theirs)
})

test("our hook inside somebody's group goes alone", () => {
  const group = `{"hooks":[{"type":"command","command":"mine"},{"type":"command","command":"${command("Stop").replace("Stop", "PreCompact")}"}]}`
  const text = `{"hooks":{"PreCompact":[${group}]}}`
  expect(textOf(unregisterHooks(text))).toBe(
    '{"hooks":{"PreCompact":[{"hooks":[{"type":"command","command":"mine"}]}]}}',
  )
})

test("without a file there is a new one", () => {
  const text = textOf(register(null)) ?? ""
  expect(Object.keys(JSON.parse(text).hooks)).toEqual([...hookEvents])
  expect(textOf(unregisterHooks(text))).toBe("{}\n")
})

test.each([
  ["comments", '{\n  // mine\n  "model": "opus"\n}', "not valid JSON"],
  ["a comma too many", '{"a":1,}', "not valid JSON"],
  ["half of it", '{"a":', "not valid JSON"],
  ["a list", "[]", "not a JSON object"],
  ["hooks of another shape", '{"hooks":[]}', '"hooks" in it is not an object'],
  ["an event of another shape", '{"hooks":{"SessionEnd":{}}}', '"hooks.SessionEnd" in it is not a list'],
  ["hooks twice", '{"hooks":{},"hooks":{}}', '"hooks" twice'],
])("a file with %s is refused", (_, text, why) => {
  expect(register(text)).toEqual({ why: expect.stringContaining(why) })
})
