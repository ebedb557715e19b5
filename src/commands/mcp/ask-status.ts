import { detectAll } from "../../pipeline/detect.ts"
import { listNarrowed } from "../../pipeline/listing/list-sessions.ts"
import { askedStatusDocument } from "../../view/mcp/status.ts"
import type { Environment } from "../framework/environment.ts"
import { parseNarrowing } from "../framework/narrow-flags.ts"
import type { StatusQuestion } from "./inputs.ts"
import { typedAs } from "./typed.ts"

export async function answerStatus(
  { maxTokens, ...given }: StatusQuestion,
  { ctx, warnings }: Environment,
): Promise<object> {
  const narrowing = parseNarrowing(typedAs(given), ctx)
  const found = await detectAll(ctx, narrowing.agent)
  const list = await listNarrowed(found, narrowing, ctx, { all: false })
  return askedStatusDocument(list, { found: found.length, maxTokens, warnings })
}
