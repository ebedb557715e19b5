/** A transcript holds what others wrote: whatever it is, an HTML file of it runs nothing, fetches nothing, sends nothing. */
import { describe, expect, test } from "bun:test"
import type { Part } from "../../../../src/domain/conversation/message-part.ts"
import type { ShownItem } from "../../../../src/operations/search/show.ts"
import type { TreeView } from "../../../../src/view/render/entry-tree.ts"
import { oneDocument } from "../../../../src/view/render/one-document.ts"
import { PageRenderer } from "../../../../src/view/render/pages.ts"
import { treeAttributes, treeTags } from "../../../../src/view/render/tree.ts"
import { renderingList } from "../../../../src/view/share/rendered.ts"
import { hostile } from "../../../fixtures/talk/hostile.ts"

const kinds: readonly Omit<Part, "text">[] = [
  { kind: "text", role: "user" },
  { kind: "text", role: "assistant" },
  { kind: "thinking", role: "assistant" },
  { kind: "summary", role: "assistant" },
  { kind: "title", role: "system" },
  { kind: "attachment", role: "user" },
  { kind: "tool_result", role: "tool" },
  { kind: "text", role: "system", isError: true },
]

function itemsOf(text: string): ShownItem[] {
  const part = (said: Part, offset: number): ShownItem => ({
    ...{ type: "part", part: said, time: 1, model: text, subagent: text, session: text },
    ...{ document: "", offset, length: 9 },
  })
  const picture = { media: `image/svg+xml" onload="alert(1)`, data: text }
  const edit = { path: text, before: "a", after: text }
  return [
    ...kinds.map((kind, index) => part({ ...kind, text, pictures: () => [picture] }, index)),
    part({ kind: "tool_use", role: "assistant", tool: text, text, command: text, call: text }, 20),
    part({ kind: "tool_result", role: "tool", text: `${text}\nagentId: x`, call: text }, 21),
    part({ kind: "tool_use", role: "assistant", tool: "Edit", text, edits: () => [edit] }, 22),
    part({ kind: "tool_use", role: "assistant", tool: "apply_patch", text: `*** Begin Patch\n+${text}` }, 23),
    { type: "damaged", document: text, offset: 30, length: 5, why: text },
    { type: "document", document: text, form: "records" },
    part({ kind: "text", role: "user", text }, 40),
  ]
}

/** Both forms in which a session is rendered. */
async function renderAll(items: readonly ShownItem[], title: string) {
  const list = renderingList([
    {
      ...{ format: "session-rescue-rendering", id: "01e5af14", agent: title, title, firstPrompt: title },
      ...{ renderedAt: "2026-01-01T00:00:00Z", messages: 1, pages: 1, damaged: 1, shared: true, files: [] },
    },
  ])
  let one = ""
  for await (const html of oneDocument(iterate(items), headingOf(title), viewOf(title))) one += html
  return [...render(items, title), { name: "one.html", html: one }, { name: "index.html", html: list }]
}

async function* iterate(items: readonly ShownItem[]): AsyncGenerator<ShownItem> {
  yield* items
}

const headingOf = (title: string) => ({ id: "01e5af14", title, where: title, resume: title })
const viewOf = (title: string): TreeView => ({
  agent: title,
  detail: "all",
  hit: null,
  linkTo: () => "agent-x.html",
})

function render(items: readonly ShownItem[], title: string) {
  const renderer = new PageRenderer(headingOf(title), viewOf(title))
  return [...items.flatMap((item) => [...renderer.read(item)]), ...renderer.end()]
}

/** Every element and attribute of a document, as a browser's parser sees them. */
async function elementsIn(html: string): Promise<{ tag: string; attributes: [string, string][] }[]> {
  const found: { tag: string; attributes: [string, string][] }[] = []
  const rewriter = new HTMLRewriter().on("*", {
    element: (each) =>
      void found.push({ tag: each.tagName, attributes: [...each.attributes] as [string, string][] }),
  })
  await rewriter.transform(new Response(html)).text()
  return found
}

const shell = ["html", "head", "meta", "title", "style", "body"]
const shellAttributes = ["charset", "http-equiv", "content", "name", "rel"]

describe.each(hostile.map((text) => [text.slice(0, 60), text]))("%s", (_, text) => {
  test("is text, wherever it stands", async () => {
    const files = await renderAll(itemsOf(text), text)
    expect(files.length).toBeGreaterThan(2)
    for (const { name, html } of files) {
      expect(name).toMatch(/^[\w-]+\.html$/)
      const found = await elementsIn(html)
      const unknown = found.filter(({ tag }) => ![...treeTags, ...shell].some((known) => known === tag))
      expect(unknown).toEqual([])
      expect(found.filter(({ tag }) => shell.includes(tag)).length).toBe(10) // html head 5×meta title style body
      for (const each of found)
        for (const [attribute, value] of each.attributes) checkAttribute(each.tag, attribute, value)
      expect(html.match(/[\u0000-\u0008\u001b\u200b\u202a-\u202e\u2066-\u2069]/)).toBeNull()
    }
  })
})

function checkAttribute(tag: string, attribute: string, value: string): void {
  expect([...treeAttributes, ...shellAttributes] as string[]).toContain(attribute)
  if (attribute === "href")
    expect(value).toMatch(/^(?:https?:\/\/|mailto:|#|(?:01e5af14\/)?[\w-]+\.html(?:#|$))/i)
  if (attribute === "src") expect(value).toMatch(/^data:image\/(?:png|jpeg|gif|webp);base64,/)
  if (tag === "meta") expect(value).not.toContain("refresh")
}

test("a line of 10 MB is rendered, as text", () => {
  const text = `${"<b>&*_[`x".repeat(1_200_000)}\u202E`
  for (const item of itemsOf("x").filter(
    (each) => each.type === "part" && [1, 6, 22].includes(each.offset),
  )) {
    if (item.type !== "part") continue
    const part = { ...item.part, text, edits: () => [{ path: "x", before: "a", after: text }] }
    const { edits: _, ...plain } = part
    const files = [part, plain].flatMap((each) => render([{ ...item, part: each, subagent: null }], "long"))
    expect(files.some(({ html }) => html.includes("&lt;b&gt;&amp;*_[`x&lt;b"))).toBe(true)
  }
})

test("pictures are shown when they are pictures", () => {
  const shown = (media: string, data = "iVBORw0KGgo=") => {
    const item = itemsOf("x")[0] as ShownItem & { type: "part" }
    const part = { ...item.part, pictures: () => [{ media, data }] }
    return render([{ ...item, part }], "t").some(({ html }) => html.includes("<img src="))
  }
  expect(["image/png", "image/jpeg", "image/gif", "image/webp"].map((media) => shown(media))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(["image/svg+xml", "text/html", "image/png;x"].map((media) => shown(media))).toEqual([
    false,
    false,
    false,
  ])
  expect(shown("image/png", '"onload="x')).toBe(false)
})

test("a link that a browser may follow is one", () => {
  const files = render(itemsOf("[site](https://example.com/a?b=c&d=e#f)"), "t")
  expect(files[0]?.html).toContain(
    '<a href="https://example.com/a?b=c&amp;d=e#f" title="https://example.com/a?b=c&amp;d=e#f" rel="noopener noreferrer">site</a>',
  )
})
