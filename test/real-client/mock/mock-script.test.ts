import { expect, test } from "bun:test"
import { type Message, stepFor } from "./mock-script.ts"

const prompt = (content: string): Message => ({ role: "user", content })
const result: Message = { role: "user", content: [{ type: "tool_result" }] }

test("a prompt without directives gets a text", () => {
  expect(stepFor([prompt("hello")])).toEqual({ do: "text" })
})

test("each tool result asks for the next step", () => {
  const script = prompt('go @@repeat 2 @@tool Bash {"command":"true"} @@hang')
  expect(stepFor([script])).toEqual({ do: "tool", name: "Bash", input: '{"command":"true"}' })
  expect(stepFor([script, result])).toMatchObject({ do: "tool" })
  expect(stepFor([script, result, result])).toEqual({ do: "hang" })
  expect(stepFor([script, result, result, result])).toEqual({ do: "text" })
})

test("directives inside a tool's input are for the subagent", () => {
  const input = '{"prompt":"dig } \\" @@hang"}'
  expect(stepFor([prompt(`go @@tool Task ${input}`)])).toEqual({ do: "tool", name: "Task", input })
})
