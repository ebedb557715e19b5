import { openReadable } from "../../operations/search/show.ts"
import { openAround, readHit } from "../../operations/search/show-hit.ts"
import { asShownByClient, lastMessages, shortened } from "../../operations/search/shown-items.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import { askedConversation } from "../../view/mcp/conversation.ts"
import { isHit } from "../../view/render/entries.ts"
import type { Environment } from "../framework/environment.ts"
import type { ShowQuestion } from "./inputs.ts"

export async function answerShow(
  { session, last, around, tools, maxTokens }: ShowQuestion,
  { paths, ctx, warnings }: Environment,
): Promise<object> {
  const hit = around === undefined ? null : readHit(`${around}`, paths)
  const id = await resolveId(session, "show", paths, ctx)
  const opened = hit === null ? await openReadable(id, paths, ctx) : await openAround(id, hit, paths, ctx)
  const seen = asShownByClient(shortened(opened.items), (item) => isHit(item, opened.hit))
  const items = hit === null ? lastMessages(seen, last) : seen
  return askedConversation({ ...opened, items }, { tools, maxTokens, warnings })
}
