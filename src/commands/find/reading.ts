import type { Readable, ShownItem } from "../../operations/search/show.ts"
import { asShownByClient, lastMessages } from "../../operations/search/shown-items.ts"
import type { Redactor } from "../../operations/share/redactor.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { Heading } from "../../view/render/document.ts"
import { documentName, isHit } from "../../view/render/entries.ts"
import type { TreeView } from "../../view/render/entry-tree.ts"
import { describeSource } from "../../view/search/show.ts"
import type { Parsed } from "../framework/command.ts"
import { usageError } from "../framework/flag-values.ts"

/** The flags of every command that makes something to be handed out. */
export const shareFlags = {
  share: {
    type: "boolean",
    description: "For others to read: black out secrets (best effort), ~ for the home folder",
  },
  strict: { type: "boolean", description: "With --share: exit 1 if anything looked like a secret" },
} as const

export function checkShareFlags({ flags }: Parsed): void {
  if (flags.has("strict") && !flags.has("share"))
    throw usageError(
      "--strict goes with --share",
      "add --share, or list them: session-rescue secrets SESSION --strict",
    )
}

/** As the client shows it, unless everything is asked for; a hit is shown in any case. */
export function selectItems(
  session: Readable,
  { flags }: Parsed,
  last: number | null,
): AsyncGenerator<ShownItem> {
  const { items, hit } = session
  const shown = flags.has("all-parts") ? items : asShownByClient(items, (item) => isHit(item, hit))
  const chosen = last === null ? shown : lastMessages(shown, last)
  return flags.has("no-tools") ? filterItems(chosen, (item) => isSpoken(item) || isHit(item, hit)) : chosen
}

async function* filterItems(
  items: AsyncGenerator<ShownItem>,
  keep: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  for await (const item of items) if (keep(item)) yield item
}

function isSpoken(item: ShownItem): boolean {
  if (item.type === "document") return item.form === "records"
  return item.type !== "part" || !["tool_use", "tool_result"].includes(item.part.kind)
}

/** How a session is rendered to HTML: `pages`, or all of it in one file. */
export async function readingView(
  session: Readable,
  { flags }: Parsed,
  redactor: Redactor | null,
  form: "pages" | "one",
): Promise<{ readonly heading: Heading; readonly view: TreeView }> {
  const shown = (text: string) => (redactor === null ? text : redactor.name(text))
  const { id, agent, hit } = session
  const title = await session.title()
  const names = new Set(session.documents.map(documentName))
  const heading: Heading = {
    id,
    title: title === null ? null : shown(title),
    where: redactor === null ? describeSource(session) : "secrets blacked out, best effort",
    resume: redactor === null ? `session-rescue resume ${id}` : null,
  }
  const linkTo = (name: string) => (!names.has(name) ? null : form === "pages" ? `${name}.html` : `#${name}`)
  const detail = flags.has("all-parts") ? "all" : flags.has("no-tools") ? "conversation" : "tools"
  return { heading, view: { agent, detail, hit, linkTo } }
}

/** The person's home, and what it is where links are followed. */
export function homesOf({ home }: Paths, ctx: RunContext): readonly string[] {
  const real = ctx.files.quiet.real(home)
  return real === null || real === home ? [home] : [home, real]
}
