import type { VerifyReport } from "../../operations/exports/verify.ts"
import { schemaVersion } from "../terminal/json.ts"

export function verifyDocument({ verified, interrupted }: VerifyReport, warnings: readonly string[]) {
  return {
    schemaVersion,
    exports: verified.map(({ entry, state, problems, bytes, files, sums }) => ({
      id: entry.id,
      place: entry.place,
      state,
      path: entry.path,
      bytes,
      files,
      problems,
      sums: sums.map(({ path, sha256, md5 }) => ({ path, sha256, ...(md5 === null ? {} : { md5 }) })),
    })),
    interrupted,
    warnings,
  }
}
