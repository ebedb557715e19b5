/** What models read: recorded text is marked as data, and no control character of it gets through. */
import { expect, test } from "bun:test"
import { forbidden, untrustedSamples, untrustedText } from "../untrusted-samples.ts"
import { answersToModels, handoffText } from "./asked-views.ts"

test("an answer to a model is one JSON document that begins by saying what it is", async () => {
  for (const text of [...untrustedSamples, untrustedText])
    for (const answer of await answersToModels(text)) {
      expect([text, forbidden.exec(answer)]).toEqual([text, null])
      expect(answer).not.toContain("\n")
      expect(Object.keys(JSON.parse(answer))[0]).toBe("note")
    }
})

test("a handoff is plain Markdown: no control character, and no heading but its own", () => {
  const headings = (text: string) => text.match(/^#{1,2} .*$/gm)
  const own = headings(handoffText("plain"))
  for (const text of [...untrustedSamples, untrustedText, "# one\n## two\n```\n# three"]) {
    const written = handoffText(text)
    expect([text, forbidden.exec(written)]).toEqual([text, null])
    expect(headings(withoutFences(written))).toEqual(own)
  }
})

/** A fence ends at a line of its own length only. */
function withoutFences(text: string): string {
  return text.replace(/^(`{3,})$[\s\S]*?^\1$/gm, "")
}
