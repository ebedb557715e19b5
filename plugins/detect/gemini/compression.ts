import { type Context, fieldsOf } from "session-rescue"
import { readObject } from "./projects.ts"

/** Of the window (0.61.0, read in its program). A server may set another one, which nothing here tells. */
const usualShare = 0.5

/** Tokens at which the client compresses the context before the next prompt: by the settings of its folder, or its own. */
export function compressesAt(
  ctx: Context,
  {
    home,
    cwd,
    window,
  }: { readonly home: string; readonly cwd: string | null; readonly window: number | null },
): number | null {
  const files = [...(cwd?.startsWith("/") ? [`${cwd}/.gemini/settings.json`] : []), `${home}/settings.json`]
  const quiet = { ...ctx, files: ctx.files.quiet }
  const set = files.flatMap((file) => {
    const { compressionThreshold } = fieldsOf(readObject(quiet, file).model)
    return typeof compressionThreshold === "number" && compressionThreshold > 0 ? [compressionThreshold] : []
  })
  const share = set[0] ?? usualShare
  return window === null || share >= 1 ? null : Math.round(share * window)
}
