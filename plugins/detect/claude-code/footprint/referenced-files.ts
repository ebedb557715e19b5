import {
  type Context,
  type DiskPath,
  type FootprintFile,
  outsideRelative,
  pathKey,
  type Session,
  type SessionId,
  type Tie,
} from "session-rescue"
import { relativeTo } from "./footprint.ts"
import { isOutput, outputsOf } from "./outputs.ts"
import { plansOf } from "./plans.ts"
import { readReferences } from "./read-references.ts"

/** A background command may print endlessly: larger output is listed in the manifest, not copied. */
const maxOutputBytes = 256 << 20

/**
 * Files outside its own footprint that a conversation refers to: its plan, files kept by the session it was
 * forked from, and the output of its background commands. Reads the whole transcript, and is therefore called
 * only when the session is saved.
 */
export async function referencedFiles(session: Session, ctx: Context): Promise<readonly FootprintFile[]> {
  const { id, home, transcript, footprint } = session
  if (id === null) return []
  const listed = new Set(footprint.map(({ path }) => pathKey(path)))
  const found: FootprintFile[] = []
  const add = (path: DiskPath, tie: Tie) => {
    const look = listed.has(pathKey(path)) ? null : ctx.files.stat(path)
    if (look?.kind !== "file") return
    listed.add(pathKey(path))
    const { kind, size, modifiedAt } = look
    found.push({ path, relative: relativeTo(home, path), kind, size, modifiedAt, tie })
  }
  const { kept, outputs, slugs } = await readReferences(ctx, transcript, id)
  for (const relative of kept) add(`${home}/${relative}`, "kept")
  for (const plan of plansOf(ctx, home, slugs)) add(plan, "plan")
  return [...found, ...listOutputs(ctx, id, outputs)]
}

/** A missing output that the transcript names is listed too, so that the manifest can name it. */
function listOutputs(ctx: Context, id: SessionId, named: ReadonlySet<string>): FootprintFile[] {
  const paths = new Set([...outputsOf(ctx, id), ...[...named].filter(isOutput)])
  return [...paths].flatMap((path) => {
    const look = ctx.files.stat(path)
    if (look !== null && (look.kind !== "file" || look.owner !== ctx.self.uid)) return [] // a link leads to a subagent's transcript
    const { size, modifiedAt } = look ?? { size: 0, modifiedAt: 0 }
    const file = {
      path,
      relative: outsideRelative(path),
      kind: "file",
      size,
      modifiedAt,
      tie: "output",
    } as const
    const skipReason = `it is larger than ${maxOutputBytes >> 20} MB: copy it yourself`
    return [size > maxOutputBytes ? { ...file, skipReason } : file]
  })
}
