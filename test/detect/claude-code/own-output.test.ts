/** What this program prints into a session was said elsewhere: which commands print nothing else. */
import { expect, test } from "bun:test"
import { isOwnTool, runsThisProgram } from "../../../src/domain/conversation/own-output.ts"

test.each([
  "session-rescue cxq badger",
  "session-rescue cxq 'a; npm test' --limit 3",
  'cd /x && /usr/local/bin/session-rescue cxq "a b" | head -20',
  "session-rescue cxq --recent 20 || true",
  "NO_COLOR=1 timeout=3 session-rescue show 1234 2>&1 | grep x",
  "for id in 1 2; do session-rescue show $id; done",
  "sudo ./dist/session-rescue-linux-x64 --status",
  "session-rescue --status\nsession-rescue list",
  "echo asking; session-rescue cxq x",
])("%s: nothing else is printed", (command) => expect(runsThisProgram(command)).toBe(true))

test.each([
  "npm test",
  "grep -r session-rescue .",
  "cat session-rescue.md",
  "git commit -m 'session-rescue: mend it'",
  "session-rescue cxq x; npm test",
  "session-rescue export && git status",
  "npm test | session-rescue cxq x",
  "ls && echo session-rescue",
  "cd session-rescue && ls",
  "echo session-rescue",
  "",
])("%s: something else is", (command) => expect(runsThisProgram(command)).toBe(false))

test.each([
  ["mcp__session-rescue__search", null],
  ["mcp_session-rescue_search", null],
  ["session-rescue_search", null],
  ["session-rescue-show", null],
  ["search", "mcp__session_rescue"],
  ["search", "session-rescue"],
])("%s of %s is a tool of this program", (tool, server) => expect(isOwnTool(tool, server)).toBe(true))

test.each([
  ["search", null],
  ["mcp__other__session-rescue", null],
  ["session", "mcp__sessions"],
])("%s of %s is not", (tool, server) => expect(isOwnTool(tool, server)).toBe(false))
