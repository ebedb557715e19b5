import { gunzipSync } from "node:zlib"
import { RescueError } from "../../domain/errors.ts"

/** The page, gzip'd and in base64; put in by the build. */
declare const SESSION_RESCUE_PAGE: string | undefined

export function readPage(): string {
  if (typeof SESSION_RESCUE_PAGE !== "string")
    throw new RescueError("INTERNAL", "the page is part of the compiled program only", "npm run build")
  return gunzipSync(Buffer.from(SESSION_RESCUE_PAGE, "base64")).toString("utf8")
}
