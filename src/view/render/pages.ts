import type { ShownItem } from "../../operations/search/show.ts"
import {
  documentEnd,
  documentHead,
  type Heading,
  headingTrees,
  type PromptLink,
  pageLinks,
  promptsTree,
} from "./document.ts"
import { documentName, EntryReader, type ShownEntry } from "./entries.ts"
import { entryTree, promptLine, type TreeView } from "./entry-tree.ts"
import { printHtml } from "./html.ts"
import { element, type Tree } from "./tree.ts"

/** Entries on one page: a browser lays it out at once, and a link within it is there. */
const entriesPerPage = 750

/** A file of the session's rendering, complete. */
export interface PageFile {
  readonly name: string
  readonly html: string
}

/** What was rendered: for the list of sessions. */
export interface RenderedSummary {
  readonly messages: number
  readonly pages: number
  readonly damaged: number
  readonly firstPrompt: string | null
}

interface Section {
  /** "": the conversation itself. */
  readonly name: string
  readonly title: string
  first: string
  entries: number
  prompt: string | null
}

/**
 * Renders a session as pages: the conversation, then each subagent's transcript on pages of its own, and an index with
 * the person's prompts. Pages come out as they are complete; a session may be larger than memory.
 */
export class PageRenderer {
  readonly #view: TreeView
  readonly #heading: Heading
  readonly #reader = new EntryReader(() => true)
  readonly #prompts: PromptLink[] = []
  readonly #sections: Section[] = [{ name: "", title: "Conversation", first: "", entries: 0, prompt: null }]
  #body: string[] = []
  #number = 0
  /** The page that waits for the name of its successor. */
  #waiting: { readonly name: string; readonly html: string; readonly before: string | null } | null = null
  #messages = 0
  #pages = 0
  #damaged = 0
  #last = ""

  constructor(heading: Heading, view: TreeView) {
    this.#heading = heading
    this.#view = view
  }

  *read(item: ShownItem): Generator<PageFile> {
    for (const entry of this.#reader.read(item)) yield* this.#entry(entry)
  }

  *end(): Generator<PageFile> {
    for (const entry of this.#reader.end()) yield* this.#entry(entry)
    yield* this.#closePage()
    yield* this.#release(null)
    yield { name: "index.html", html: this.#index() }
  }

  get summary(): RenderedSummary {
    const firstPrompt = this.#prompts[0]?.line ?? null
    return { messages: this.#messages, pages: this.#pages, damaged: this.#damaged, firstPrompt }
  }

  *#entry(entry: ShownEntry): Generator<PageFile> {
    if (entry.type === "document") {
      yield* this.#closePage()
      const name = this.#freeName(documentName(entry.document))
      this.#sections.push({ name, title: entry.document, first: "", entries: 0, prompt: null })
      this.#number = 0
    } else if (this.#body.length >= entriesPerPage) yield* this.#closePage()
    const tree = entryTree(entry, this.#view)
    if (tree === null) return
    if (entry.type === "said" || entry.type === "call") this.#messages++
    if (entry.type === "damaged") this.#damaged++
    this.#note(entry)
    this.#body.push(printHtml(tree))
  }

  #note(entry: ShownEntry): void {
    const section = this.#sections.at(-1)
    if (section === undefined) return
    if (entry.type === "said" || entry.type === "call") section.entries++
    const line = promptLine(entry)
    if (line === null || entry.type !== "said") return
    section.prompt ??= line
    if (section.name === "") this.#prompts.push({ line, href: `${this.#pageName()}#${entry.place}` })
  }

  /** Names of files that differ only in their folder, or in signs that a name cannot have. */
  #freeName(name: string): string {
    const taken = new Set(["index", ...this.#sections.map((each) => each.name)])
    for (let count = 1; ; count++) {
      const free = count === 1 ? name : `${name}-${count}`
      if (!taken.has(free) && !/^page-\d+$/.test(free)) return free
    }
  }

  #pageName(): string {
    const { name } = this.#sections.at(-1) ?? { name: "" }
    const number = this.#number + 1
    if (name === "") return `page-${`${number}`.padStart(3, "0")}.html`
    return number === 1 ? `${name}.html` : `${name}-page-${number}.html`
  }

  *#closePage(): Generator<PageFile> {
    if (this.#body.length === 0) return
    const name = this.#pageName()
    yield* this.#release(name)
    const section = this.#sections.at(-1)
    if (section !== undefined && section.first === "") section.first = name
    const before = this.#pages === 0 ? null : this.#last
    this.#waiting = { name, html: this.#body.join("\n"), before }
    this.#last = name
    this.#body = []
    this.#number++
    this.#pages++
  }

  *#release(next: string | null): Generator<PageFile> {
    const page = this.#waiting
    if (page === null) return
    this.#waiting = null
    const links = pageLinks([
      ...(page.before === null ? [] : [["← Before", page.before] as const]),
      ["All prompts", "index.html"],
      ...(next === null ? [] : [["After →", next] as const]),
    ])
    const head = element("h1", {}, this.#heading.title ?? `Session ${this.#heading.id}`)
    const html = `${documentHead(this.#title())}${printHtml(head)}\n${links}${page.html}\n${links}${documentEnd}`
    yield { name: page.name, html }
  }

  #title(): string {
    return this.#heading.title ?? `Session ${this.#heading.id}`
  }

  #index(): string {
    const [own, ...others] = this.#sections.filter(({ first }) => first !== "")
    const cards = others.map(({ title, first, entries, prompt }) =>
      element(
        "li",
        {},
        element("a", { href: first }, title),
        ` · ${entries} ${entries === 1 ? "entry" : "entries"}`,
        ...(prompt === null ? [] : [element("p", {}, prompt)]),
      ),
    )
    const trees: Tree[] = [
      ...headingTrees(this.#heading),
      element(
        "p",
        { class: "where" },
        `${this.#messages} messages and calls on ${this.#pages} pages`,
        ...(this.#damaged === 0 ? [] : [` · ${this.#damaged} damaged places`]),
      ),
      ...(own === undefined
        ? []
        : [element("p", {}, element("a", { href: own.first }, "Read from the beginning"))]),
      promptsTree(this.#prompts, "Prompts"),
      ...(cards.length === 0
        ? []
        : [
            element("h2", { class: "h2" }, "Subagents and kept output"),
            element("ul", { class: "cards" }, ...cards),
          ]),
    ]
    return `${documentHead(this.#title())}${trees.map(printHtml).join("\n")}\n${documentEnd}`
  }
}
